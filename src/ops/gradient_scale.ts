/**
 * Loss scaling (Micikevicius et al. 2018, Mixed precision training): the gradient of a mean over millions of values is smaller than the smallest half, so the way
 * back is walked with a multiple of it, which the gradients of the parameters, of f32, are divided by.
 */
import type { Kernel } from "../gpu/kernel.ts";
import { elementsOf, type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { ParameterSet } from "./parameter.ts";

const scale: Kernel = {
  name: "scale",
  params: ["count", "factor:f32"],
  bindings: { g: "read_write" },
  updates: ["g"],
};

/** An error of half a step of 255 gives a gradient of a sixteenth with it: a thousand times the smallest normal half, a millionth of the largest. */
const GRADIENT_OF_ERROR = 16;

/** By what the gradient of a mean loss over y is to be multiplied where values are f16: a power of two, so that nothing is rounded. */
export function gradientScaleOf(y: Tensor): number {
  return 2 ** Math.round(Math.log2(GRADIENT_OF_ERROR * elementsOf(y)));
}

/** Records the division of all gradients of the parameters by the scale that the loss was given. Call it after `rec.backward()`. */
export function unscaleGradients(rec: Recorder, parameters: ParameterSet, gradientScale: number): void {
  if (gradientScale === 1) return;
  const g = parameters.whole(rec, "gradients");
  const count = vec4sOf(g);
  rec.within("gradients", () => {
    rec.dispatch(scale, { g }, { params: { count, factor: 1 / gradientScale }, invocations: count });
  });
}
