/** Inputs of the benches. */
import { Random } from "../src/base/random.ts";
import { sizeOf } from "../src/tensor/shape.ts";

/** Values that are drawn: a prime, so that no row repeats with them. Drawing each value of a large image takes seconds, many times in a bench. */
const DRAWN = 65_521;

/** Uniform values in 0..1, the first of them over and over where there are many. */
export function uniform(shape: readonly number[], seed = 1): Float32Array {
  const random = new Random(seed);
  const values = new Float32Array(sizeOf(shape));
  const drawn = Math.min(values.length, DRAWN);
  for (let i = 0; i < drawn; i++) values[i] = random.uniform();
  for (let at = drawn; at < values.length; at *= 2) {
    values.copyWithin(at, 0, Math.min(at, values.length - at));
  }
  return values;
}
