/** Measures the versions of one convolution on the adapter at hand, each checked against the naive one first. */
import { Random } from "../base/random.ts";
import { oneLine } from "../base/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuOutOfMemoryError } from "../gpu/errors.ts";
import { buildPlan, type Plan } from "../gpu/plan.ts";
import { Recorder } from "../gpu/recorder.ts";
import { timeOfRun } from "../gpu/stopwatch.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { conv2d } from "../ops/conv2d.ts";
import { autoVariant, CONV_ROLES, type SettledVariant, variantCandidates } from "../ops/conv2d_variant.ts";
import { ParameterSet } from "../ops/parameter.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { TuningTask } from "./conv_layers.ts";

/** What was found for a layer in a role. */
export interface TunedChoice {
  /** The version to take. */
  readonly variant: SettledVariant;
  /** Least milliseconds of each version that was measured. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

export interface TuningOptions {
  /** Receives a line for each version that is wrong on this driver. */
  readonly onDropped?: (line: string) => void;
  /** Versions to measure in place of all that can run. */
  readonly candidates?: readonly SettledVariant[];
  /** A version is given up if at a small size it takes so many times as long as the best one there; 8 unless given. */
  readonly patience?: number;
  /** How a version is recorded; conv2d unless given. */
  readonly record?: typeof conv2d;
}

/** For how long each version is timed, milliseconds. */
const BUDGET = 60;
/** A version that takes so many times as long as the best one in its first run is not timed further; nor is the naive one that does so at a small size. */
const HOPELESS = 2;
/** At a small size versions of several dispatches, or of large tiles, look worse than they are: one is given up there only if it is that much slower. */
const PATIENCE = 8;
/** Another version than the default has to be that much faster: what is less is noise. */
const WORTH_IT = 0.97;
/** Rounding in any order stays far below this share of the largest value, and a version that is wrong on a driver is wrong by far more. */
const TOLERANCE = 1e-3;
/** The same where f16 is stored, whose roundoff alone is half of that. */
const HALF_TOLERANCE = 1e-2;
/** Each version is held against the naive one at this size, which no tile divides: at full size that one takes too long on a processor. */
const SMALL = { batch: 2, height: 34, width: 46 };

/**
 * Times all versions that can run the layer and gives the fastest of those that agree with the naive one. The default version is taken
 * where no other is faster by 3 %.
 * @returns undefined where the adapter's memory does not hold the layer, or the naive version alone can run it.
 * @throws {GpuError} where the naive version fails, or the device goes away.
 */
export async function tuneConvolution(
  gpu: Gpu,
  task: TuningTask,
  options: TuningOptions = {},
): Promise<TunedChoice | undefined> {
  const others = (options.candidates ?? variantCandidates(gpu.adapter, task.layer, task.role)).filter((
    variant,
  ) => variant !== "naive");
  if (others.length === 0) return undefined;
  try {
    const sound = await soundVersions(gpu, task, others, options);
    const milliseconds = await timesOf(gpu, task, sound, options);
    const usual = autoVariant(gpu.adapter, task.layer, task.role);
    const [fastest] = (Object.keys(milliseconds) as SettledVariant[]).sort((a, b) =>
      milliseconds[a] - milliseconds[b]
    );
    const keep = usual in milliseconds && milliseconds[fastest] > WORTH_IT * milliseconds[usual];
    return { variant: keep ? usual : fastest, milliseconds };
  } catch (error) {
    if (error instanceof GpuOutOfMemoryError) return undefined;
    throw error;
  }
}

