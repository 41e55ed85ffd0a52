/** Shapes (of the input) for upsampling 2× that tests and benches share. */
import type { Shape4 } from "../../src/tensor/shape.ts";

/** One pixel (every neighbour clamped), single rows and columns, odd sizes, channels that no vector width divides. */
export const upsampleCases: readonly Shape4[] = [
  [1, 1, 1, 1],
  [1, 1, 1, 3],
  [1, 1, 6, 5],
  [1, 7, 1, 4],
  [2, 3, 5, 3],
  [1, 8, 8, 16],
  [2, 9, 17, 24],
];

/** What a U-Net of base 32 enlarges at 128² with a batch of 4. */
export const upsampleBenchCases: readonly Shape4[] = [[4, 64, 64, 64], [4, 32, 32, 128]];

export const upsampleModes = ["nearest", "bilinear"] as const;
