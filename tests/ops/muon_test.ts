import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { adamScalars } from "../../src/ops/adam.ts";
import { muon, MUON_ITERATIONS, MUON_RMS, type MuonProducts } from "../../src/ops/muon.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { adamState, adamStep } from "../../src/reference/adam.ts";
import { clipScale, globalNorm } from "../../src/reference/clip.ts";
import { emaStep } from "../../src/reference/ema.ts";
import { muonStep } from "../../src/reference/muon.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { normalValues } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import type { Tensor2D } from "../tfjs/tensorflow.ts";

const STEPS = 3;
/** Wider than a tile and less, no multiple of four, joined inputs, more columns than rows, 1×1; and what is left to Adam. */
const hidden = [
  { name: "a.weight", shape: [3, 3, 16, 16] },
  { name: "b.weight", shape: [3, 3, 7, 5], sources: [4, 3] },
  { name: "c.weight", shape: [3, 3, 5, 50] },
  { name: "d.weight", shape: [1, 1, 6, 36] },
  { name: "e.weight", shape: [3, 3, 24, 33], sources: [8, 16] },
];
const specs = [
  { name: "first.weight", shape: [3, 3, 3, 16] },
  ...hidden.flatMap((spec) => [spec, { name: spec.name.replace("weight", "bias"), shape: [spec.shape[3]] }]),
  { name: "out.weight", shape: [3, 3, 16, 3] },
];
const isHidden = new Set(hidden.map(({ name }) => name));
type Values = Map<string, Float32Array>;
const values = (seed: number, scale = 1): Values =>
  new Map(specs.map(({ name, shape }, i) => [name, normalValues(sizeOf(shape), 100 * seed + i, scale)]));
const start = values(1, 0.2);
/** Gradients of each step, of quite different sizes. */
const gradients = Array.from({ length: STEPS }, (_, i) => values(10 + i, 10 ** (i - 2)));
const settings = { learningRate: 0.02, beta2: 0.99, decay: 0.1, maxNorm: 30, ema: 0.9, momentum: 0.8 };

/** What the adapter can multiply by: subgroups of eight are lavapipe's. */
const PRODUCTS: readonly MuonProducts[] = (await testGpu()).adapter.subgroup === 8
  ? ["registers", "subgroups"]
  : ["registers"];

async function run(
  products?: MuonProducts,
  longestRow?: number,
): Promise<Record<"values" | "moment1" | "average", Values>> {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, specs);
  parameters.upload(start);
  parameters.upload(start, "average");
  const rec = new Recorder({ training: true, longestRow });
  rec.output("squared norm", muon(rec, parameters, isHidden, "adam", products).squaredNorm);
  using plan = await buildPlan(gpu, rec);
  for (let step = 1; step <= STEPS; step++) {
    parameters.upload(gradients[step - 1], "gradients");
    plan.write("adam", adamScalars({ ...settings, step }));
    plan.run();
  }
  const [found, moment1, average] = [
    await parameters.download("values"),
    await parameters.download("moment1"),
    await parameters.download("average"),
  ];
  return { values: found, moment1, average };
}

const scales = gradients.map((all) => clipScale(globalNorm(all.values()), settings.maxNorm));
const scaleOf = ([kernel, , inputs, outputs]: readonly number[]) =>
  MUON_RMS * Math.sqrt(Math.max(kernel ** 2 * inputs, outputs));

/** How far the steps have moved a parameter. */
const moved = (after: ArrayLike<number>, name: string) =>
  Float64Array.from(start.get(name)!, (before, i) => after[i] - before);

/**
 * Of a change by the iteration. It multiplies small singular values by up to 3.4445 each time, rounding errors among them: 485 times in all, of
 * which the root is to be expected where they are spread over all singular values.
 */
const TOLERANCE = 3.4445 ** MUON_ITERATIONS * 2 ** -23;