/** The versions that agree with the naive one at a small size and are not hopeless there; the naive one where it is fast, or no other is left. */
async function soundVersions(
  gpu: Gpu,
  task: TuningTask,
  others: readonly SettledVariant[],
  options: TuningOptions,
): Promise<SettledVariant[]> {
  const { batch, height, width } = task.layer;
  const layer = {
    ...task.layer,
    ...{ batch: Math.min(batch, SMALL.batch), height: Math.min(height, SMALL.height) },
    width: Math.min(width, SMALL.width),
  };
  const small = { ...task, layer };
  const naive = await timed(gpu, small, "naive", options, 0);
  const sound = new Map<SettledVariant, number>();
  for (const variant of others) {
    const found = await attempt(gpu, task, variant, options, () => timed(gpu, small, variant, options, 0));
    if (!found || !agrees(task, variant, found.values, naive.values, options)) continue;
    sound.set(variant, found.milliseconds);
  }
  const best = Math.min(...sound.values(), Infinity);
  const kept = [...sound.keys()].filter((variant) =>
    sound.get(variant)! <= (options.patience ?? PATIENCE) * best
  );
  return naive.milliseconds <= HOPELESS * best ? ["naive", ...kept] : kept;
}

/** Least milliseconds of each version at full size. Should two disagree there, the naive one says which of them is right. */
async function timesOf(
  gpu: Gpu,
  task: TuningTask,
  versions: readonly SettledVariant[],
  options: TuningOptions,
): Promise<Record<string, number>> {
  let milliseconds: Record<string, number> = {};
  let expected: readonly Float32Array[] | undefined;
  for (const variant of versions) {
    const best = Math.min(...Object.values(milliseconds), Infinity);
    const found = await attempt(
      gpu,
      task,
      variant,
      options,
      () => timed(gpu, task, variant, options, BUDGET, best),
    );
    if (!found) continue;
    if (expected && worstError(found.values, expected) > toleranceOf(task) && !("naive" in milliseconds)) {
      const naive = await timed(gpu, task, "naive", options, 0);
      if (!agrees(task, Object.keys(milliseconds).join(", "), expected, naive.values, options)) {
        milliseconds = {};
      }
      milliseconds.naive = naive.milliseconds;
      expected = naive.values;
    }
    if (!expected || agrees(task, variant, found.values, expected, options)) {
      milliseconds[variant] = found.milliseconds;
      expected ??= found.values;
    }
  }
  // All have failed that were not hopeless at a small size: the one that was given up there runs everywhere.
  if (Object.keys(milliseconds).length === 0) {
    milliseconds.naive = (await timed(gpu, task, "naive", options, 0)).milliseconds;
  }
  return milliseconds;
}

/** What `measure` gives, or undefined where the version fails on this driver. @throws where the device goes away. */
async function attempt(
  gpu: Gpu,
  task: TuningTask,
  variant: SettledVariant,
  options: TuningOptions,
  measure: () => Promise<Timed>,
): Promise<Timed | undefined> {
  try {
    return await measure();
  } catch (error) {
    if (variant === "naive" || await gpu.loss()) throw error;
    options.onDropped?.(`${variant} is not used for ${task.key}: ${oneLine(error)}`);
  }
}

function toleranceOf({ layer }: TuningTask): number {
  return layer.half ? HALF_TOLERANCE : TOLERANCE;
}

/** Whether results are right; says so where they are not. */
function agrees(
  task: TuningTask,
  variant: string,
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  { onDropped }: TuningOptions,
): boolean {
  const error = worstError(actual, expected);
  if (error <= toleranceOf(task)) return true;
  const off = Number.isFinite(error) ? `off by ${error.toPrecision(2)} of the largest value` : "not numbers";
  onDropped?.(`${variant} is not used for ${task.key}: its results are wrong on this driver (${off})`);
  return false;
}

interface Timed {
  readonly milliseconds: number;
  readonly values: readonly Float32Array[];
}

/** @param budget milliseconds to time it for, beside the first run; none where that takes far longer than `best`. */
async function timed(
  gpu: Gpu,
  task: TuningTask,
  variant: SettledVariant,
  options: TuningOptions,
  budget: number,
  best = Infinity,
): Promise<Timed> {
  using parameters = parametersOf(gpu, task);
  const { rec, outputs } = record(task, parameters, variant, options.record ?? conv2d);
  using plan = await buildPlan(gpu, rec);
  fill(plan, rec);
  let milliseconds = await timeOfRun(gpu, plan, outputs[0], 0);
  if (budget > 0 && milliseconds < HOPELESS * best) {
    milliseconds = Math.min(milliseconds, await timeOfRun(gpu, plan, outputs[0], budget));
  }
  const values: Float32Array[] = [];
  for (const name of outputs) values.push(await plan.read(name));
  return { milliseconds, values };
}

