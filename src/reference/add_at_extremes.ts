/** Correction of the values at either end of 0..1, float64. */
import { add } from "./add.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

const isGood = (value: number) => value > 0 && value < 1;

/**
 * base where 0 < x < 1, else base + correction.
 * @throws {RangeError} when the shapes of base and correction differ.
 */
export function addAtExtremes(x: Tensor64, base: Tensor64, correction: Tensor64): Tensor64 {
  const { shape, data } = add(base, correction);
  return tensor64(shape, data.map((sum, i) => isGood(x.data[i]) ? base.data[i] : sum));
}

/** Gradients: dy for base, and dy where x is extreme for the correction; x has none. */
export function addAtExtremesGradients(
  x: Tensor64,
  dy: Tensor64,
): { base: Tensor64; correction: Tensor64 } {
  return {
    base: dy,
    correction: tensor64(dy.shape, dy.data.map((value, i) => isGood(x.data[i]) ? 0 : value)),
  };
}
