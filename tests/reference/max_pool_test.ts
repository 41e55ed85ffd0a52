import { assertEquals } from "../assert.ts";
import { maxPool, maxPoolGradient } from "../../src/reference/max_pool.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { maxPoolCases } from "../cases/max_pool.ts";
import { assertGradient, dot } from "./finite_difference.ts";

Deno.test("maxPool() takes what is inside of a window past the edge", () => {
  const { output, argmax } = maxPool(tensor64([1, 3, 3, 1], [1, 2, -3, 5, 4, -6, -7, -8, -9]));
  assertEquals(output.shape, [1, 2, 2, 1]);
  assertEquals([...output.data], [5, -3, -7, -9]);
  assertEquals([...argmax], [2, 0, 0, 0]);
});

Deno.test("maxPool() takes the first of equal maxima in row order, and its gradient goes there alone", () => {
  const x = tensor64([1, 2, 4, 1], [1, 7, 0, 0, 7, 7, 0, 0]);
  const { output, argmax } = maxPool(x);
  assertEquals([...output.data], [7, 0]);
  assertEquals([...argmax], [1, 0]);
  const dx = maxPoolGradient(x.shape, argmax, tensor64([1, 1, 2, 1], [3, 4]));
  assertEquals([...dx.data], [0, 3, 4, 0, 0, 0, 0, 0]);
});

for (const shape of maxPoolCases) {
  Deno.test(`maxPoolGradient() agrees with finite differences at ${formatShape(shape)}`, () => {
    const x = normalTensor(shape, 1);
    const { output, argmax } = maxPool(x);
    const dy = normalTensor(output.shape, 2);
    const dx = maxPoolGradient(shape, argmax, dy);
    assertGradient("dx", x.data, dx.data, () => dot(maxPool(x).output.data, dy.data));
  });
}
