/** What a U-Net looks like, as data: written into every model file and read by every back end. */

import type { Activation } from "../ops/activation.ts";

export type { Activation };

/** Slope of `leaky-relu` below zero (Noise2Noise's choice). */
export const LEAKY_SLOPE = 0.1;

/** How far to each side the filter that fills holes looks for good pixels, as in shaders/fill_holes.wgsl. */
export const FILL_RADIUS = 3;

/** How many times larger each side of a picture can come out. */
export const SCALES: readonly number[] = [1, 2, 4];

/** By how much a pixel unshuffle can make the picture smaller before the first convolution. */
export const UNSHUFFLES: readonly number[] = [1, 2, 4];

/** Topology of a U-Net. */
export interface UNetTopology {
  /** Image channels, in and out. */
  readonly channels: number;
  /** Feature channels of each scale, finest first; its length is the depth + 1. */
  readonly widths: readonly number[];
  /** 3×3 convolutions of each scale on the way down (the first one widens). At least 1. */
  readonly encoderBlocks: readonly number[];
  /** 3×3 convolutions of each scale on the way up (the first one reads up ⊕ skip); one shorter than `widths`. */
  readonly decoderBlocks: readonly number[];
  /** What follows each convolution but the last; `leaky-relu` has slope 0.1 below zero. */
  readonly activation: Activation;
  /** Halving: 2×2 max-pooling, or a 3×3 convolution with stride 2 that also widens. */
  readonly down: "max-pool" | "stride";
  /** Doubling. */
  readonly up: "nearest" | "bilinear";
  /** True: the network predicts a correction that is added to its input. */
  readonly residual: boolean;
  /**
   * Which values the correction is added to, where salt-and-pepper noise is to be mended and nothing else: `all`; `extremes`, each value at either end of the
   * range (≤ 0 or ≥ 1); or `holes`, the pixels whose channels are all at one end. Every other value comes out exactly as it went in. The last two
   * need `residual` and scale 1.
   */
  readonly corrects: "all" | "extremes" | "holes";
  /**
   * True: beside the picture the network sees one whose holes, the pixels that are wholly black or white, are filled by a filter from those around
   * (src/ops/fill_holes.ts). Where `corrects` is not `all`, the correction is added to what was filled.
   */
  readonly filled: boolean;
  /** True: every convolution of a scale but the first adds its result to its input (He et al. 2016), which lets gradients through. */
  readonly residualBlocks: boolean;
  /**
   * 2 or 4: the finest scale has half or a quarter of the picture's height and width, and as input the 4 or 16 pixels that lie at one place, as channels (pixel
   * unshuffle); a pixel shuffle brings the result back to the picture's size, as in FFDNet (Zhang et al. 2018). Wide layers are cheap
   * there. 1: the finest scale is the picture's. Needs scale 1.
   */
  readonly unshuffle: 1 | 2 | 4;
  /** How many times larger each side of the picture comes out: 1 restores at the same size, 2 and 4 enlarge. */
  readonly scale: 1 | 2 | 4;
}

/** The short form that a person gives; `widths` and the block lists follow from it unless given. */
export interface TopologyOptions extends Partial<UNetTopology> {
  /** Width of the finest scale; each coarser one doubles it. 16 by default. */
  readonly base?: number;
  /** Number of halvings. 3 by default. */
  readonly depth?: number;
  /** 3×3 convolutions a scale, both ways. 2 by default. */
  readonly blocks?: number;
}

/**
 * Completes and checks a topology.
 * @throws {RangeError} naming the field that is out of range.
 */
export function unetTopology(options: TopologyOptions = {}): UNetTopology {
  const { base = 16, depth = (options.widths?.length ?? 4) - 1, blocks = 2 } = options;
  const whole = (name: string, value: number, low: number, high: number) => {
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(
        `Cannot make a U-Net: ${name} must be a whole number from ${low} to ${high}, got ${value}`,
      );
    }
  };
  whole("base", base, 1, 512);
  whole("depth", depth, 0, 6);
  whole("blocks", blocks, 1, 16);
  const topology: UNetTopology = {
    channels: options.channels ?? 3,
    widths: options.widths ?? Array.from({ length: depth + 1 }, (_, scale) => base * 2 ** scale),
    encoderBlocks: options.encoderBlocks ?? Array(depth + 1).fill(blocks),
    decoderBlocks: options.decoderBlocks ?? Array(depth).fill(blocks),
    activation: options.activation ?? "leaky-relu",
    down: options.down ?? "max-pool",
    up: options.up ?? "nearest",
    residual: options.residual ?? true,
    corrects: options.corrects ?? "all",
    filled: options.filled ?? false,
    residualBlocks: options.residualBlocks ?? true,
    unshuffle: options.unshuffle ?? 1,
    scale: options.scale ?? 1,
  };
  if (!SCALES.includes(topology.scale)) {
    throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${topology.scale}`);
  }
  if (!UNSHUFFLES.includes(topology.unshuffle)) {
    throw new RangeError(`Cannot make a U-Net: unshuffle must be 1, 2 or 4, got ${topology.unshuffle}`);
  }
  if (topology.unshuffle !== 1 && topology.scale !== 1) {
    throw new RangeError(`Cannot make a U-Net: unshuffle=${topology.unshuffle} needs scale=1`);
  }
  whole("channels", topology.channels, 1, 16);
  const { widths, encoderBlocks, decoderBlocks } = topology;
  widths.forEach((width) => whole("a width", width, 1, 4096));
  encoderBlocks.forEach((count) => whole("a scale's encoder blocks", count, 1, 16));
  decoderBlocks.forEach((count) => whole("a scale's decoder blocks", count, 1, 16));
  if (encoderBlocks.length !== widths.length || decoderBlocks.length !== widths.length - 1) {
    throw new RangeError(
      `Cannot make a U-Net: ${widths.length} widths want ${widths.length} encoder and ${
        widths.length - 1
      } decoder ` +
        `block counts, got ${encoderBlocks.length} and ${decoderBlocks.length}`,
    );
  }
  for (
    const [name, value, allowed] of [
      ["activation", topology.activation, ["none", "relu", "leaky-relu"]],
      ["down", topology.down, ["max-pool", "stride"]],
      ["up", topology.up, ["nearest", "bilinear"]],
      ["corrects", topology.corrects, ["all", "extremes", "holes"]],
    ] as const
  ) {
    if (!(allowed as readonly string[]).includes(value)) {
      throw new RangeError(`Cannot make a U-Net: ${name} must be one of ${allowed.join(", ")}, got ${value}`);
    }
  }
  if (topology.corrects !== "all" && !(topology.residual && topology.scale === 1)) {
    throw new RangeError(
      `Cannot make a U-Net: corrects=${topology.corrects} needs residual=true and scale=1`,
    );
  }
  return topology;
}

/** Height and width of what goes in must be multiples of this, so that halving and doubling meet again: unshuffle · 2^depth. */
export function sizeMultiple(topology: UNetTopology): number {
  return topology.unshuffle * 2 ** (topology.widths.length - 1);
}
