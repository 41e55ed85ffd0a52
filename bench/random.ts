/** Inputs of the benches. */
import { Random } from "../src/base/random.ts";
import { sizeOf } from "../src/tensor/shape.ts";

/** Uniform values in 0..1. */
export function uniform(shape: readonly number[], seed = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: sizeOf(shape) }, () => random.uniform());
}
