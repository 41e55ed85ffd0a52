/** The gradient of a residual that a convolution's kernel has added. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Activation, activationCode, activationOf } from "./activation.ts";
import { writeAddGradient } from "./add.ts";

const residualGrad: Kernel = {
  name: "residual_grad",
  params: ["count", "accumulate", "activation_y", "activation_r"],
  bindings: { s: "read", r: "read", ds: "read_write", dr: "read_write" },
  types: { s4: ["s"], r4: ["r"], gradient4: ["ds"], result4: ["dr"] },
  includes: ["activation"],
  updates: ["ds"],
};

/** Whether `residualGradient` can do without y: where r has no gradient, that of y must not need its sign. */
export function fusesResidual(
  r: Tensor,
  activation: Activation,
  withoutGradient: ReadonlySet<Tensor>,
): boolean {
  return activation === "none" || !withoutGradient.has(r);
}

/**
 * Of s = r + y, y = activate(v), given the gradient ds of s, which nothing else may need any more: writes that of r, and leaves that of v in
 * the place of ds.
 */
export function residualGradient(
  rec: Recorder,
  { s, r, activation }: { s: Tensor; r: Tensor; activation: Activation },
  ds: Tensor,
  withoutGradient: ReadonlySet<Tensor>,
): void {
  if (withoutGradient.has(r)) return;
  if (activation === "none") {
    writeAddGradient(rec, r, ds);
    return;
  }
  const { gradient, accumulate } = rec.gradientOf(r);
  const count = vec4sOf(ds);
  rec.dispatch(residualGrad, { s, r, ds, dr: gradient }, {
    params: {
      ...{ count, accumulate: Number(accumulate) },
      ...{ activation_y: activationCode(activation), activation_r: activationCode(activationOf(r)) },
    },
    invocations: count,
  });
}
