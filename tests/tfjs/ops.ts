/** The operations of a U-Net in TensorFlow.js, with the same meaning as ours. Each can be differentiated by `tf.grads`. */
import type { Scalar, Tensor, Tensor1D, Tensor4D } from "./tensorflow.ts";
import type { Extremes } from "../../src/ops/add_at_extremes.ts";
import { type Activation, LEAKY_SLOPE } from "../../src/nn/topology.ts";
import { CHARBONNIER_EPSILON, type LossKind, PSNR_FLOOR } from "../../src/reference/loss.ts";
import type { UpsampleMode } from "../../src/reference/upsample.ts";
import type { Tfjs } from "./backend.ts";

/** 'Same' convolution of `inputs` joined along the channels, with bias and activation. */
export function conv2d(
  tf: Tfjs,
  inputs: readonly Tensor4D[],
  weight: Tensor4D,
  bias: Tensor1D,
  { kernel, stride, activation }: { kernel: 1 | 3; stride: 1 | 2; activation: Activation },
): Tensor4D {
  let x: Tensor4D = inputs.length > 1 ? tf.concat([...inputs], 3) : inputs[0];
  let pad: "same" | "valid" = "same";
  if (stride === 2 && kernel === 3) {
    // tfjs's 'same' pads an even size at the bottom and right only; ours centres the kernel.
    x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    pad = "valid";
  }
  if (activation === "leaky-relu") {
    // The fused form has no gradient for it.
    return tf.leakyRelu(tf.fused.conv2d({ x, filter: weight, strides: stride, pad, bias }), LEAKY_SLOPE);
  }
  const fused = activation === "relu" ? "relu" : "linear";
  return tf.fused.conv2d({ x, filter: weight, strides: stride, pad, bias, activation: fused });
}

/** 2×2 max-pooling with stride 2; a window past the edge takes what is inside. */
export function maxPool(tf: Tfjs, x: Tensor4D): Tensor4D {
  return tf.maxPool(x, 2, 2, "same");
}

/** Upsampling 2×. */
export function upsample(tf: Tfjs, x: Tensor4D, mode: UpsampleMode): Tensor4D {
  const [, height, width] = x.shape;
  if (mode === "nearest") return tf.image.resizeNearestNeighbor(x, [height * 2, width * 2]);
  const resize = tf.customGrad((value) => ({
    value: tf.image.resizeBilinear(value as Tensor4D, [height * 2, width * 2], false, true),
    gradFunc: (dy) => bilinearGradient(tf, dy as Tensor4D),
  }));
  return resize(x) as Tensor4D;
}

/**
 * tfjs 4.22 takes the gradient of resizeBilinear as if halfPixelCenters were off (dy = 1..6 gives 2, 6, 13 in place of
 * 3.25, 7, 10.75), so here it is in its other operations: dx[i] = ¼dy[2i−1] + ¾dy[2i] + ¾dy[2i+1] + ¼dy[2i+2] along
 * either axis, where the edge of dy counts as its own neighbour because the forward pass clamps.
 */
