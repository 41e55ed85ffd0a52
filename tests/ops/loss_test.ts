import { assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import type { Scalar, Tensor4D } from "../tfjs/tensorflow.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { loss, type LossKind } from "../../src/ops/loss.ts";
import {
  chromaLoss,
  colourLoss,
  loss as exactLoss,
  type LossResult,
  psnrLoss,
} from "../../src/reference/loss.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape, type Shape4 } from "../../src/tensor/shape.ts";
import { elementwiseCases, lossKinds } from "../cases/elementwise.ts";
import { normalTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { sumTolerance, sumToleranceBetween } from "../tolerance.ts";
import { float32 } from "./harness.ts";

/** Adapters take logarithms by polynomials: of the value of psnr, WGSL wants 2⁻²¹ near 1 alone; its gradient has none in it. */
const logarithmTolerance = (kind: LossKind) => kind === "psnr" ? 1e-5 : 0;

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
      assertAllClose(value, [expected.value], sumTolerance(terms) + logarithmTolerance(kind), "loss");
      assertAllClose(gradient, expected.gradient.data, sumTolerance(1), "dy");
      const tf = await loadTfjs();
      const goalTensor = upload(tf, target);
      const f = (x: unknown) => tfjs.loss(tf, kind, x as Tensor4D, goalTensor);
      const other = await valueAndGradients(tf, f, [upload(tf, prediction)]);
      goalTensor.dispose();
      assertAllClose(value, other.y, sumToleranceBetween(terms) + logarithmTolerance(kind), "loss");
      assertAllClose(gradient, other.gradients[0], sumToleranceBetween(1), "dy");
    });
  }
}

/** A tint for each image and channel besides, so that means are not all noise. */
function tinted(shape: Shape4, seed: number): Tensor64 {
  const tensor = normalTensor(shape, seed);
  const [images, , , channels] = shape;
  const tints = normalTensor([images, 1, 1, channels], seed + 1);
  const length = tensor.data.length / images;
  return {
    shape,
    data: tensor.data.map((value, i) =>
      Math.fround(value + tints.data[Math.floor(i / length) * channels + i % channels])
    ),
  };
}

/** Weights of the colour and of the chroma term. */
interface Terms {
  readonly colourWeight?: number;
  readonly chromaWeight?: number;
}

/** What the device gives with such terms; the second run has to give the same bits. */
async function withTerms(
  kind: LossKind,
  prediction: Tensor64,
  target: Tensor64,
  terms: Terms,
  factors?: readonly number[],
): Promise<{ value: Float32Array; gradient: Float32Array; dispatches: string[] }> {
  const { shape } = prediction;
  const rec = new Recorder({ training: true });
  const [y, goal] = [rec.input("y", shape), rec.input("target", shape)];
  const weights = factors && rec.scalars("weights", shape[0]);
  rec.output("loss", loss(rec, y, goal, kind, { weights, ...terms }));
  rec.output("dy", rec.gradientOf(y).gradient);
  using plan = await buildPlan(await testGpu(), rec);
  plan.write("y", float32(prediction));
  plan.write("target", float32(target));
  if (factors) {
    plan.write(
      "weights",
      Float32Array.from({ length: weights!.shape[0] }, (_, i) => factors[i] ?? 0),
    );
  }
  const runs = [];
  for (let run = 0; run < 2; run++) {
    plan.run();
    runs.push({ value: (await plan.read("loss")).slice(0, 1), gradient: await plan.read("dy") });
  }
  assertEquals(runs[1], runs[0]);
  return { ...runs[0], dispatches: rec.dispatches.map(({ kernel }) => kernel.name) };
}

/** Float64's loss with such terms. */
function exactWithTerms(kind: LossKind, prediction: Tensor64, target: Tensor64, terms: Terms): LossResult {
  if (kind === "psnr") return psnrLoss(prediction, target, terms);
  const { colourWeight = 0, chromaWeight = 0 } = terms;
  const base = exactLoss(kind, prediction, target);
  const [colour, chroma] = [colourLoss(prediction, target), chromaLoss(prediction, target)];
  const data = base.gradient.data.map((g, i) =>
    g + colourWeight * colour.gradient.data[i] + chromaWeight * chroma.gradient.data[i]
  );
  const value = base.value + colourWeight * colour.value + chromaWeight * chroma.value;
  return { value, gradient: { ...base.gradient, data } };
}

