/** What `bench/compare.ts` times: the same work by our kernels and by tfjs, each checked against the other first. */
import type { Tensor1D, Tensor4D } from "../tests/tfjs/tensorflow.ts";
import type { Gpu } from "../src/gpu/device.ts";
import { buildPlan, type Plan } from "../src/gpu/plan.ts";
import { Recorder } from "../src/gpu/recorder.ts";
import { heInitialise } from "../src/nn/initialise.ts";
import { unetTopology } from "../src/nn/topology.ts";
import { unet, unetParameters } from "../src/nn/unet.ts";
import { conv2d } from "../src/ops/conv2d.ts";
import { ParameterSet } from "../src/ops/parameter.ts";
import { Trainer } from "../src/train/trainer.ts";
import { seedGradient } from "../tests/ops/harness.ts";
import type { Tfjs } from "../tests/tfjs/backend.ts";
import { conv2d as tfjsConv2d, loss as tfjsLoss } from "../tests/tfjs/ops.ts";
import { TfjsUNet } from "../tests/tfjs/unet.ts";
import { uniform } from "./random.ts";

/** One piece of work in both. `ours` and `tfjs` do it so many times and wait once. */
export interface Comparison {
  readonly name: string;
  readonly ours: (repeat: number) => Promise<void>;
  readonly tfjs: (repeat: number) => Promise<void>;
  /** What each of them computes, for the check: of a training step the loss before it. */
  readonly values: () => Promise<readonly [ArrayLike<number>, ArrayLike<number>]>;
}

type Shape4 = [number, number, number, number];

const CONV = { name: "conv", kernel: 3, stride: 1, activation: "none" } as const;

/** One 3×3 convolution of `shape` to `outChannels`: forward, and each gradient alone. */
export async function convComparisons(
  gpu: Gpu,
  tf: Tfjs,
  shape: Shape4,
  outChannels: number,
): Promise<Comparison[]> {
  const weightShape: Shape4 = [3, 3, shape[3], outChannels];
  const outShape: Shape4 = [shape[0], shape[1], shape[2], outChannels];
  const data = { x: uniform(shape, 1), w: uniform(weightShape, 2), b: uniform([outChannels], 3) };
  const dyData = uniform(outShape, 4);
  const options = { ...CONV, outChannels };
  const parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: weightShape },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  parameters.upload(new Map([["conv.weight", data.w], ["conv.bias", data.b]]));

  const forward = new Recorder({ training: false });
  forward.output("y", conv2d(forward, [forward.input("x", shape)], parameters, options));
  const plan = await buildPlan(gpu, forward);
  plan.write("x", data.x);

  /** A plan of one of the two gradients; what the forward pass and the other gradient dispatch is taken out. */
  const gradientPlan = async (of: "input" | "weight"): Promise<Plan> => {
    const rec = new Recorder({ training: true });
    const x = rec.input("x", shape);
    const y = conv2d(rec, [x], parameters, options, { withoutGradient: new Set(of === "weight" ? [x] : []) });
    rec.dispatches.splice(0);
    seedGradient(rec, y, "dy");
    const before = rec.dispatches.length;
    rec.backward();
    if (of === "input") {
      const kept = rec.dispatches.slice(before).filter(({ bindings }) => !("partials" in bindings));
      rec.dispatches.splice(before, Infinity, ...kept);
      rec.output("d", rec.gradientOf(x).gradient);
    } else rec.output("d", x); // Read only to wait: the gradient lies in the parameters.
    const built = await buildPlan(gpu, rec);
    built.write("x", data.x);
    built.write("dy", dyData);
    return built;
  };

  const x = tf.tensor4d(data.x, shape);
  const w = tf.tensor4d(data.w, weightShape);
  const b = tf.tensor1d(data.b) as Tensor1D;
  const dy = tf.tensor4d(dyData, outShape);
  const attributes = { strides: [1, 1], pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined };
  const kernel = (name: string, inputs: Record<string, Tensor4D>, more: Record<string, unknown>) =>
    tf.engine().runKernel(name, inputs, { ...attributes, ...more } as never) as Tensor4D;
  const runTfjs = (work: () => Tensor4D) => async (repeat: number) => {
    for (let i = 0; i < repeat; i++) {
      const result = work();
      if (i === repeat - 1) await result.data();
      result.dispose();
    }
  };
  const runOurs = (built: Plan, output: string) => async (repeat: number) => {
    for (let i = 0; i < repeat; i++) built.run();
    await built.read(output);
  };
  const valuesOf = async (work: () => Tensor4D): Promise<ArrayLike<number>> => {
    const result = work();
    const values = await result.data();
    result.dispose();
    return values;
  };

  const works = {
    forward: () => tfjsConv2d(tf, [x], w, b, options),
    input: () => kernel("Conv2DBackpropInput", { dy, filter: w }, { inputShape: shape }),
    weight: () => kernel("Conv2DBackpropFilter", { x, dy }, { filterShape: weightShape }),
  };
  const input = await gradientPlan("input");
  const weight = await gradientPlan("weight");
  const label = `3×3 ${shape[3]}→${outChannels} at ${shape[0]}×${shape[1]}×${shape[2]}`;
  return [
    {
      name: `convolution ${label}, forward`,
      ours: runOurs(plan, "y"),
      tfjs: runTfjs(works.forward),
      values: async () => {
        plan.run();
        return [await plan.read("y"), await valuesOf(works.forward)];
      },
    },
    {
      name: `convolution ${label}, input gradient`,
      ours: runOurs(input, "d"),
      tfjs: runTfjs(works.input),
      values: async () => {
        input.run();
        return [await input.read("d"), await valuesOf(works.input)];
      },
    },
    {
      name: `convolution ${label}, weight gradient`,
      ours: runOurs(weight, "d"),
      tfjs: runTfjs(works.weight),
      values: async () => {
        weight.run();
        const gradients = await parameters.download("gradients");
        return [gradients.get("conv.weight")!, await valuesOf(works.weight)];
      },
    },
  ];
}

