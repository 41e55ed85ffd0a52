/** Losses: mean squared error, mean absolute error, Charbonnier, PSNR; each with a colour and a chroma term on request. */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { elementsOf, type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape, paddedChannels } from "../tensor/shape.ts";
import { activationOf } from "./activation.ts";
import { slicesOf, sumSlices } from "./reduce.ts";

/**
 * Mean squared error, mean absolute error, √(d² + ε²), which is l1 without its kink, or PSNR: 10 log₁₀(1 + MSE / 10⁻⁴), in thousandths, of each image,
 * which is how many decibels its PSNR is below 40, and 0 at least. A decibel counts the same in every image, whatever its damage, as long as it is far
 * below that; beyond it images weigh as with mse, or those that are nearly clean would outweigh the rest.
 */
export type LossKind = "mse" | "l1" | "charbonnier" | "psnr";
export const LOSS_KINDS: readonly LossKind[] = ["mse", "l1", "charbonnier", "psnr"];

const lossKernel: Kernel = {
  name: "loss",
  params: [
    "count",
    "c4",
    "channels",
    "slice_vec4s",
    "slices",
    "image_vec4s",
    "scale:f32",
    "per_pixel:f32",
    "colour_weight:f32",
    "chroma_weight:f32",
    "gradient_scale:f32",
  ],
  bindings: {
    y: "read",
    goal: "read",
    weights: "read",
    sums: "read",
    squares: "read",
    dy: "read_write",
    partials: "read_write",
  },
  types: { source4: ["y"], result4: ["dy"] },
};

const errorsKernel: Kernel = {
  name: "loss_errors",
  params: ["images", "pixels", "c4", "slice_pixels", "slices", "channels", "chroma_weight:f32"],
  bindings: { y: "read", goal: "read", partials: "read_write" },
  types: { source4: ["y"] },
};

const SLICES = 1024;
/** Of an image's pixels: there are as many for each image and four channels. */
const PIXEL_SLICES = 64;

/** What a loss has besides its kind. */
export interface LossOptions {
  /** Flat, one factor for each image of y: its terms and its gradient are multiplied by it. All 1 if not given. */
  readonly weights?: Tensor;
  /**
   * W ≥ 0 of the colour term: W · mean over images and channels of (mean over the image's pixels of y − target)² is added to the loss. 0 by
   * default, which takes no dispatch more. With PSNR it is added to each image's MSE. The colour loss of DPED (Ignatov et al. 2017), with the whole patch for its blur.
   */
  readonly colourWeight?: number;
  /**
   * V ≥ 0 of the chroma term: V · mean over all elements of c² is added to the loss, where c is a pixel's error less its mean over the channels, of
   * which there may be four: the error's grey part counts once, what is coloured in it 1 + V times (with mse). 0 by default. With PSNR it is added to each image's MSE.
   */
  readonly chromaWeight?: number;
  /** Flat, four floats: the loss is added to the first of them in place of being given alone. */
  readonly total?: Tensor;
  /** The gradient, not the loss, is multiplied by it: see `gradientScaleOf`. 1 by default. */
  readonly gradientScale?: number;
}

/**
 * Mean loss over all elements of y against the target, as a flat tensor of four floats (the first is the loss), or added to one, and the gradient of y.
 * Call `rec.backward()` after it.
 */
export function loss(
  rec: Recorder,
  y: Tensor,
  target: Tensor,
  kind: LossKind,
  { weights, colourWeight = 0, chromaWeight = 0, total, gradientScale = 1 }: LossOptions = {},
): Tensor {
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
  if (chromaWeight > 0 && channels > 4) {
    throw new GpuError(`Cannot record loss: the chroma term takes four channels at most, not ${channels}`);
  }
  const count = vec4sOf(y);
  const { slices, each } = slicesOf(count, SLICES);
  const partials = rec.tensor([slices * 4], "loss partials", { layout: "flat" });
  const value = total ?? rec.tensor([4], "loss", { layout: "flat", lifetime: "persistent" });
  rec.within("loss", () => {
    const sums = colourWeight > 0 ? errorSums(rec, y, target) : undefined;
    const squares = kind === "psnr" ? errorSums(rec, y, target, { chromaWeight }) : undefined;
    rec.dispatch(lossKernel, {
      y,
      goal: target,
      weights: weights ?? target,
      sums: sums ?? target,
      squares: squares ?? target,
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
        per_pixel: y.shape[0] * channels / elementsOf(y),
        colour_weight: colourWeight,
        chroma_weight: chromaWeight,
        gradient_scale: gradientScale / elementsOf(y),
      },
      constants: {
        KIND: LOSS_KINDS.indexOf(kind),
        COLOUR: Number(sums !== undefined),
        CHROMA: Number(chromaWeight > 0),
        WEIGHTED: Number(weights !== undefined),
      },
      invocations: slices,
    });
    sumSlices(rec, partials, value, slices, total !== undefined);
  });
  return value;
}

/** Σ (y − target), or of its squares and their chroma term, over the pixels of each image and channel, flat: [images, padded channels]. */
function errorSums(
  rec: Recorder,
  y: Tensor,
  target: Tensor,
  squares?: { readonly chromaWeight: number },
): Tensor {
  const images = y.shape[0];
  const channels = y.shape[y.shape.length - 1];
  const c4 = paddedChannels(channels) / 4;
  const chromaWeight = squares?.chromaWeight ?? 0;
  const pixels = vec4sOf(y) / (images * c4);
  const { slices, each } = slicesOf(pixels, PIXEL_SLICES);
  const columns = images * c4;
  const partials = rec.tensor([slices * columns * 4], "error partials", { layout: "flat" });
  const sums = rec.tensor([columns * 4], "error sums", { layout: "flat" });
  rec.dispatch(errorsKernel, { y, goal: target, partials }, {
    params: { images, pixels, c4, slice_pixels: each, slices, channels, chroma_weight: chromaWeight },
    constants: { SQUARED: Number(squares !== undefined), CHROMA: Number(chromaWeight > 0) },
    invocations: slices * columns,
  });
  sumSlices(rec, partials, sums, slices);
  return sums;
}
