/** Residual add. */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape } from "../tensor/shape.ts";
import { activationOf, slopeOf } from "./activation.ts";

const addKernel: Kernel = {
  name: "add",
  params: ["count"],
  bindings: { a: "read", b: "read", y: "read_write" },
  types: { a4: ["a"], b4: ["b"], result4: ["y"] },
};
/** dx = slope·dy, added to dx or in its place. */
export const addGrad: Kernel = {
  name: "add_grad",
  params: ["count", "accumulate"],
  bindings: { dy: "read", activated: "read", dx: "read_write" },
  types: { gradient4: ["dy"], activated4: ["activated"], result4: ["dx"] },
  includes: ["activation"],
};
const addGradInPlace: Kernel = {
  name: "add_grad_in_place",
  params: ["count", "accumulate", "activation_a", "activation_b"],
  bindings: { a: "read", b: "read", dy: "read_write", db: "read_write" },
  types: { a4: ["a"], b4: ["b"], gradient4: ["dy"], result4: ["db"] },
  includes: ["activation"],
  updates: ["dy"],
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
      // A tensor added to itself has one gradient, which is written twice.
      const terms = [a, b].filter((x) => !withoutGradient.has(x));
      const free = a === b ? [] : terms.filter((x) => x.type === dy.type && !rec.hasGradient(x));
      const heir = free.find((x) => activationOf(x) === "none") ?? (terms.length === 2 ? free[0] : undefined);
      addGradients(rec, dy, terms, heir);
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

/** Records the gradients of `terms`; that of `heir`, one of them, takes the place of dy, which is copied there for no other reason. */
function addGradients(rec: Recorder, dy: Tensor, terms: readonly Tensor[], heir: Tensor | undefined): void {
  const count = vec4sOf(dy);
  const others = terms.filter((x) => x !== heir);
  const inPlace = heir !== undefined && activationOf(heir) !== "none";
  for (const x of others) {
    const { gradient, accumulate } = rec.gradientOf(x);
    const { activated, constants } = slopeOf(x, inPlace ? heir : dy);
    if (inPlace) {
      rec.dispatch(addGradInPlace, { a: heir, b: activated, dy, db: gradient }, {
        params: {
          ...{ count, accumulate: Number(accumulate) },
          ...{ activation_a: slopeOf(heir, heir).constants.ACTIVATION, activation_b: constants.ACTIVATION },
        },
        invocations: count,
      });
    } else {
      rec.dispatch(addGrad, { dy, activated, dx: gradient }, {
        params: { count, accumulate: Number(accumulate) },
        constants,
        invocations: count,
      });
    }
  }
  if (heir) rec.passGradient(heir, dy);
}