const colourCases: readonly Shape4[] = [...elementwiseCases, [3, 13, 9, 1], [5, 1, 131, 3], [2, 96, 64, 6]];
const fewChannels = colourCases.filter(([, , , channels]) => channels <= 4);

/** Either term alone, and both; what each of them is called, and of which shapes it is. */
const termCases: readonly { name: string; terms: Terms; shapes: readonly Shape4[] }[] = [
  { name: "a colour term", terms: { colourWeight: 7.5 }, shapes: colourCases },
  { name: "a chroma term", terms: { chromaWeight: 2.5 }, shapes: fewChannels },
  { name: "both terms", terms: { colourWeight: 4, chromaWeight: 3 }, shapes: fewChannels },
];

for (const kind of lossKinds) {
  for (const { name, terms, shapes } of termCases) {
    for (const shape of shapes) {
      Deno.test(`loss() ${kind} with ${name} gives what float64 and tfjs give at ${formatShape(shape)}`, async () => {
        const [prediction, target] = [tinted(shape, 1), normalTensor(shape, 5)];
        const { value, gradient } = await withTerms(kind, prediction, target, terms);

        const exact = exactWithTerms(kind, prediction, target, terms);
        const count = prediction.data.length;
        const pixels = shape[1] * shape[2];
        assertAllClose(value, [exact.value], sumTolerance(count) + logarithmTolerance(kind), "loss");
        assertAllClose(gradient, exact.gradient.data, sumTolerance(pixels), "dy");
        const tf = await loadTfjs();
        const goal = upload(tf, target);
        const f = (x: unknown): Scalar => {
          const y = x as Tensor4D;
          if (kind === "psnr") return tfjs.psnrLoss(tf, y, goal, terms);
          const colour = tf.mul(terms.colourWeight ?? 0, tfjs.colourLoss(tf, y, goal));
          const chroma = tf.mul(terms.chromaWeight ?? 0, tfjs.chromaLoss(tf, y, goal));
          return tf.add(tfjs.loss(tf, kind, y, goal), tf.add(colour, chroma));
        };
        const other = await valueAndGradients(tf, f, [upload(tf, prediction)]);
        goal.dispose();
        assertAllClose(value, other.y, sumToleranceBetween(count) + logarithmTolerance(kind), "loss");
        assertAllClose(gradient, other.gradients[0], sumToleranceBetween(pixels), "dy");
      });
    }
  }
}

Deno.test("loss() with a chroma term counts what is grey in an error once, and what is coloured 1 + V times", async () => {
  const shape = [1, 2, 2, 3] as const;
  const target = normalTensor(shape, 1);
  const off = (error: readonly number[]) => ({ shape, data: target.data.map((t, i) => t + error[i % 3]) });
  const value = async (error: readonly number[]) =>
    (await withTerms("mse", off(error), target, { chromaWeight: 4 })).value;
  assertAllClose(await value([0.3, 0.3, 0.3]), [0.09], 1e-5, "grey");
  assertAllClose(await value([0.3, -0.3, 0]), [5 * 0.06], 1e-5, "coloured");
});

Deno.test("loss() refuses a chroma term over more than four channels", () => {
  const rec = new Recorder({ training: true });
  const [y, target] = [rec.input("y", [1, 2, 3, 5]), rec.input("target", [1, 2, 3, 5])];
  assertThrows(() => loss(rec, y, target, "mse", { chromaWeight: 1 }), /four channels at most, not 5/);
});