/** The shipped U-Net: forward, and a whole training step (forward, backward, Adam). */
export async function unetComparisons(gpu: Gpu, tf: Tfjs, shape: Shape4): Promise<Comparison[]> {
  const topology = unetTopology({ widths: [16, 32, 64, 96] });
  const weights = heInitialise(topology, 1);
  const parameters = unetParameters(gpu, topology);
  parameters.upload(weights);
  const rec = new Recorder({ training: false });
  rec.output("y", unet(rec, rec.input("x", shape), topology, parameters));
  const plan = await buildPlan(gpu, rec);
  const xData = uniform(shape, 1);
  plan.write("x", xData);
  const net = new TfjsUNet(tf, topology, weights);
  const x = tf.tensor4d(xData, shape);

  const trainer = await Trainer.create(gpu, { topology, batch: shape[0], patch: shape[1], loss: "mse" });
  trainer.start(weights);
  const batch = { input: xData, target: uniform(shape, 2) };
  const target = tf.tensor4d(batch.target, shape);
  const trained = new TfjsUNet(tf, topology, weights);
  const settings = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const optimiser = trained.adam(settings);
  const minimise = () => optimiser.minimize(() => tfjsLoss(tf, "mse", trained.forward(x), target), true)!;
  let step = 0;
  const label = `U-Net 16/32/64/96, ${shape.slice(0, 3).join("×")}`;
  return [
    {
      name: `${label}, forward`,
      ours: async (repeat) => {
        for (let i = 0; i < repeat; i++) plan.run();
        await plan.read("y");
      },
      tfjs: async (repeat) => {
        for (let i = 0; i < repeat; i++) {
          const y = net.forward(x);
          if (i === repeat - 1) await y.data();
          y.dispose();
        }
      },
      values: async () => {
        plan.run();
        const y = net.forward(x);
        const values = await y.data();
        y.dispose();
        return [await plan.read("y"), values];
      },
    },
    {
      name: `${label}, training step`,
      ours: async (repeat) => {
        for (let i = 0; i < repeat; i++) trainer.step(batch, { learningRate: 1e-4, step: ++step });
        await trainer.look();
      },
      tfjs: async (repeat) => {
        for (let i = 0; i < repeat; i++) {
          const value = minimise();
          if (i === repeat - 1) await value.data();
          value.dispose();
        }
      },
      values: async () => {
        trainer.step(batch, { learningRate: 1e-4, step: ++step });
        const ours = await trainer.look();
        const value = minimise();
        const theirs = await value.data();
        value.dispose();
        return [[ours.loss], theirs];
      },
    },
  ];
}
