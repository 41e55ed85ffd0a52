/** Shapes of convolutions that tests, gradient checks and benches share. */
import type { Activation } from "../../src/nn/topology.ts";
import { type Shape4, sizeOf } from "../../src/tensor/shape.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";
import { normalTensor, normalValues } from "./inputs.ts";

export interface Conv2dCase {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** Channels of each input. */
  readonly inChannels: readonly number[];
  readonly outChannels: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly activation: Activation;
  /** The first input is half the size and read as if it were upsampled (nearest). */
  readonly upsampled?: boolean;
}

function conv(
  [batch, height, width]: readonly [number, number, number],
  inChannels: readonly number[],
  outChannels: number,
  options: Partial<Pick<Conv2dCase, "kernel" | "stride" | "activation" | "upsampled">> = {},
): Conv2dCase {
  return {
    batch,
    height,
    width,
    inChannels,
    outChannels,
    kernel: 3,
    stride: 1,
    activation: "none",
    ...options,
  };
}

/** Small enough for a software adapter; every edge that a kernel may have. */
export const conv2dCases: readonly Conv2dCase[] = [
  // One pixel: eight of nine taps lie outside.
  conv([1, 1, 1], [1], 1),
  conv([1, 1, 1], [3], 8, { activation: "relu" }),
  // Sizes below any tile, channel counts that no vector width divides.
  conv([1, 2, 3], [1], 1, { activation: "leaky-relu" }),
  conv([1, 5, 7], [3], 8),
  conv([1, 9, 9], [5], 3, { activation: "relu" }),
  conv([3, 7, 5], [3], 5, { activation: "leaky-relu" }),
  conv([1, 1, 37], [4], 4, { activation: "relu" }),
  conv([1, 37, 1], [4], 4),
  // Whole vectors and tiles.
  conv([2, 8, 8], [1], 16, { activation: "relu" }),
  conv([1, 16, 16], [16], 16, { activation: "relu" }),
  conv([1, 32, 32], [8], 3),
  conv([1, 8, 8], [64], 64, { activation: "relu" }),
  conv([1, 5, 6], [96], 33, { activation: "leaky-relu" }),
  // Just past a tile, in a batch.
  conv([2, 19, 33], [16], 24, { activation: "relu" }),
  // Two sources joined along the channels.
  conv([1, 12, 10], [8, 8], 8, { activation: "relu" }),
  conv([2, 7, 9], [5, 3], 6, { activation: "leaky-relu" }),
  conv([1, 9, 8], [1, 2], 3),
  conv([1, 10, 36], [5, 3], 3, { activation: "relu" }),
  conv([1, 10, 10], [32, 16], 40, { activation: "relu" }),
  // The first source upsampled on the way.
  conv([1, 2, 2], [1, 1], 1, { upsampled: true }),
  conv([2, 6, 10], [5, 3], 6, { upsampled: true, activation: "leaky-relu" }),
  conv([2, 12, 36], [5, 3], 3, { upsampled: true, activation: "leaky-relu" }),
  conv([1, 18, 22], [24, 16], 16, { upsampled: true, activation: "relu" }),
  conv([1, 4, 6], [8], 5, { upsampled: true }),
  // More pixels and more outputs than any tile of a matrix product, and both cut short.
  conv([1, 17, 9], [6], 100, { activation: "leaky-relu" }),
  // Columns for three vec4s a lane, pixels for a lane or two of the eight that share them.
  conv([1, 9, 11], [72], 88, { activation: "relu" }),
  // More inputs than weights fit into a uniform binding.
  conv([1, 3, 4], [228], 12, { activation: "relu" }),
  // Stride 2: even and odd sizes, one pixel.
  conv([1, 1, 1], [2], 3, { stride: 2 }),
  conv([1, 8, 8], [4], 8, { stride: 2, activation: "relu" }),
  conv([1, 9, 7], [3], 5, { stride: 2, activation: "leaky-relu" }),
  conv([2, 5, 6], [8], 8, { stride: 2 }),
  conv([2, 18, 35], [16], 32, { stride: 2, activation: "relu" }),
  // 1×1 kernels.
  conv([1, 4, 5], [3], 8, { kernel: 1 }),
  conv([2, 9, 11], [16], 5, { kernel: 1, activation: "relu" }),
  conv([1, 6, 5], [12, 4], 16, { kernel: 1, activation: "leaky-relu" }),
  conv([1, 7, 6], [5], 4, { kernel: 1, stride: 2 }),
];

/** Layers that a U-Net spends its time on, for benches: at sizes for a software adapter, and for a discrete GPU. */
export const conv2dBenchCases: Readonly<Record<"usual" | "full", readonly Conv2dCase[]>> = {
  usual: [
    conv([1, 128, 128], [3], 32, { activation: "relu" }),
    conv([1, 128, 128], [32], 32, { activation: "relu" }),
    conv([1, 128, 128], [32], 3),
    conv([1, 64, 64], [64], 64, { activation: "relu" }),
    conv([1, 32, 32], [128], 128, { activation: "relu" }),
    conv([1, 64, 64], [32], 64, { stride: 2, activation: "relu" }),
  ],
  full: [
    conv([8, 256, 256], [3], 64, { activation: "relu" }),
    conv([8, 256, 256], [32], 32, { activation: "relu" }),
    conv([8, 256, 256], [64], 64, { activation: "relu" }),
    conv([8, 256, 256], [64], 3),
    conv([8, 256, 256], [64], 128, { stride: 2, activation: "relu" }),
    conv([8, 128, 128], [128], 128, { activation: "relu" }),
    conv([8, 128, 128], [256, 128], 128, { activation: "relu", upsampled: true }),
    conv([8, 64, 64], [256], 256, { activation: "relu" }),
    conv([8, 32, 32], [512], 512, { activation: "relu" }),
  ],
};

/** `2×19×33×16→24`, `2×6×10×(5↑+3)→6 leaky-relu`, `1×8×8×4→8 3×3/2 relu`. */
export function conv2dName(
  { batch, height, width, inChannels, outChannels, kernel, stride, activation, upsampled }: Conv2dCase,
): string {
  const counts = inChannels.map((count, i) => upsampled && i === 0 ? `${count}↑` : `${count}`);
  const channels = counts.length > 1 ? `(${counts.join("+")})` : counts[0];
  const shape = `${batch}×${height}×${width}×${channels}→${outChannels}`;
  const form = kernel === 3 && stride === 1 ? "" : ` ${kernel}×${kernel}/${stride}`;
  return `${shape}${form}${activation === "none" ? "" : ` ${activation}`}`;
}

/** Inputs, parameters and output gradient of a case, seeded; weights He-scaled so that outputs stay near 1. */
export function conv2dInputs(
  { batch, height, width, inChannels, outChannels, kernel, stride, upsampled }: Conv2dCase,
): { inputs: Tensor64[]; weight: Float32Array; bias: Float32Array; dy: Tensor64 } {
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const outShape: Shape4 = [batch, Math.ceil(height / stride), Math.ceil(width / stride), outChannels];
  return {
    inputs: inChannels.map((channels, i) => {
      const factor = upsampled && i === 0 ? 2 : 1;
      return normalTensor([batch, height / factor, width / factor, channels], 10 + i);
    }),
    weight: normalValues(
      sizeOf([kernel, kernel, fanIn, outChannels]),
      20,
      Math.sqrt(2 / (kernel ** 2 * fanIn)),
    ),
    bias: normalValues(outChannels, 30, 0.5),
    dy: normalTensor(outShape, 40),
  };
}
