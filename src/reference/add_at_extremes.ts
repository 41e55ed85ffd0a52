/** Correction of the values at either end of 0..1, float64. */
import { add } from "./add.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

const isGood = (value: number) => value > 0 && value < 1;

/**
 * x where 0 < x < 1, else x + correction.
 * @throws {RangeError} when the shapes differ.
 */
export function addAtExtremes(x: Tensor64, correction: Tensor64): Tensor64 {
  const { shape, data } = add(x, correction);
  return tensor64(shape, data.map((sum, i) => isGood(x.data[i]) ? x.data[i] : sum));
}

/** Gradients of both terms: dy for x (the choice between the two has none), and dy where x is extreme for the correction. */
export function addAtExtremesGradients(x: Tensor64, dy: Tensor64): { x: Tensor64; correction: Tensor64 } {
  return { x: dy, correction: tensor64(dy.shape, dy.data.map((value, i) => isGood(x.data[i]) ? 0 : value)) };
}
