/** Losses and their gradients, float64: means over every element, among them the chroma term, and the colour term, a mean over images and channels. */
import { formatShape } from "../tensor/shape.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

export type LossKind = "mse" | "l1" | "charbonnier" | "psnr";

/** ε of the Charbonnier loss: below it the loss is a parabola (Charbonnier et al. 1994; LapSRN, Lai et al. 2017). */
export const CHARBONNIER_EPSILON = 1e-3;

/** MSE, that of 40 dB, far below which the PSNR loss weighs images as the MSE does. */
export const PSNR_FLOOR = 1e-4;

export interface LossResult {
  readonly value: number;
  /** ∂value/∂prediction, of the prediction's shape. */
  readonly gradient: Tensor64;
}

/**
 * With d = prediction − target and M elements: mse = Σd²/M, l1 = Σ|d|/M, charbonnier = Σ√(d² + ε²)/M.
 * The gradient of l1 at d = 0 is 0. psnr: see `psnrLoss`.
 * @throws {RangeError} when the shapes differ.
 */
export function loss(kind: LossKind, prediction: Tensor64, target: Tensor64): LossResult {
  if (kind === "psnr") return psnrLoss(prediction, target);
  refuseOtherShape(prediction, target);
  const count = prediction.data.length;
  const gradient = tensor64(prediction.shape);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = prediction.data[i] - target.data[i];
    if (kind === "mse") {
      sum += d * d;
      gradient.data[i] = 2 * d / count;
    } else if (kind === "l1") {
      sum += Math.abs(d);
      gradient.data[i] = Math.sign(d) / count;
    } else {
      const root = Math.sqrt(d * d + CHARBONNIER_EPSILON ** 2);
      sum += root;
      gradient.data[i] = d / root / count;
    }
  }
  return { value: sum / count, gradient };
}

/**
 * With E = mean of d² over an image, plus `colourWeight` times its colour and `chromaWeight` times its chroma loss: mean over images of 10 log₁₀(1 + E / 10⁻⁴) / 1000, how many decibels
 * the PSNR is below 40, in thousandths. Chen et al. 2021 (HINet) train on PSNR itself, which has no floor.
 * @throws {RangeError} when the shapes differ.
 */
export function psnrLoss(
  prediction: Tensor64,
  target: Tensor64,
  { colourWeight = 0, chromaWeight = 0 }: { colourWeight?: number; chromaWeight?: number } = {},
): LossResult {
  refuseOtherShape(prediction, target);
  const [images, ...rest] = prediction.shape;
  const length = prediction.data.length / images;
  const gradient = tensor64(prediction.shape);
  let value = 0;
  for (let first = 0; first < images * length; first += length) {
    const image = ({ data }: Tensor64) => tensor64([1, ...rest], data.slice(first, first + length));
    const [y, goal] = [image(prediction), image(target)];
    const [mse, colour, chroma] = [loss("mse", y, goal), colourLoss(y, goal), chromaLoss(y, goal)];
    const error = mse.value + colourWeight * colour.value + chromaWeight * chroma.value;
    value += Math.log10(1 + error / PSNR_FLOOR) / 100 / images;
    const slope = 1 / (100 * Math.LN10 * (error + PSNR_FLOOR) * images);
    for (let i = 0; i < length; i++) {
      gradient.data[first + i] = slope *
        (mse.gradient.data[i] + colourWeight * colour.gradient.data[i] +
          chromaWeight * chroma.gradient.data[i]);
    }
  }
  return { value, gradient };
}

/**
 * With m = mean over the pixels of prediction − target, for each image and channel: mean of m² over images and channels. The colour loss of
 * DPED (Ignatov et al. 2017), with the whole image for its blur.
 * @throws {RangeError} when the shapes differ.
 */
export function colourLoss(prediction: Tensor64, target: Tensor64): LossResult {
  refuseOtherShape(prediction, target);
  const [images, height, width, channels] = prediction.shape;
  const pixels = height * width;
  const gradient = tensor64(prediction.shape);
  let sum = 0;
  for (let image = 0; image < images; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const first = image * pixels * channels + channel;
      const last = (image + 1) * pixels * channels;
      let mean = 0;
      for (let i = first; i < last; i += channels) mean += (prediction.data[i] - target.data[i]) / pixels;
      sum += mean ** 2;
      for (let i = first; i < last; i += channels) gradient.data[i] = 2 * mean / (pixels * images * channels);
    }
  }
  return { value: sum / (images * channels), gradient };
}

/**
 * With c = d − mean over the channels of d, d = prediction − target: mean of c² over all elements. Its gradient is 2c/M: what c leaves out of d is
 * orthogonal to it.
 * @throws {RangeError} when the shapes differ.
 */
export function chromaLoss(prediction: Tensor64, target: Tensor64): LossResult {
  refuseOtherShape(prediction, target);
  const channels = prediction.shape[prediction.shape.length - 1];
  const count = prediction.data.length;
  const gradient = tensor64(prediction.shape);
  let sum = 0;
  for (let first = 0; first < count; first += channels) {
    let grey = 0;
    for (let i = first; i < first + channels; i++) grey += (prediction.data[i] - target.data[i]) / channels;
    for (let i = first; i < first + channels; i++) {
      const chroma = prediction.data[i] - target.data[i] - grey;
      sum += chroma ** 2;
      gradient.data[i] = 2 * chroma / count;
    }
  }
  return { value: sum / count, gradient };
}

function refuseOtherShape(prediction: Tensor64, target: Tensor64): void {
  if (prediction.shape.some((extent, axis) => extent !== target.shape[axis])) {
    throw new RangeError(
      `Cannot compare: ${formatShape(prediction.shape)} with ${formatShape(target.shape)}`,
    );
  }
}
