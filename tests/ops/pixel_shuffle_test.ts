import { assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import type { Tensor4D } from "../tfjs/tensorflow.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { pixelShuffle } from "../../src/ops/pixel_shuffle.ts";
import { pixelShuffle as exactShuffle, pixelShuffleGradient } from "../../src/reference/pixel_shuffle.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { pixelShuffleCases } from "../cases/pixel_shuffle.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { expectedGradient, runOp, sharedInput } from "./harness.ts";

for (const { shape, factor } of pixelShuffleCases) {
  const values = normalTensor(shape, 1);
  const exactY = exactShuffle(values, factor);
  const dy = normalTensor(exactY.shape, 2);
  const exactDx = pixelShuffleGradient(shape, dy, factor);
  const at = `${formatShape(shape)} by ${factor}`;

  Deno.test(`pixelShuffle() moves every value as float64 and tfjs do at ${at}`, async () => {
    const { y, gradients: [dx] } = await runOp(
      await testGpu(),
      [{ values }],
      dy,
      (rec, [x]) => pixelShuffle(rec, x, factor),
    );
    // Nothing is computed, so that not a bit may differ.
    assertEquals([...y], [...exactY.data]);
    assertEquals([...dx], [...exactDx.data]);
    const tf = await loadTfjs();
    const f = (x: unknown) => tfjs.pixelShuffle(tf, x as Tensor4D, factor);
    const other = await valueAndGradients(tf, f, [upload(tf, values)], dy);
    assertEquals([...y], [...other.y]);
    assertEquals([...dx], [...other.gradients[0]]);
  });

  Deno.test(`pixelShuffle() goes back through an activation and adds to a gradient at ${at}`, async () => {
    const input = sharedInput(values, "leaky-relu", 3);
    const { gradients: [dx] } = await runOp(
      await testGpu(),
      [input],
      dy,
      (rec, [x]) => pixelShuffle(rec, x, factor),
    );
    assertAllClose(dx, expectedGradient(input, exactDx), 1e-6, "dx");
  });
}

Deno.test("pixelShuffle() refuses channels that are no multiple of the factor's square", () => {
  const rec = new Recorder({ training: false });
  assertThrows(
    () => pixelShuffle(rec, rec.input("x", [1, 2, 2, 6]), 2),
    /1×2×2×6 has no multiple of 4 channels/,
  );
});
