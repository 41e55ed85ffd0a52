import { assertEquals } from "../assert.ts";
import { pixelShuffle, pixelShuffleGradient, pixelUnshuffle } from "../../src/reference/pixel_shuffle.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { pixelShuffleCases } from "../cases/pixel_shuffle.ts";
import { assertGradient, dot } from "./finite_difference.ts";

// The example of TensorFlow's documentation of tf.nn.depth_to_space: a 2×2×4 input, block size 2.
Deno.test("pixelShuffle() gives the published example of depth_to_space", () => {
  const y = pixelShuffle(tensor64([1, 2, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]), 2);
  assertEquals(y.shape, [1, 4, 4, 1]);
  assertEquals([...y.data], [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16]);
});

// The other example there: channels that stay together.
Deno.test("pixelShuffle() keeps the channels of a pixel together", () => {
  const y = pixelShuffle(tensor64([1, 1, 1, 12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), 2);
  assertEquals(y.shape, [1, 2, 2, 3]);
  assertEquals([...y.data], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

// TensorFlow's example of tf.nn.space_to_depth.
Deno.test("pixelUnshuffle() gives the published example of space_to_depth", () => {
  const x = tensor64([1, 4, 4, 1], [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16]);
  const y = pixelUnshuffle(x, 2);
  assertEquals(y.shape, [1, 2, 2, 4]);
  assertEquals([...y.data], Array.from({ length: 16 }, (_, i) => i + 1));
});

for (const { shape, factor } of pixelShuffleCases) {
  Deno.test(`pixelShuffleGradient() agrees with finite differences at ${formatShape(shape)} by ${factor}`, () => {
    const x = normalTensor(shape, 1);
    const dy = normalTensor(pixelShuffle(x, factor).shape, 2);
    const dx = pixelShuffleGradient(shape, dy, factor);
    assertGradient("dx", x.data, dx.data, () => dot(pixelShuffle(x, factor).data, dy.data), 20);
  });
}
