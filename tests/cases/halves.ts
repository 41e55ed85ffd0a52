/** Values that f16 holds exactly, so that no side of a comparison has to round its inputs. */
import { type Tensor64, tensor64 } from "../../src/reference/tensor64.ts";
import { fromFloat16, toFloat16 } from "../../src/tensor/float16.ts";

/** The nearest halves. */
export const rounded = (values: Float32Array) => fromFloat16(toFloat16(values));
/** The same of a tensor. */
export const halves = ({ shape, data }: Tensor64) => tensor64(shape, rounded(Float32Array.from(data)));
