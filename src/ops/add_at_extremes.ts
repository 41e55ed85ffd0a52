/** A correction that reaches only the values at either end of 0..1. */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape } from "../tensor/shape.ts";
import { slopeOf } from "./activation.ts";
import { writeAddGradient } from "./add.ts";

const forward: Kernel = {
  name: "add_at_extremes",
  params: ["count"],
  bindings: { x: "read", r: "read", y: "read_write" },
  types: { correction4: ["r"] },
};
const correctionGrad: Kernel = {
  name: "add_at_extremes_grad",
  params: ["count", "accumulate"],
  bindings: { dy: "read", x: "read", activated: "read", dr: "read_write" },
  includes: ["activation"],
};

/**
 * y = x where 0 < x < 1, else x + r, for two tensors of one shape, each channel by itself: a value at either end of the range may be a hole that
 * salt-and-pepper noise left, any other is a good one and keeps its bits. No gradient goes to those in `withoutGradient` (the image, say).
 */
export function addAtExtremes(
  rec: Recorder,
  x: Tensor,
  r: Tensor,
  name = "addAtExtremes",
  withoutGradient: ReadonlySet<Tensor> = new Set(),
): Tensor {
  if (x.shape.join() !== r.shape.join() || x === r) {
    throw new GpuError(
      `Cannot record addAtExtremes "${name}": it takes two tensors of one shape, not ${
        formatShape(x.shape)
      } and ${x === r ? "itself" : formatShape(r.shape)}`,
    );
  }
  const y = rec.tensor(x.shape, name);
  const count = vec4sOf(y);
  rec.within(name, () => {
    rec.dispatch(forward, { x, r, y }, { params: { count }, invocations: count });
    rec.gradient(y, (dy) => {
      if (!withoutGradient.has(r)) {
        const { gradient, accumulate } = rec.gradientOf(r);
        const { activated, constants } = slopeOf(r, dy);
        rec.dispatch(correctionGrad, { dy, x, activated, dr: gradient }, {
          params: { count, accumulate: Number(accumulate) },
          constants,
          invocations: count,
        });
      }
      // Which of the two was taken has no gradient, so x gets what it would get from a sum.
      if (!withoutGradient.has(x)) writeAddGradient(rec, x, dy);
    });
  });
  return y;
}
