/** Sums partial results in a fixed order. */
import type { Kernel } from "../gpu/kernel.ts";
import { rangeOf, type Recorder } from "../gpu/recorder.ts";
import type { Tensor, TensorRange } from "../gpu/tensor.ts";

const sumSlicesKernel: Kernel = {
  name: "sum_slices",
  params: ["count", "slices", "accumulate"],
  bindings: { partials: "read", total: "read_write" },
};

/** total[i] = Σ partials[s][i] over the slices s in order; partials: [slices, count·4], total: count vec4s. */
export function sumSlices(
  rec: Recorder,
  partials: Tensor,
  total: Tensor | TensorRange,
  slices: number,
  accumulate = false,
): void {
  const count = rangeOf(total).size / 16;
  rec.dispatch(sumSlicesKernel, { partials, total }, {
    params: { count, slices, accumulate: Number(accumulate) },
    invocations: count,
  });
}

/** Cuts `total` units of work into at most `wanted` slices of equal size (the last may be shorter). */
export function slicesOf(total: number, wanted: number): { slices: number; each: number } {
  const each = Math.ceil(total / Math.max(1, Math.min(wanted, total)));
  return { slices: Math.ceil(total / each), each };
}
