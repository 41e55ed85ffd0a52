import { assertEquals, assertThrows } from "../assert.ts";
import type { Tensor4D } from "../tfjs/tensorflow.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { pixelUnshuffle } from "../../src/ops/pixel_unshuffle.ts";
import { pixelUnshuffle as exactUnshuffle } from "../../src/reference/pixel_shuffle.ts";
import { formatShape, type Shape4 } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { pixelShuffleCases } from "../cases/pixel_shuffle.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";

for (const { shape: [n, h, w, deep], factor } of pixelShuffleCases) {
  const shape: Shape4 = [n, h * factor, w * factor, deep / factor ** 2];

  Deno.test(`pixelUnshuffle() moves every value as float64 and tfjs do at ${formatShape(shape)} by ${factor}`, async () => {
    const values = normalTensor(shape, 1);
    const rec = new Recorder({ training: false });
    rec.output("y", pixelUnshuffle(rec, rec.input("x", shape), factor));
    using plan = await buildPlan(await testGpu(), rec);
    plan.write("x", Float32Array.from(values.data));
    plan.run();
    const y = await plan.read("y");
    // Nothing is computed, so that not a bit may differ.
    assertEquals([...y], [...exactUnshuffle(values, factor).data]);
    const tf = await loadTfjs();
    const other = tf.tidy(() => tfjs.pixelUnshuffle(tf, upload(tf, values) as Tensor4D, factor));
    assertEquals([...y], [...await other.data()]);
    other.dispose();
  });
}

Deno.test("pixelUnshuffle() refuses sizes that are no multiple of the factor", () => {
  const rec = new Recorder({ training: false });
  for (const shape of [[1, 3, 4, 3], [1, 4, 6, 3]]) {
    assertThrows(() => pixelUnshuffle(rec, rec.input("x", shape), 4), /no multiple of 4 each way/);
  }
});