function bilinearGradient(tf: Tfjs, dy: Tensor4D): Tensor4D {
  const padded = tf.mirrorPad(dy, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric");
  const shares = tf.tensor1d([0.25, 0.75, 0.75, 0.25]);
  const filter = tf.tile(tf.reshape(tf.outerProduct(shares, shares), [4, 4, 1, 1]), [1, 1, dy.shape[3], 1]);
  return tf.depthwiseConv2d(padded, filter as Tensor4D, 2, "valid");
}

/** Pixel shuffle: tf.depthToSpace has no gradient, so it is spelled out as the transposition that it is. */
export function pixelShuffle(tf: Tfjs, x: Tensor4D, factor: number): Tensor4D {
  const [n, h, w, deep] = x.shape;
  const channels = deep / factor ** 2;
  const apart = tf.reshape(x, [n, h, w, factor, factor, channels]);
  const moved = tf.transpose(apart, [0, 1, 3, 2, 4, 5]);
  return tf.reshape(moved, [n, h * factor, w * factor, channels]) as Tensor4D;
}

/** Pixel unshuffle, the same transposition the other way. */
export function pixelUnshuffle(tf: Tfjs, x: Tensor4D, factor: number): Tensor4D {
  const [n, tall, wide, channels] = x.shape;
  const [h, w] = [tall / factor, wide / factor];
  const apart = tf.reshape(x, [n, h, factor, w, factor, channels]);
  const moved = tf.transpose(apart, [0, 1, 3, 2, 4, 5]);
  return tf.reshape(moved, [n, h, w, channels * factor ** 2]) as Tensor4D;
}

/** 1 where x is not extreme, else 0. By tf.step, because comparisons have no gradient in tfjs 4.22, not even zero. */
function goodMask(tf: Tfjs, x: Tensor4D, extremes: Extremes): Tensor4D {
  const [largest, smallest] = extremes === "holes" ? [tf.max(x, 3, true), tf.min(x, 3, true)] : [x, x];
  return tf.mul(tf.step(largest), tf.step(tf.sub(1, smallest))) as Tensor4D;
}

/** base, plus the correction where x is extreme. */
export function addAtExtremes(
  tf: Tfjs,
  x: Tensor4D,
  base: Tensor4D,
  correction: Tensor4D,
  extremes: Extremes,
): Tensor4D {
  return tf.add(base, tf.mul(tf.sub(1, goodMask(tf, x, extremes)), correction)) as Tensor4D;
}

/** x, with holes filled by the mean of the other pixels within 3 to each side, weighted by distance^-6. */
export function fillHoles(tf: Tfjs, x: Tensor4D): Tensor4D {
  const offsets = tf.range(-3, 4);
  const squared = tf.add(tf.square(tf.reshape(offsets, [7, 1])), tf.square(offsets));
  const weights = tf.div(tf.step(squared), tf.pow(tf.maximum(squared, 1), 3));
  const around = (values: Tensor4D) => {
    const filter = tf.tile(tf.reshape(weights, [7, 7, 1, 1]), [1, 1, values.shape[3], 1]) as Tensor4D;
    return tf.depthwiseConv2d(values, filter, 1, "same");
  };
  const good = goodMask(tf, x, "holes");
  const total = around(good);
  const mean = tf.div(around(tf.mul(x, good)), tf.maximum(total, 1e-9));
  const known = tf.step(total);
  const filled = tf.add(tf.mul(known, mean), tf.mul(tf.sub(1, known), x));
  return tf.add(tf.mul(good, x), tf.mul(tf.sub(1, good), filled)) as Tensor4D;
}

/** Mean loss over every element, of psnr over every image. */
export function loss(tf: Tfjs, kind: LossKind, prediction: Tensor4D, target: Tensor4D): Scalar {
  if (kind === "psnr") return psnrLoss(tf, prediction, target);
  const difference = tf.sub(prediction, target);
  if (kind === "l1") return tf.mean(tf.abs(difference)) as Scalar;
  if (kind === "mse") return tf.mean(tf.square(difference)) as Scalar;
  return tf.mean(tf.sqrt(tf.add(tf.square(difference), CHARBONNIER_EPSILON ** 2))) as Scalar;
}

/** Decibels below 40, in thousandths, of each image's squared error, its colour and its chroma term: the mean over images. */
export function psnrLoss(
  tf: Tfjs,
  prediction: Tensor4D,
  target: Tensor4D,
  { colourWeight = 0, chromaWeight = 0 }: { colourWeight?: number; chromaWeight?: number } = {},
): Scalar {
  const difference = tf.sub(prediction, target);
  const colour = tf.mean(tf.square(tf.mean(difference, [1, 2])), 1);
  const chroma = tf.mean(tf.square(chromaOf(tf, difference)), [1, 2, 3]);
  const terms = tf.add(tf.mul(colourWeight, colour), tf.mul(chromaWeight, chroma));
  const error = tf.add(tf.mean(tf.square(difference), [1, 2, 3]), terms);
  return tf.mean(tf.div(tf.log(tf.add(1, tf.div(error, PSNR_FLOOR))), 100 * Math.LN10)) as Scalar;
}

/** Mean over images and channels of the squared mean error of their pixels. */
export function colourLoss(tf: Tfjs, prediction: Tensor4D, target: Tensor4D): Scalar {
  return tf.mean(tf.square(tf.mean(tf.sub(prediction, target), [1, 2]))) as Scalar;
}

/** Mean over every element of the squared error less its mean over the channels. */
export function chromaLoss(tf: Tfjs, prediction: Tensor4D, target: Tensor4D): Scalar {
  return tf.mean(tf.square(chromaOf(tf, tf.sub(prediction, target)))) as Scalar;
}

function chromaOf(tf: Tfjs, difference: Tensor): Tensor {
  return tf.sub(difference, tf.mean(difference, -1, true));
}
