/** A correction that reaches only the values at either end of 0..1, or the pixels that are wholly there. */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape, paddedChannels } from "../tensor/shape.ts";
import { slopeOf } from "./activation.ts";
import { writeAddGradient } from "./add.ts";

const forward: Kernel = {
  name: "add_at_extremes",
  params: ["count", "c4", "channels"],
  bindings: { x: "read", base: "read", r: "read", y: "read_write" },
  includes: ["extremes"],
  types: { correction4: ["r"] },
};
const correctionGrad: Kernel = {
  name: "add_at_extremes_grad",
  params: ["count", "c4", "channels", "accumulate"],
  bindings: { dy: "read", x: "read", activated: "read", dr: "read_write" },
  types: { gradient4: ["dy"], activated4: ["activated"], result4: ["dr"] },
  includes: ["activation", "extremes"],
};

/** Which values of a picture are extreme: each that is ≤ 0 or ≥ 1, or those of holes, pixels whose channels are all ≤ 0 or all ≥ 1. */
export type Extremes = "values" | "holes";

/**
 * y = base + r where x is extreme, else base, for three tensors [N,H,W,C] of one shape: salt-and-pepper noise may have left an extreme; for what is none base
 * keeps its bits. x, which only decides, gets no gradient, and neither does what is in `withoutGradient`.
 */
export function addAtExtremes(
  rec: Recorder,
  x: Tensor,
  base: Tensor,
  r: Tensor,
  extremes: Extremes,
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
  const channels = x.shape[3];
  const params = { count, c4: paddedChannels(channels) / 4, channels };
  const WHOLE = Number(extremes === "holes");
  rec.within(name, () => {
    rec.dispatch(forward, { x, base, r, y }, { params, constants: { WHOLE }, invocations: count });
    rec.gradient(y, (dy) => {
      if (!withoutGradient.has(r)) {
        const { gradient, accumulate } = rec.gradientOf(r);
        const { activated, constants } = slopeOf(r, dy);
        rec.dispatch(correctionGrad, { dy, x, activated, dr: gradient }, {
          params: { ...params, accumulate: Number(accumulate) },
          constants: { ...constants, WHOLE },
          invocations: count,
        });
      }
      if (!withoutGradient.has(base)) writeAddGradient(rec, base, dy);
    });
  });
  return y;
}
