/** Correction of a picture's extremes, float64. */
import { add } from "./add.ts";
import { extremesOf } from "./extremes.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

/**
 * base + correction where x is extreme, else base.
 * @throws {RangeError} when the shapes of base and correction differ.
 */
export function addAtExtremes(
  x: Tensor64,
  base: Tensor64,
  correction: Tensor64,
  which: "values" | "holes",
): Tensor64 {
  const { shape, data } = add(base, correction);
  const extreme = extremesOf(x, which);
  return tensor64(shape, data.map((sum, i) => extreme[i] ? sum : base.data[i]));
}

/** Gradients: dy for base, and dy where x is extreme for the correction; x has none. */
export function addAtExtremesGradients(
  x: Tensor64,
  dy: Tensor64,
  which: "values" | "holes",
): { base: Tensor64; correction: Tensor64 } {
  const extreme = extremesOf(x, which);
  return { base: dy, correction: tensor64(dy.shape, dy.data.map((value, i) => extreme[i] ? value : 0)) };
}
