/** Small U-Nets that tests of every back end share. */
import { unetGraph } from "../../src/nn/graph.ts";
import { type UNetTopology, unetTopology } from "../../src/nn/topology.ts";
import { type Shape4, sizeOf } from "../../src/tensor/shape.ts";
import { impulseTensor, impulseValues, normalValues, pixelTensor, pixelValues } from "./inputs.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";

export interface UNetCase {
  readonly name: string;
  readonly topology: UNetTopology;
  /** Of the image. */
  readonly shape: Shape4;
}

/** One with pooling and nearest, one with strides and bilinear, one uneven and plain, one of a single scale, two that enlarge, two that correct extremes or holes alone, three that see holes filled, two that unshuffle. */
export const unetCases: readonly UNetCase[] = [
  {
    name: "max-pool, nearest, residual",
    topology: unetTopology({ base: 6, depth: 2, blocks: 2, activation: "relu" }),
    shape: [2, 12, 20, 3],
  },
  {
    name: "stride, bilinear, leaky-relu",
    topology: unetTopology({
      base: 5,
      depth: 2,
      blocks: 1,
      down: "stride",
      up: "bilinear",
      activation: "leaky-relu",
    }),
    shape: [2, 16, 12, 3],
  },
  {
    name: "uneven widths, nothing residual",
    topology: unetTopology({
      channels: 1,
      widths: [4, 7],
      encoderBlocks: [1, 2],
      decoderBlocks: [3],
      up: "bilinear",
      residual: false,
      residualBlocks: false,
    }),
    shape: [1, 10, 14, 1],
  },
  {
    name: "one scale",
    topology: unetTopology({ base: 8, depth: 0, blocks: 1 }),
    shape: [1, 7, 9, 3],
  },
  {
    name: "twice as large",
    topology: unetTopology({ base: 5, depth: 1, blocks: 1, scale: 2 }),
    shape: [2, 6, 10, 3],
  },
  {
    name: "four times as large, nothing residual",
    topology: unetTopology({
      channels: 2,
      base: 4,
      depth: 1,
      blocks: 1,
      scale: 4,
      residual: false,
      up: "bilinear",
    }),
    shape: [1, 4, 6, 2],
  },
  {
    name: "extremes corrected",
    topology: unetTopology({ base: 6, depth: 1, blocks: 2, corrects: "extremes" }),
    shape: [3, 10, 14, 3],
  },
  {
    name: "holes filled and corrected",
    topology: unetTopology({ base: 6, depth: 1, blocks: 2, corrects: "holes", filled: true }),
    shape: [3, 10, 14, 3],
  },
  {
    name: "holes filled and corrected, one channel, one scale",
    topology: unetTopology({
      ...{ channels: 1, base: 7, depth: 0, blocks: 2 },
      ...{ corrects: "holes", filled: true },
    }),
    shape: [2, 7, 9, 1],
  },
  {
    name: "holes filled, all corrected, five channels",
    topology: unetTopology({ channels: 5, base: 6, depth: 1, blocks: 2, filled: true }),
    shape: [2, 10, 14, 5],
  },
  {
    name: "unshuffled by two",
    topology: unetTopology({ base: 6, depth: 1, blocks: 2, unshuffle: 2 }),
    shape: [2, 12, 20, 3],
  },
  {
    name: "unshuffled by four, holes filled, two channels, one scale",
    topology: unetTopology({ channels: 2, base: 5, depth: 0, blocks: 2, unshuffle: 4, filled: true }),
    shape: [3, 8, 12, 2],
  },
];

/**
 * Seeded parameters of a topology: weights with He's deviation √(2/fan-in), biases small but not zero, so that a
 * gradient or a value that forgets them shows.
 */
export function unetParameters(topology: UNetTopology, seed = 1): Map<string, Float32Array> {
  return new Map(
    unetGraph(topology).parameters.map(({ name, shape }, i) => {
      const scale = shape.length === 4 ? Math.sqrt(2 / (shape[0] * shape[1] * shape[2])) : 0.1;
      return [name, normalValues(sizeOf(shape), seed * 1000 + i, scale)];
    }),
  );
}

/** Whether values at either end of the range are a matter of their own to the network. */
export function seesExtremes({ corrects, filled }: UNetTopology): boolean {
  return corrects !== "all" || filled;
}

/** Values of pictures for a topology: pixels in 0..1, with impulses where the network is for them. */
export function pictureValues(topology: UNetTopology, size: number, seed: number): Float32Array {
  return seesExtremes(topology) ? impulseValues(size, seed, topology.channels) : pixelValues(size, seed);
}

/** Shape of what comes out for an image of this shape. */
export function targetShape([n, h, w, c]: Shape4, { scale }: UNetTopology): Shape4 {
  return [n, h * scale, w * scale, c];
}

/** Image and target of a case: pixels in 0..1, with impulses in the image where the topology is for them. */
export function unetPair({ shape, topology }: UNetCase, seed = 1): { image: Tensor64; target: Tensor64 } {
  return {
    image: (seesExtremes(topology) ? impulseTensor : pixelTensor)(shape, seed * 2),
    target: pixelTensor(targetShape(shape, topology), seed * 2 + 1),
  };
}