for (const products of PRODUCTS) {
  Deno.test(`muon() takes the steps of float64 over hidden weights, and Adam's over the others: ${products}`, async () => {
    const actual = await run(products);
    for (const { name, shape } of specs) {
      const parameter = Float64Array.from(start.get(name)!);
      const average = parameter.slice();
      const state = adamState(parameter.length);
      const beta2 = Math.fround(settings.beta2);
      gradients.forEach((all, i) => {
        const clipped = Float64Array.from(all.get(name)!, (value) => value * scales[i]);
        const { learningRate, decay: weightDecay } = settings;
        if (isHidden.has(name)) {
          const options = { learningRate, weightDecay, momentum: Math.fround(settings.momentum) };
          const scale = scaleOf(shape);
          muonStep(parameter, clipped, state.m, shape[3], MUON_ITERATIONS, { ...options, scale });
        } else {
          const options = { learningRate, weightDecay, beta1: Math.fround(0.9), beta2, epsilon: 1e-8 };
          adamStep(parameter, clipped, state, i + 1, options);
        }
        emaStep(average, parameter, settings.ema);
      });
      const tolerance = isHidden.has(name) ? TOLERANCE : 1e-5;
      assertAllClose(moved(actual.values.get(name)!, name), moved(parameter, name), tolerance, name);
      assertAllClose(
        moved(actual.average.get(name)!, name),
        moved(average, name),
        tolerance,
        `average of ${name}`,
      );
      assertAllClose(actual.moment1.get(name)!, state.m, 1e-5, `momentum of ${name}`);
    }
    // The same bits where rows of workgroups are folded, as they are for large networks.
    const folded = await run(products, 3);
    for (const kind of ["values", "moment1", "average"] as const) {
      for (const [name, values] of actual[kind]) {
        assertAllClose(folded[kind].get(name)!, values, 0, `${kind} of ${name}, folded`);
      }
    }
  });
}

Deno.test("muon() orthogonalises as tfjs does", async () => {
  const tf = await loadTfjs();
  const actual = await run();
  for (const { name, shape } of hidden) {
    const [columns, rows] = [shape[3], sizeOf(shape) / shape[3]];
    const results = tf.tidy(() => {
      let p = tf.tensor2d(start.get(name)!, [rows, columns]) as Tensor2D;
      let m = tf.zerosLike(p);
      gradients.forEach((all, i) => {
        const g = tf.mul(tf.tensor2d(all.get(name)!, [rows, columns]), scales[i]) as Tensor2D;
        m = tf.add(tf.mul(m, settings.momentum), tf.mul(g, 1 - settings.momentum)) as Tensor2D;
        let x = tf.add(tf.mul(m, settings.momentum), tf.mul(g, 1 - settings.momentum)) as Tensor2D;
        x = tf.div(x, tf.norm(x)) as Tensor2D;
        for (let k = 0; k < MUON_ITERATIONS; k++) {
          const a = tf.matMul(x, x, true, false);
          const b = tf.add(tf.mul(a, -4.7750), tf.mul(tf.matMul(a, a), 2.0315)) as Tensor2D;
          x = tf.add(tf.mul(x, 3.4445), tf.matMul(x, b)) as Tensor2D;
        }
        const change = tf.add(tf.mul(x, scaleOf(shape)), tf.mul(p, settings.decay));
        p = tf.sub(p, tf.mul(change, settings.learningRate)) as Tensor2D;
      });
      return p;
    });
    const expected = await results.data();
    results.dispose();
    assertAllClose(moved(actual.values.get(name)!, name), moved(expected, name), 2 * TOLERANCE, name);
  }
});

Deno.test("muon() leaves a layer without a gradient where it is, and gives the same bits again", async () => {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, specs);
  const none = new Map(specs.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
  const rec = new Recorder({ training: true });
  muon(rec, parameters, isHidden);
  using plan = await buildPlan(gpu, rec);
  parameters.upload(start);
  parameters.upload(start, "average");
  parameters.upload(none, "gradients");
  plan.write("adam", adamScalars({ learningRate: 0.1, step: 1 }));
  plan.run();
  assertEquals(await parameters.download("values"), start);
  assertEquals((await run()).values, (await run()).values);
  assert(rec.dispatches.length < 30, `${rec.dispatches.length}`);
});
