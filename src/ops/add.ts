/** Residual add. */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape } from "../tensor/shape.ts";
import { slopeOf } from "./activation.ts";

const addKernel: Kernel = {
  name: "add",
  params: ["count"],
  bindings: { a: "read", b: "read", y: "read_write" },
};
const addGrad: Kernel = {
  name: "add_grad",
  params: ["count", "accumulate"],
  bindings: { dy: "read", activated: "read", dx: "read_write" },
  includes: ["activation"],
};

/** y = a + b for two tensors of one shape. No gradient goes to those in `withoutGradient` (the image, say). */
export function add(
  rec: Recorder,
  a: Tensor,
  b: Tensor,
  name = "add",
  withoutGradient: ReadonlySet<Tensor> = new Set(),
): Tensor {
  if (a.shape.join() !== b.shape.join()) {
    throw new GpuError(
      `Cannot record add "${name}": its terms are ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  const y = rec.tensor(a.shape, name);
  const count = vec4sOf(y);
  rec.within(name, () => {
    rec.dispatch(addKernel, { a, b, y }, { params: { count }, invocations: count });
    rec.gradient(y, (dy) => {
      for (const x of [a, b]) {
        if (withoutGradient.has(x)) continue;
        const { gradient, accumulate } = rec.gradientOf(x);
        const { activated, constants } = slopeOf(x, dy);
        rec.dispatch(addGrad, { dy, activated, dx: gradient }, {
          params: { count, accumulate: Number(accumulate) },
          constants,
          invocations: count,
        });
      }
    });
  });
  return y;
}
