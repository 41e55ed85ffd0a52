/** Shapes for sums and losses, and sizes for the optimiser, that tests and benches share. */
import type { Shape4 } from "../../src/tensor/shape.ts";

/** For `add` and the losses: from one value to more than any workgroup reduces at once. */
export const elementwiseCases: readonly Shape4[] = [
  [1, 1, 1, 1],
  [1, 5, 7, 3],
  [2, 4, 4, 8],
  [3, 9, 11, 5],
  [2, 67, 61, 3],
];

export const lossKinds = ["mse", "l1", "charbonnier", "psnr"] as const;

/** Shapes of parameters: biases and weights, also those whose channels no vector width divides. */
export const parameterShapes: readonly (readonly number[])[] = [
  [1],
  [3],
  [64],
  [3, 3, 3, 5],
  [1, 1, 7, 4],
  [3, 3, 16, 24],
];

/** Images (target of a loss) of a training step at 128² with a batch of 4. */
export const lossBenchCases: readonly Shape4[] = [[4, 128, 128, 3]];
