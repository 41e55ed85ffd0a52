import { assert, assertAllClose } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { adam, type AdamOptions, adamScalars } from "../../src/ops/adam.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { adamState, adamStep } from "../../src/reference/adam.ts";
import { clipScale, globalNorm } from "../../src/reference/clip.ts";
import { emaStep } from "../../src/reference/ema.ts";
import { formatShape, sizeOf } from "../../src/tensor/shape.ts";
import { parameterShapes } from "../cases/elementwise.ts";
import { normalValues } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { sumTolerance } from "../tolerance.ts";

type Values = Map<string, Float32Array>;
type Settings = Omit<AdamOptions, "step">;

const STEPS = 5;
const specs = parameterShapes.map((shape) => ({ name: formatShape(shape), shape }));
const values = (seed: number, scale = 1): Values =>
  new Map(specs.map(({ name, shape }) => [name, normalValues(sizeOf(shape), seed, scale)]));
const start = values(1);
/** Gradients of each step, of quite different sizes. */
const gradients = Array.from({ length: STEPS }, (_, i) => values(10 + i, 10 ** (i - 3)));

/** Parameters, moments and averages after all steps on the device. */
async function run(
  settings: Settings,
): Promise<Record<"values" | "moment1" | "moment2" | "average", Values>> {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, specs);
  parameters.upload(start);
  parameters.upload(start, "average");
  const rec = new Recorder({ training: true });
  rec.output("squared norm", adam(rec, parameters).squaredNorm);
  using plan = await buildPlan(gpu, rec);
  for (let step = 1; step <= STEPS; step++) {
    parameters.upload(gradients[step - 1], "gradients");
    plan.write("adam", adamScalars({ ...settings, step }));
    plan.run();
    const [squared] = await plan.read("squared norm");
    assertAllClose([Math.sqrt(squared)], [globalNorm(gradients[step - 1].values())], 1e-6, "norm");
  }
  return {
    values: await parameters.download("values"),
    moment1: await parameters.download("moment1"),
    moment2: await parameters.download("moment2"),
    average: await parameters.download("average"),
  };
}

function exact(settings: Settings) {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0, maxNorm = 0, ema = 0.999 } =
    settings;
  // The device holds the betas as float32, and 1 − 0.999 as float32 differs by 1.3e-5: a hair's breadth of another β₂.
  const betas = { beta1: Math.fround(beta1), beta2: Math.fround(beta2) };
  const options = { learningRate, ...betas, epsilon, weightDecay: decay };
  const scales = gradients.map((all) => maxNorm ? clipScale(globalNorm(all.values()), maxNorm) : 1);
  return new Map(specs.map(({ name, shape }) => {
    const parameter = Float64Array.from(start.get(name)!);
    const average = parameter.slice();
    const state = adamState(sizeOf(shape));
    gradients.forEach((all, i) => {
      const clipped = Float64Array.from(all.get(name)!, (value) => value * scales[i]);
      adamStep(parameter, clipped, state, i + 1, options);
      emaStep(average, parameter, ema);
    });
    return [name, { values: parameter, average, moment1: state.m, moment2: state.v }];
  }));
}

/** How far the steps have moved a parameter, so that an update that is wrong cannot hide behind a large parameter. */
function moved(after: ArrayLike<number>, name: string): Float64Array {
  return Float64Array.from(start.get(name)!, (before, i) => after[i] - before);
}

/** Of means over a few steps. */
const MOMENT_TOLERANCE = sumTolerance(STEPS);

/** Of a change: each step rounds the parameter that it changes, which may be much larger than the change. */
function changeTolerance(change: Float64Array, name: string): number {
  const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
  return 1e-6 + STEPS * 2 ** -24 * largest(start.get(name)!) / largest(change);
}

const settings: readonly (readonly [string, Settings])[] = [
  ["Adam", { learningRate: 0.05, ema: 0.9 }],
  ["Adam with other means and a large ε", {
    learningRate: 0.05,
    beta1: 0.5,
    beta2: 0.99,
    epsilon: 0.1,
    ema: 0.5,
  }],
  ["AdamW", { learningRate: 0.05, decay: 0.3, ema: 0.99 }],
  ["Adam with clipping", { learningRate: 0.05, maxNorm: 1, ema: 0.9 }],
  // The other steps' gradients are ten times smaller and larger.
  ["Adam with a gradient that is a little too long", {
    learningRate: 0.05,
    maxNorm: 0.75 * globalNorm(gradients[2].values()),
  }],
];

for (const [title, options] of settings) {
  Deno.test(`adam() takes the steps of float64: ${title}`, async () => {
    const actual = await run(options);
    for (const [name, expected] of exact(options)) {
      for (const kind of ["values", "average"] as const) {
        const change = moved(expected[kind], name);
        const found = moved(actual[kind].get(name)!, name);
        assertAllClose(found, change, changeTolerance(change, name), `change of ${kind} of ${name}`);
      }
      assertAllClose(actual.moment1.get(name)!, expected.moment1, MOMENT_TOLERANCE, `${name} moment1`);
      assertAllClose(actual.moment2.get(name)!, expected.moment2, MOMENT_TOLERANCE, `${name} moment2`);
    }
  });
}

Deno.test("adam() does not clip a gradient whose norm is within the limit", async () => {
  const free = await run({ learningRate: 0.05 });
  const loose = await run({ learningRate: 0.05, maxNorm: 1e6 });
  for (const { name } of specs) assertAllClose(loose.values.get(name)!, free.values.get(name)!, 0, name);
  const clipped = await run({ learningRate: 0.05, maxNorm: 1 });
  assert(
    specs.some(({ name }) =>
      clipped.values.get(name)!.some((value, i) => value !== free.values.get(name)![i])
    ),
  );
});

Deno.test("adam() takes the steps of tfjs", async () => {
  const options = { learningRate: 0.05, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 };
  const actual = await run(options);
  const tf = await loadTfjs();
  const optimizer = tf.train.adam(options.learningRate, options.beta1, options.beta2, options.epsilon);
  const variables = specs.map(({ name, shape }) =>
    tf.variable(tf.tensor(start.get(name)!, [...shape]), true, `adam/${name}`)
  );
  for (const all of gradients) {
    const named = specs.map(({ name, shape }) => ({
      name: `adam/${name}`,
      tensor: tf.tensor(all.get(name)!, [...shape]),
    }));
    optimizer.applyGradients(named);
    tf.dispose(named.map(({ tensor }) => tensor));
  }
  for (const [i, { name }] of specs.entries()) {
    const after = await variables[i].data();
    const change = moved(after, name);
    assertAllClose(moved(actual.values.get(name)!, name), change, changeTolerance(change, name), name);
  }
  optimizer.dispose();
  tf.dispose(variables);
});