Deno.test("loss() psnr is held to float64 from far below 40 dB to far above, image by image", async () => {
  const shape = [4, 8, 8, 3] as const;
  const target = normalTensor(shape, 1);
  const noise = normalTensor(shape, 2);
  // Errors of 0, 30, 40 and 70 dB.
  const sizes = [1, 10 ** -1.5, 1e-2, 10 ** -3.5];
  const data = target.data.map((value, i) => Math.fround(value + sizes[Math.floor(i / 192)] * noise.data[i]));
  const prediction = { shape, data };
  const { value, gradient } = await withTerms("psnr", prediction, target, {});
  const expected = psnrLoss(prediction, target);
  assertAllClose(value, [expected.value], sumTolerance(4 * 192) + logarithmTolerance("psnr"), "loss");
  for (let n = 0; n < 4; n++) {
    const image = (values: ArrayLike<number>) => Array.from(values).slice(n * 192, (n + 1) * 192);
    assertAllClose(image(gradient), image(expected.gradient.data), sumTolerance(192), `dy of image ${n}`);
  }
});

Deno.test("loss() multiplies the colour term of each image by its weight, too", async () => {
  const shape = [5, 3, 7, 3] as const;
  const [prediction, target] = [tinted(shape, 3), normalTensor(shape, 4)];
  const factors = [0.5, 3, 0, 1.25, 7];
  const { value, gradient } = await withTerms("mse", prediction, target, { colourWeight: 20 }, factors);
  const length = 3 * 7 * 3;
  let expected = 0;
  const slopes = new Float64Array(5 * length);
  factors.forEach((factor, n) => {
    const image = ({ data }: Tensor64) => ({
      shape: [1, 3, 7, 3] as const,
      data: data.slice(n * length, (n + 1) * length),
    });
    const [a, b] = [image(prediction), image(target)];
    const [base, colour] = [exactLoss("mse", a, b), colourLoss(a, b)];
    expected += factor * (base.value + 20 * colour.value) / 5;
    base.gradient.data.forEach((g, i) =>
      slopes[n * length + i] = factor * (g + 20 * colour.gradient.data[i]) / 5
    );
  });
  assertAllClose(value, [expected], sumTolerance(5 * length), "loss");
  assertAllClose(gradient, slopes, sumTolerance(21), "dy");
});

Deno.test("loss() takes two dispatches, and two more with a colour term or for psnr", async () => {
  const [prediction, target] = [tinted([2, 9, 9, 3], 1), normalTensor([2, 9, 9, 3], 5)];
  const dispatches = async (weight: number, kind: LossKind = "l1") =>
    (await withTerms(kind, prediction, target, { colourWeight: weight, chromaWeight: weight })).dispatches;
  assertEquals(await dispatches(0), ["loss", "sum_slices"]);
  assertEquals(await dispatches(1), ["loss_errors", "sum_slices", "loss", "sum_slices"]);
  assertEquals(await dispatches(0, "psnr"), ["loss_errors", "sum_slices", "loss", "sum_slices"]);
});

Deno.test("loss() names both shapes when they differ", () => {
  const rec = new Recorder({ training: true });
  const [y, target] = [rec.input("y", [1, 2, 3, 4]), rec.input("target", [1, 3, 2, 4])];
  assertThrows(() => loss(rec, y, target, "mse"), /output is 1×2×3×4, target is 1×3×2×4/);
});

Deno.test("loss() has no gradient where both sides are equal, and Charbonnier's least value is ε", async () => {
  // Three channels: the fourth lane of each vec4 holds none and must not count.
  const shape = [1, 3, 5, 3];
  const values = float32(normalTensor([1, 3, 5, 3], 1));
  for (const [kind, least] of [["mse", 0], ["l1", 0], ["charbonnier", 1e-3], ["psnr", 0]] as const) {
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
    rec.output("loss", loss(rec, y, goal, kind, { weights }));
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
    assertAllClose(
      (await plan.read("loss")).slice(0, 1),
      [value],
      sumTolerance(5 * length) + logarithmTolerance(kind),
      "loss",
    );
    assertAllClose(await plan.read("dy"), gradient, sumTolerance(2), "dy");
  });
}

Deno.test("loss() refuses fewer weights than images", () => {
  const rec = new Recorder({ training: true });
  const [y, target] = [rec.input("y", [5, 2, 2, 3]), rec.input("target", [5, 2, 2, 3])];
  assertThrows(
    () => loss(rec, y, target, "mse", { weights: rec.scalars("weights", 4) }),
    /4 weights are too few for 5/,
  );
});
