/** The work that `bench/compare.ts` and `bench/peers/run.ts` time, by our kernels. */
import type { Gpu } from "../src/gpu/device.ts";
import { buildPlan, type Plan } from "../src/gpu/plan.ts";
import { Recorder } from "../src/gpu/recorder.ts";
import { macsPerPixel } from "../src/nn/graph.ts";
import { heInitialise } from "../src/nn/initialise.ts";
import { type UNetTopology, unetTopology } from "../src/nn/topology.ts";
import { unet, unetParameters } from "../src/nn/unet.ts";
import { conv2d } from "../src/ops/conv2d.ts";
import { ParameterSet } from "../src/ops/parameter.ts";
import { Trainer } from "../src/train/trainer.ts";
import { recordRole } from "./one_role.ts";
import { uniform } from "./random.ts";
import type { Shape4 } from "./shapes.ts";

/** One piece of work. */
export interface Work {
  /** Does it so many times and waits once. */
  readonly run: (repeat: number) => Promise<void>;
  /** So many repetitions at most may be under way at once; as many as their time takes if not given. */
  readonly most?: number;
  /** What it computes, for the check against a peer: of training steps the loss before the next one. */
  readonly values: () => Promise<ArrayLike<number>>;
}

export interface OurCase extends Work {
  readonly name: string;
  /** Floating-point operations of it as the plain sums have them, whatever the kernel saves of them. */
  readonly flops: number;
  /** Bytes on the GPU that it needs at most, where that is measured: parameters, optimiser state, activations, all. */
  readonly peakBytes?: number;
}

/** Cases that share what `Symbol.dispose` frees. */
export interface Cases<Case> extends Disposable {
  readonly cases: readonly Case[];
}

export const CONV = { name: "conv", kernel: 3, stride: 1, activation: "none" } as const;
export const PASSES = ["forward", "input gradient", "weight gradient"] as const;

export function convName(shape: Shape4, outChannels: number): string {
  return `convolution 3×3 ${shape[3]}→${outChannels} at ${shape.slice(0, 3).join("×")}`;
}

/** Inputs of a convolution's three cases. */
export function convData(shape: Shape4, outChannels: number) {
  const weightShape: Shape4 = [3, 3, shape[3], outChannels];
  const outShape: Shape4 = [shape[0], shape[1], shape[2], outChannels];
  return {
    weightShape,
    outShape,
    x: uniform(shape, 1),
    w: uniform(weightShape, 2),
    b: uniform([outChannels], 3),
    // Around zero: a weight's gradient sums half a million terms, and one by one in f32 a large sum swallows them.
    dy: uniform(outShape, 4).map((value) => value - 0.5),
  };
}

/** One 3×3 convolution of `shape` to `outChannels`: forward, and each gradient alone (that of the weight with the bias's). */
export async function ourConvCases(gpu: Gpu, shape: Shape4, outChannels: number): Promise<Cases<OurCase>> {
  const { weightShape, x: xData, w, b, dy } = convData(shape, outChannels);
  const options = { ...CONV, outChannels };
  const parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: weightShape },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  parameters.upload(new Map([["conv.weight", w], ["conv.bias", b]]));

  const rec = new Recorder({ training: false });
  rec.output("y", conv2d(rec, [rec.input("x", shape)], parameters, options));
  const forward = await buildPlan(gpu, rec);
  forward.write("x", xData);

  const gradientPlan = async (role: "input-gradient" | "weight-gradient"): Promise<Plan> => {
    const rec = new Recorder({ training: true });
    const x = rec.input("x", shape);
    const withoutGradient = new Set(role === "weight-gradient" ? [x] : []);
    recordRole(rec, conv2d(rec, [x], parameters, options, { withoutGradient }), role);
    if (role === "input-gradient") rec.output("d", rec.gradientOf(x).gradient);
    const built = await buildPlan(gpu, rec);
    built.write("x", xData);
    built.write("dy", dy);
    return built;
  };
  const plans = [forward, await gradientPlan("input-gradient"), await gradientPlan("weight-gradient")];
  const values = [
    () => plans[0].read("y"),
    () => plans[1].read("d"),
    async () => (await parameters.download("gradients")).get("conv.weight")!,
  ];
  return {
    cases: PASSES.map((pass, i) => ({
      name: `${convName(shape, outChannels)}, ${pass}`,
      flops: 2 * 9 * shape[0] * shape[1] * shape[2] * shape[3] * outChannels,
      run: repeated(gpu, () => plans[i].run()),
      values: async () => {
        plans[i].run();
        return await values[i]();
      },
    })),
    [Symbol.dispose]: () => [...plans, parameters].forEach((held) => held[Symbol.dispose]()),
  };
}

