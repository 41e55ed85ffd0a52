/** Losses: mean squared error, mean absolute error, Charbonnier. */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { elementsOf, type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape, paddedChannels } from "../tensor/shape.ts";
import { activationOf } from "./activation.ts";
import { slicesOf, sumSlices } from "./reduce.ts";

/** Mean squared error, mean absolute error, or √(d² + ε²), which is l1 without its kink. */
export type LossKind = "mse" | "l1" | "charbonnier";
export const LOSS_KINDS: readonly LossKind[] = ["mse", "l1", "charbonnier"];

const lossKernel: Kernel = {
  name: "loss",
  params: ["count", "c4", "channels", "slice_vec4s", "slices", "image_vec4s", "scale:f32"],
  bindings: { y: "read", goal: "read", weights: "read", dy: "read_write", partials: "read_write" },
};

const SLICES = 1024;

/**
 * Mean loss over all elements of y against the target, as a flat tensor of four floats (the first is the loss), and the gradient of y.
 * Call `rec.backward()` after it.
 * @param weights flat, one factor for each image of y: its terms and its gradient are multiplied by it. All 1 if not given.
 */
export function loss(rec: Recorder, y: Tensor, target: Tensor, kind: LossKind, weights?: Tensor): Tensor {
  if (y.shape.join() !== target.shape.join()) {
    throw new GpuError(
      `Cannot record loss: output is ${formatShape(y.shape)}, target is ${formatShape(target.shape)}`,
    );
  }
  if (activationOf(y) !== "none") {
    throw new GpuError(
      `Cannot record loss: ${y.name} has an activation fused into it, whose slope the loss does not know`,
    );
  }
  if (weights && weights.shape[0] < y.shape[0]) {
    throw new GpuError(
      `Cannot record loss: ${weights.shape[0]} weights are too few for ${y.shape[0]} images`,
    );
  }
  const channels = y.shape[y.shape.length - 1];
  const count = vec4sOf(y);
  const { slices, each } = slicesOf(count, SLICES);
  const partials = rec.tensor([slices * 4], "loss partials", { layout: "flat" });
  const value = rec.tensor([4], "loss", { layout: "flat", lifetime: "persistent" });
  rec.within("loss", () => {
    rec.dispatch(lossKernel, {
      y,
      goal: target,
      weights: weights ?? target,
      dy: rec.gradientOf(y).gradient,
      partials,
    }, {
      params: {
        count,
        c4: paddedChannels(channels) / 4,
        channels,
        slice_vec4s: each,
        slices,
        image_vec4s: count / y.shape[0],
        scale: 1 / elementsOf(y),
      },
      constants: { KIND: LOSS_KINDS.indexOf(kind), WEIGHTED: Number(weights !== undefined) },
      invocations: slices,
    });
    sumSlices(rec, partials, value, slices);
  });
  return value;
}
