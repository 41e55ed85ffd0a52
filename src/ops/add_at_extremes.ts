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
  bindings: { x: "read", base: "read", r: "read", y: "read_write" },
  types: { correction4: ["r"] },
};
const correctionGrad: Kernel = {
  name: "add_at_extremes_grad",
  params: ["count", "accumulate"],
  bindings: { dy: "read", x: "read", activated: "read", dr: "read_write" },
  includes: ["activation"],
};

/**
 * y = base where 0 < x < 1, else base + r, for three tensors of one shape, each channel by itself: a value of x at either end of the range may be a
 * hole that salt-and-pepper noise left, any other is a good one, for which base keeps its bits. x, which only decides, gets no gradient, and neither
 * does what is in `withoutGradient`.
 */
export function addAtExtremes(
  rec: Recorder,
  x: Tensor,
  base: Tensor,
  r: Tensor,
  name = "addAtExtremes",
  withoutGradient: ReadonlySet<Tensor> = new Set(),
): Tensor {
  for (const other of [base, r]) {
    if (x.shape.join() !== other.shape.join() || r === x || r === base) {
      const given = [x, base, r].map(({ shape }) => formatShape(shape)).join(", ");
      throw new GpuError(
        `Cannot record addAtExtremes "${name}": it takes tensors of one shape and a correction that is none of the others, not ${given}`,
      );
    }
  }
  const y = rec.tensor(x.shape, name);
  const count = vec4sOf(y);
  rec.within(name, () => {
    rec.dispatch(forward, { x, base, r, y }, { params: { count }, invocations: count });
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
      if (!withoutGradient.has(base)) writeAddGradient(rec, base, dy);
    });
  });
  return y;
}
