/** The shapes that the comparisons time, by size of the run. */

/** [N, H, W, C]. */
export type Shape4 = [number, number, number, number];

export interface Shapes {
  /** 3×3 convolutions: what goes in, and how many channels come out. */
  readonly convs: readonly { readonly shape: Shape4; readonly outChannels: number }[];
  /** U-Nets of two blocks a scale: widths, and the images that go in. */
  readonly unets: readonly { readonly widths: readonly number[]; readonly shape: Shape4 }[];
}

/** One of either. */
export type TimedShape = Shapes["convs"][number] | Shapes["unets"][number];

export const SIZES = ["quick", "usual", "full", "tiny"] as const;
export type Size = typeof SIZES[number];

/** Widths of models/recipes.json's largest networks. */
const LARGE = [32, 64, 128, 192];

/**
 * `quick` and `usual` are for software adapters, `full` is for a discrete GPU, and `tiny` has the channels of `full` over so few pixels
 * that a software adapter gets through them: a rehearsal.
 */
export const SHAPES: Readonly<Record<Size, Shapes>> = {
  quick: {
    convs: [{ shape: [1, 64, 64, 32], outChannels: 32 }],
    unets: [{ widths: [16, 32, 64, 96], shape: [2, 64, 64, 3] }],
  },
  usual: {
    convs: [{ shape: [1, 128, 128, 32], outChannels: 32 }],
    unets: [{ widths: [16, 32, 64, 96], shape: [2, 64, 64, 3] }],
  },
  full: {
    convs: [
      { shape: [8, 256, 256, 64], outChannels: 64 },
      { shape: [8, 128, 128, 128], outChannels: 128 },
      { shape: [16, 128, 128, 3], outChannels: 32 },
      { shape: [16, 128, 128, 32], outChannels: 3 },
    ],
    unets: [{ widths: LARGE, shape: [16, 128, 128, 3] }, {
      widths: [16, 32, 64, 96],
      shape: [16, 128, 128, 3],
    }],
  },
  tiny: {
    convs: [
      { shape: [1, 16, 16, 64], outChannels: 64 },
      { shape: [1, 8, 8, 128], outChannels: 128 },
      { shape: [1, 16, 16, 3], outChannels: 32 },
      { shape: [1, 16, 16, 32], outChannels: 3 },
    ],
    unets: [{ widths: LARGE, shape: [1, 16, 16, 3] }],
  },
};
