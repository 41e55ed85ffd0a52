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
  types: { a4: ["a"], b4: ["b"], result4: ["y"] },
};
const addGrad: Kernel = {
  name: "add_grad",
  params: ["count", "accumulate"],
  bindings: { dy: "read", activated: "read", dx: "read_write" },
  includes: ["activation"],
};
const addGradBoth: Kernel = {
  name: "add_grad_both",
  params: ["count", "accumulate_a", "accumulate_b", "activation_a", "activation_b"],
  bindings: { dy: "read", a: "read", b: "read", da: "read_write", db: "read_write" },
  includes: ["activation"],
};

/** y = a + b for two tensors of one shape, f16 where both are. No gradient goes to those in `withoutGradient` (the image, say). */
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
  const y = rec.tensor(a.shape, name, { type: a.type === b.type ? a.type : "f32" });
  const count = vec4sOf(y);
  rec.within(name, () => {
    rec.dispatch(addKernel, { a, b, y }, { params: { count }, invocations: count });
    rec.gradient(y, (dy) => {
      const terms = [a, b].filter((x) => !withoutGradient.has(x));
      // A tensor added to itself has one gradient, which one dispatch cannot write twice.
      if (terms.length === 2 && a !== b) {
        const [first, second] = terms.map((x) => ({ ...rec.gradientOf(x), ...slopeOf(x, dy) }));
        rec.dispatch(addGradBoth, {
          ...{ dy, a: first.activated, b: second.activated, da: first.gradient, db: second.gradient },
        }, {
          params: {
            count,
            ...{ accumulate_a: Number(first.accumulate), accumulate_b: Number(second.accumulate) },
            ...{ activation_a: first.constants.ACTIVATION, activation_b: second.constants.ACTIVATION },
          },
          invocations: count,
        });
        return;
      }
      for (const x of terms) writeAddGradient(rec, x, dy);
    });
  });
  return y;
}

/** Writes the gradient of one term x of a sum, given that of the sum: dx = slope·dy. */
export function writeAddGradient(rec: Recorder, x: Tensor, dy: Tensor): void {
  const { gradient, accumulate } = rec.gradientOf(x);
  const { activated, constants } = slopeOf(x, dy);
  const count = vec4sOf(dy);
  rec.dispatch(addGrad, { dy, activated, dx: gradient }, {
    params: { count, accumulate: Number(accumulate) },
    constants,
    invocations: count,
  });
}
