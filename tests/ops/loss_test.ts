import { assertAllClose, assertThrows } from "../assert.ts";
import type { Tensor4D } from "../tfjs/tensorflow.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { loss } from "../../src/ops/loss.ts";
import { loss as exactLoss } from "../../src/reference/loss.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { elementwiseCases, lossKinds } from "../cases/elementwise.ts";
import { normalTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { sumTolerance, sumToleranceBetween } from "../tolerance.ts";
import { float32 } from "./harness.ts";

for (const kind of lossKinds) {
  for (const shape of elementwiseCases) {
    Deno.test(`loss() ${kind} gives what float64 and tfjs give at ${formatShape(shape)}`, async () => {
      const prediction = normalTensor(shape, 1);
      const target = normalTensor(shape, 2);
      const rec = new Recorder({ training: true });
      const [y, goal] = [rec.input("y", shape), rec.input("target", shape)];
      rec.output("loss", loss(rec, y, goal, kind));
      rec.output("dy", rec.gradientOf(y).gradient);
      using plan = await buildPlan(await testGpu(), rec);
      plan.write("y", float32(prediction));
      plan.write("target", float32(target));
      plan.run();
      const value = (await plan.read("loss")).slice(0, 1);
      const gradient = await plan.read("dy");

      const expected = exactLoss(kind, prediction, target);
      const terms = prediction.data.length;
      assertAllClose(value, [expected.value], sumTolerance(terms), "loss");
      assertAllClose(gradient, expected.gradient.data, sumTolerance(1), "dy");
      const tf = await loadTfjs();
      const goalTensor = upload(tf, target);
      const f = (x: unknown) => tfjs.loss(tf, kind, x as Tensor4D, goalTensor);
      const other = await valueAndGradients(tf, f, [upload(tf, prediction)]);
      goalTensor.dispose();
      assertAllClose(value, other.y, sumToleranceBetween(terms), "loss");
      assertAllClose(gradient, other.gradients[0], sumToleranceBetween(1), "dy");
    });
  }
}

Deno.test("loss() names both shapes when they differ", () => {
  const rec = new Recorder({ training: true });
  const [y, target] = [rec.input("y", [1, 2, 3, 4]), rec.input("target", [1, 3, 2, 4])];
  assertThrows(() => loss(rec, y, target, "mse"), /output is 1×2×3×4, target is 1×3×2×4/);
});

Deno.test("loss() has no gradient where both sides are equal, and Charbonnier's least value is ε", async () => {
  // Three channels: the fourth lane of each vec4 holds none and must not count.
  const shape = [1, 3, 5, 3];
  const values = float32(normalTensor([1, 3, 5, 3], 1));
  for (const [kind, least] of [["mse", 0], ["l1", 0], ["charbonnier", 1e-3]] as const) {
    const rec = new Recorder({ training: true });
    const [y, goal] = [rec.input("y", shape), rec.input("target", shape)];
    rec.output("loss", loss(rec, y, goal, kind));
    rec.output("dy", rec.gradientOf(y).gradient);
    using plan = await buildPlan(await testGpu(), rec);
    plan.write("y", values);
    plan.write("target", values);
    plan.run();
    assertAllClose((await plan.read("loss")).slice(0, 1), [least], sumTolerance(values.length), kind);
    assertAllClose(await plan.read("dy"), new Float32Array(values.length), 0, kind);
  }
});

for (const kind of lossKinds) {
  Deno.test(`loss() ${kind} multiplies the terms and gradients of each image by its weight`, async () => {
    const shape = [5, 3, 7, 3] as const;
    const [prediction, target] = [normalTensor(shape, 1), normalTensor(shape, 2)];
    const factors = [0.5, 3, 0, 1.25, 7];
    const rec = new Recorder({ training: true });
    const [y, goal, weights] = [rec.input("y", shape), rec.input("target", shape), rec.scalars("weights", 5)];
    rec.output("loss", loss(rec, y, goal, kind, weights));
    rec.output("dy", rec.gradientOf(y).gradient);
    using plan = await buildPlan(await testGpu(), rec);
    plan.write("y", float32(prediction));
    plan.write("target", float32(target));
    plan.write("weights", Float32Array.of(...factors, 0, 0, 0));
    plan.run();

    const length = 3 * 7 * 3;
    let value = 0;
    const gradient = new Float64Array(5 * length);
    factors.forEach((factor, n) => {
      const image = ({ data }: { data: Float64Array }) => ({
        shape: [1, 3, 7, 3] as const,
        data: data.slice(n * length, (n + 1) * length),
      });
      const alone = exactLoss(kind, image(prediction), image(target));
      value += factor * alone.value / 5;
      alone.gradient.data.forEach((g, i) => gradient[n * length + i] = factor * g / 5);
    });
    assertAllClose((await plan.read("loss")).slice(0, 1), [value], sumTolerance(5 * length), "loss");
    assertAllClose(await plan.read("dy"), gradient, sumTolerance(2), "dy");
  });
}

Deno.test("loss() refuses fewer weights than images", () => {
  const rec = new Recorder({ training: true });
  const [y, target] = [rec.input("y", [5, 2, 2, 3]), rec.input("target", [5, 2, 2, 3])];
  assertThrows(() => loss(rec, y, target, "mse", rec.scalars("weights", 4)), /4 weights are too few for 5/);
});
