/** Shapes (of the input) and factors for pixel shuffle that tests share. */
import type { Shape4 } from "../../src/tensor/shape.ts";

export interface PixelShuffleCase {
  readonly shape: Shape4;
  readonly factor: number;
}

/** Channels that fill a vec4 on one side, the other, both or none; one pixel; odd sizes; factors other than two. */
export const pixelShuffleCases: readonly PixelShuffleCase[] = [
  { shape: [1, 1, 1, 4], factor: 2 },
  { shape: [2, 3, 5, 12], factor: 2 },
  { shape: [1, 6, 1, 20], factor: 2 },
  { shape: [1, 4, 7, 32], factor: 2 },
  { shape: [1, 3, 4, 27], factor: 3 },
  { shape: [2, 2, 3, 48], factor: 4 },
];
