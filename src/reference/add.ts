/** Element-wise sum, float64. Its gradient is `dy` for either side, so there is no function for it. */
import { formatShape } from "../tensor/shape.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

/**
 * a + b, of the same shape.
 * @throws {RangeError} when the shapes differ.
 */
export function add(a: Tensor64, b: Tensor64): Tensor64 {
  if (a.shape.some((extent, axis) => extent !== b.shape[axis])) {
    throw new RangeError(`Cannot add: ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
  }
  return tensor64(a.shape, a.data.map((value, i) => value + b.data[i]));
}
