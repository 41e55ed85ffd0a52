import { assertAllClose } from "../assert.ts";
import type { Tensor4D } from "../tfjs/tensorflow.ts";
import { maxPool } from "../../src/ops/max_pool.ts";
import { maxPool as exactMaxPool, maxPoolGradient } from "../../src/reference/max_pool.ts";
import { type Tensor64, tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { maxPoolCases } from "../cases/max_pool.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { sumTolerance } from "../tolerance.ts";
import { expectedGradient, type OpInput, runOp, sharedInput } from "./harness.ts";

function exact(input: OpInput, dy: Tensor64) {
  const { output, argmax } = exactMaxPool(input.values);
  const dx = maxPoolGradient(input.values.shape, argmax, dy);
  return { y: output.data, dx: expectedGradient(input, dx) };
}

for (const shape of maxPoolCases) {
  const values = normalTensor(shape, 1);
  const dy = normalTensor(exactMaxPool(values).output.shape, 2);

  Deno.test(`maxPool() gives exactly what float64 and tfjs give at ${formatShape(shape)}`, async () => {
    const { y, gradients: [dx] } = await runOp(
      await testGpu(),
      [{ values }],
      dy,
      (rec, [x]) => maxPool(rec, x),
    );
    const expected = exact({ values }, dy);
    assertAllClose(y, expected.y, 0, "y");
    assertAllClose(dx, expected.dx, 0, "dx");
    const tf = await loadTfjs();
    const other = await valueAndGradients(
      tf,
      (x) => tfjs.maxPool(tf, x as Tensor4D),
      [upload(tf, values)],
      dy,
    );
    assertAllClose(y, other.y, 0, "y");
    assertAllClose(dx, other.gradients[0], 0, "dx");
  });

  Deno.test(`maxPool() goes back through an activation and adds to a gradient at ${formatShape(shape)}`, async () => {
    for (const activation of ["relu", "leaky-relu"] as const) {
      const input = sharedInput(values, activation, 3);
      const { y, gradients: [dx] } = await runOp(await testGpu(), [input], dy, (rec, [x]) => maxPool(rec, x));
      const expected = exact(input, dy);
      assertAllClose(y, expected.y, 0, "y");
      assertAllClose(dx, expected.dx, sumTolerance(2), "dx");
    }
  });
}

Deno.test("maxPool() sends the gradient to the first of equal maxima in row order", async () => {
  // Few distinct values: nearly every window has equals.
  const noise = normalTensor([2, 7, 9, 5], 4);
  const values = tensor64(noise.shape, noise.data.map(Math.round));
  const dy = normalTensor([2, 4, 5, 5], 5);
  const { y, gradients: [dx] } = await runOp(
    await testGpu(),
    [{ values }],
    dy,
    (rec, [x]) => maxPool(rec, x),
  );
  const expected = exact({ values }, dy);
  assertAllClose(y, expected.y, 0, "y");
  assertAllClose(dx, expected.dx, 0, "dx");
});
