/** Shapes for max-pooling that tests and benches share. */
import type { Shape4 } from "../../src/tensor/shape.ts";

/** Even and odd sizes (windows past the edge), one pixel, channels that no vector width divides, batches. */
export const maxPoolCases: readonly Shape4[] = [
  [1, 1, 1, 1],
  [1, 2, 2, 3],
  [1, 5, 7, 3],
  [2, 8, 6, 5],
  [1, 1, 9, 4],
  [3, 7, 1, 16],
  [1, 16, 16, 8],
  [2, 19, 33, 24],
];

/** What a U-Net of base 32 pools at 128² with a batch of 4. */
export const maxPoolBenchCases: readonly Shape4[] = [[4, 128, 128, 32], [4, 64, 64, 64]];
