/** 'Same' convolution and its gradients, float64, plain loops. */
import type { Activation } from "../nn/topology.ts";
import { stridedExtent } from "../tensor/shape.ts";
import { activate, activationSlope } from "./activation.ts";
import { joinChannels, splitChannels, type Tensor64, tensor64 } from "./tensor64.ts";

export interface Conv2dOptions {
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly activation: Activation;
}

export interface Conv2dGradients {
  /** One for each input, of its shape. */
  readonly inputs: Tensor64[];
  /** `[kernel, kernel, in, out]`. */
  readonly weight: Float64Array;
  /** `[out]`. */
  readonly bias: Float64Array;
}

/**
 * y[n,oy,ox,co] = act(bias[co] + Σ ky,kx,ci x[n, oy·stride + ky − r, ox·stride + kx − r, ci] · weight[ky,kx,ci,co]),
 * r = (kernel − 1)/2, x zero outside, x = the inputs joined along the channels.
 * @param inputs each `[N,H,W,Ci]`
 * @param weight `[kernel, kernel, ΣCi, CO]`
 * @param bias `[CO]`
 * @returns `[N, ⌈H/stride⌉, ⌈W/stride⌉, CO]`
 */
export function conv2d(
  inputs: readonly Tensor64[],
  weight: Float64Array,
  bias: Float64Array,
  options: Conv2dOptions,
): Tensor64 {
  const x = joinChannels(inputs);
  const [n, h, w] = x.shape;
  const y = tensor64([n, stridedExtent(h, options.stride), stridedExtent(w, options.stride), bias.length]);
  for (let i = 0; i < y.data.length; i++) y.data[i] = bias[i % bias.length];
  forEachTap(x, y, options, (xi, wi, yi) => y.data[yi] += x.data[xi] * weight[wi]);
  for (let i = 0; i < y.data.length; i++) y.data[i] = activate(y.data[i], options.activation);
  return y;
}

/**
 * Gradients of `conv2d` given its output `y` and the gradient `dy` of that output, both `[N,OH,OW,CO]`.
 * With dz = dy·act′: dx, dw and db sum dz times the other factor over every tap that uses the value.
 */
export function conv2dGradients(
  inputs: readonly Tensor64[],
  weight: Float64Array,
  y: Tensor64,
  dy: Tensor64,
  options: Conv2dOptions,
): Conv2dGradients {
  const x = joinChannels(inputs);
  const dx = tensor64(x.shape);
  const dWeight = new Float64Array(weight.length);
  const dBias = new Float64Array(y.shape[3]);
  const dz = dy.data.map((value, i) => value * activationSlope(y.data[i], options.activation));
  for (let i = 0; i < dz.length; i++) dBias[i % dBias.length] += dz[i];
  forEachTap(x, y, options, (xi, wi, yi) => {
    dx.data[xi] += dz[yi] * weight[wi];
    dWeight[wi] += dz[yi] * x.data[xi];
  });
  return { inputs: splitChannels(dx, inputs.map((input) => input.shape[3])), weight: dWeight, bias: dBias };
}

/** Calls `visit` with the indices (in x, weight and y) of every product that the convolution sums. */
function forEachTap(
  x: Tensor64,
  y: Tensor64,
  { kernel, stride }: Conv2dOptions,
  visit: (xIndex: number, weightIndex: number, yIndex: number) => void,
): void {
  const [batch, height, width, inChannels] = x.shape;
  const [, outHeight, outWidth, outChannels] = y.shape;
  const reach = (kernel - 1) / 2;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let ky = 0; ky < kernel; ky++) {
          const iy = oy * stride + ky - reach;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kernel; kx++) {
            const ix = ox * stride + kx - reach;
            if (ix < 0 || ix >= width) continue;
            for (let ci = 0; ci < inChannels; ci++) {
              const xIndex = ((n * height + iy) * width + ix) * inChannels + ci;
              for (let co = 0; co < outChannels; co++) {
                const weightIndex = ((ky * kernel + kx) * inChannels + ci) * outChannels + co;
                visit(xIndex, weightIndex, ((n * outHeight + oy) * outWidth + ox) * outChannels + co);
              }
            }
          }
        }
      }
    }
  }
}
