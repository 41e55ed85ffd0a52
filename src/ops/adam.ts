/** The optimiser's step: clipping, Adam or AdamW, and the moving average of the weights, in one kernel over all parameters. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { ParameterSet } from "./parameter.ts";
import { slicesOf, sumSlices } from "./reduce.ts";

/** One step of Adam (Kingma and Ba 2015), or of AdamW. */
export interface AdamOptions {
  /** Step size, e.g. 1e-3. */
  readonly learningRate: number;
  /** Step number, from 1: corrects the bias of the moments. */
  readonly step: number;
  /** Share of the old first moment that stays; 0.9 by default. */
  readonly beta1?: number;
  /** Share of the old second moment that stays; 0.999 by default. */
  readonly beta2?: number;
  /** Keeps the division finite; 1e-8 by default. */
  readonly epsilon?: number;
  /** Decoupled weight decay (AdamW); 0, the default, is Adam. */
  readonly decay?: number;
  /** Largest global norm of the gradient; 0, the default, does not clip. */
  readonly maxNorm?: number;
  /** Share of the old average that stays at each step; 0.999 by default, which takes thousands of steps to leave the first weights behind. */
  readonly ema?: number;
  /** Of Muon alone: share of the old momentum that stays; 0.95 by default. */
  readonly momentum?: number;
}

/** Floats of a step, rounded up to vec4s. */
export const SCALARS = 12;

const squaredNorm: Kernel = {
  name: "squared_norm",
  params: ["count", "slice_vec4s", "slices"],
  bindings: { g: "read", partials: "read_write" },
};
const adamKernel: Kernel = {
  name: "adam",
  params: ["first", "count"],
  jobs: true,
  bindings: {
    ...{ now: "uniform", g: "read", norm: "read" },
    ...{ p: "read_write", m: "read_write", v: "read_write", average: "read_write" },
  },
  updates: ["p", "m", "v", "average"],
  includes: ["optimiser_step"],
};

/** Some of the parameters as they lie in memory, in vec4s. */
export type ParameterRange = { readonly first: number; readonly count: number };

/** Records the update of all parameters from their gradients. Before each run, write `adamScalars(…)` to the input `name`. */
export function adam(rec: Recorder, parameters: ParameterSet, name = "adam"): { squaredNorm: Tensor } {
  return rec.within(name, () => {
    const now = rec.scalars(name, SCALARS);
    const norm = gradientNorm(rec, parameters);
    adamOver(rec, parameters, { now, norm }, [{ first: 0, count: vec4sOf(parameters.whole(rec, "values")) }]);
    return { squaredNorm: norm };
  });
}

/** Records ‖g‖² of all gradients. */
export function gradientNorm(rec: Recorder, parameters: ParameterSet): Tensor {
  const g = parameters.whole(rec, "gradients");
  const count = vec4sOf(g);
  const { slices, each } = slicesOf(count, 1024);
  const partials = rec.tensor([slices * 4], "norm partials", { layout: "flat" });
  const norm = rec.tensor([4], "squared norm", { layout: "flat", lifetime: "persistent" });
  rec.dispatch(squaredNorm, { g, partials }, {
    params: { count, slice_vec4s: each, slices },
    invocations: slices,
  });
  sumSlices(rec, partials, norm, slices);
  return norm;
}

/** Records Adam over some of the parameters. */
export function adamOver(
  rec: Recorder,
  parameters: ParameterSet,
  { now, norm }: { now: Tensor; norm: Tensor },
  ranges: readonly ParameterRange[],
): void {
  const [g, p, m, v, average] = (["gradients", "values", "moment1", "moment2", "average"] as const).map((
    kind,
  ) => parameters.whole(rec, kind));
  rec.dispatchJobs(adamKernel, { now, g, norm, p, m, v, average }, ranges, ({ count }) => count);
}

/** The scalars of one step, in the order of the kernel's struct `Step`. Bias corrections are computed in float64 from the betas that the kernel sees. @throws {RangeError} for a step or a learning rate that would spoil the parameters. */
export function adamScalars(options: AdamOptions): Float32Array {
  const {
    learningRate,
    step,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    decay = 0,
    maxNorm = 0,
    ema = 0.999,
    momentum = 0.95,
  } = options;
  if (!(Number.isInteger(step) && step >= 1)) {
    throw new RangeError(`Cannot make a step: step must be a whole number from 1 on, got ${step}`);
  }
  if (!(learningRate >= 0 && learningRate < Infinity)) {
    throw new RangeError(`Cannot make a step: learningRate must be 0 or more, got ${learningRate}`);
  }
  const correction = (beta: number) => 1 / (1 - Math.fround(beta) ** step);
  return Float32Array.of(
    ...[learningRate, beta1, beta2, epsilon],
    ...[correction(beta1), correction(beta2), decay, maxNorm],
    ...[ema, momentum, 0, 0],
  );
}