/** Weights of the size that initialisation gives them, so that sums stay in the range of those of a network. */
function parametersOf(gpu: Gpu, { sources, layer, outChannels }: TuningTask): ParameterSet {
  const channels = sources.map((source) => source.channels);
  const fanIn = channels.reduce((sum, count) => sum + count, 0);
  const specs = [
    { name: "conv.weight", shape: [layer.kernel, layer.kernel, fanIn, outChannels], sources: channels },
    { name: "conv.bias", shape: [outChannels] },
  ];
  const parameters = new ParameterSet(gpu, specs, layer.half ? "f16" : "f32");
  const scale = Math.sqrt(2 / (layer.kernel ** 2 * fanIn));
  parameters.upload(
    new Map(specs.map(({ name, shape }, i) => [name, noise(sizeOf(shape), i + 1).map((v) => v * scale)])),
  );
  return parameters;
}

/** The convolution in its role alone; what the other roles record is taken out. */
function record(
  { layer, sources, outChannels, activation, role, training }: TuningTask,
  parameters: ParameterSet,
  variant: SettledVariant,
  recordConv: typeof conv2d,
): { rec: Recorder; outputs: string[] } {
  const { batch, height, width, kernel, stride } = layer;
  const rec = new Recorder({ training });
  const xs: Tensor[] = sources.map(({ channels, upsampled, half }, i) => {
    const factor = upsampled ? 2 : 1;
    return rec.input(`x${i}`, [batch, height / factor, width / factor, channels], half ? "f16" : "f32");
  });
  const y = recordConv(
    rec,
    xs.map((x, i) => sources[i].upsampled ? { upsampled: x } : x),
    parameters,
    { name: "conv", kernel, stride, outChannels, activation },
    { variant },
  );
  const outputs: string[] = [];
  const output = (name: string, tensor: Tensor) => {
    rec.output(name, tensor);
    outputs.push(name);
  };
  if (role === "forward") output("y", y);
  else {
    rec.gradientInput("dy", y);
    rec.backward();
    if (role === "weight-gradient") output("gradients", parameters.whole(rec, "gradients"));
    else xs.forEach((x, i) => output(`dx${i}`, rec.gradientOf(x).gradient));
  }
  const others = CONV_ROLES.filter((other) => other !== role);
  const kept = rec.dispatches.filter(({ label }) =>
    !label.split("/").some((part) => (others as readonly string[]).includes(part))
  );
  rec.dispatches.splice(0, Infinity, ...kept);
  return { rec, outputs };
}

function fill(plan: Plan, rec: Recorder): void {
  let seed = 10;
  for (const [name, tensor] of rec.inputs) plan.write(name, noise(sizeOf(tensor.shape), seed++));
}

/** Values in −1..1. */
function noise(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  // A short stream repeated is random enough here (its length divides no row), and megapixels of it are there at once.
  const stream = Float32Array.from({ length: Math.min(count, 65_521) }, () => 2 * random.uniform() - 1);
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += stream.length) values.set(stream.subarray(0, count - at), at);
  return values;
}

/** The largest difference, relative to the largest expected value of its tensor; infinite where a value is no number. */
function worstError(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  let worst = 0;
  expected.forEach((values, index) => {
    let [difference, largest] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const here = Math.abs(actual[index][i] - values[i]);
      difference = Math.max(difference, Number.isNaN(here) ? Infinity : here);
      largest = Math.max(largest, Math.abs(values[i]));
    }
    worst = Math.max(worst, largest > 0 ? difference / largest : difference > 0 ? Infinity : 0);
  });
  return worst;
}