/** Adam of the training steps that are compared. */
export const ADAM = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Each training step uploads its batch, and what is on its way takes memory. */
export const STEPS_UNDER_WAY = 100;

/** A network of given widths with the same fresh weights for all peers. */
export function unetModel(widths: readonly number[]) {
  const topology = unetTopology({ widths });
  return { topology, parameters: heInitialise(topology, 1) };
}

export function unetName(widths: readonly number[], shape: Shape4): string {
  return `U-Net ${widths.join("/")}, ${shape.slice(0, 3).join("×")}`;
}

/** Images of the U-Net's cases. */
export function unetData(shape: Shape4) {
  return { input: uniform(shape, 1), target: uniform(shape, 2) };
}

/** Operations of a forward pass, and of a training step: backward is the same twice, less the image's gradient, which nobody needs. */
function unetFlops(topology: UNetTopology, [n, h, w, channels]: Shape4): { forward: number; step: number } {
  const forward = 2 * macsPerPixel(topology) * n * h * w;
  return { forward, step: 3 * forward - 2 * 9 * channels * topology.widths[0] * n * h * w };
}

/** A U-Net: forward, and unless `steps` is false a whole training step (forward, backward, Adam), which takes square images. */
export async function ourUnetCases(
  gpu: Gpu,
  widths: readonly number[],
  shape: Shape4,
  steps = true,
): Promise<Cases<OurCase>> {
  const { topology, parameters: weights } = unetModel(widths);
  const { input } = unetData(shape);
  const parameters = unetParameters(gpu, topology);
  parameters.upload(weights);
  const rec = new Recorder({ training: false });
  rec.output("y", unet(rec, rec.input("x", shape), topology, parameters));
  const plan = await buildPlan(gpu, rec);
  plan.write("x", input);
  const step = steps ? await ourStep(gpu, widths, shape) : undefined;
  const forward: OurCase = {
    name: `${unetName(widths, shape)}, forward`,
    flops: unetFlops(topology, shape).forward,
    run: repeated(gpu, () => plan.run()),
    values: async () => {
      plan.run();
      return await plan.read("y");
    },
  };
  return {
    cases: [forward, ...step?.cases ?? []],
    [Symbol.dispose]: () => [plan, parameters, step].forEach((held) => held?.[Symbol.dispose]()),
  };
}

async function ourStep(gpu: Gpu, widths: readonly number[], shape: Shape4): Promise<Cases<OurCase>> {
  const { topology, parameters: weights } = unetModel(widths);
  const { input, target } = unetData(shape);
  const before = gpu.stats().liveBytes;
  const trainer = await Trainer.create(gpu, { topology, batch: shape[0], patch: shape[1], loss: "mse" });
  trainer.start(weights);
  let step = 0;
  const train = () => trainer.step({ input, target }, { ...ADAM, step: ++step });
  train();
  await trainer.look();
  // A plan neither makes nor frees a buffer in a step, so what lives after one is the most that ever does.
  const peakBytes = gpu.stats().liveBytes - before;
  trainer.start(weights);
  step = 0;
  const measured: OurCase = {
    name: `${unetName(widths, shape)}, training step`,
    flops: unetFlops(topology, shape).step,
    peakBytes,
    most: STEPS_UNDER_WAY,
    run: repeated(gpu, train),
    values: async () => {
      train();
      return [(await trainer.look()).loss];
    },
  };
  return { cases: [measured], [Symbol.dispose]: () => trainer[Symbol.dispose]() };
}

function repeated(gpu: Gpu, work: () => void) {
  return async (repeat: number): Promise<void> => {
    for (let i = 0; i < repeat; i++) work();
    await gpu.device.queue.onSubmittedWorkDone();
    gpu.check();
  };
}
