/** The training step on the GPU: one plan for the step, one for validation, and the state that a checkpoint holds. */
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/errors.ts";
import { buildPlan, type Plan } from "../gpu/plan.ts";
import type { ProfileRow } from "../gpu/profile.ts";
import { Recorder } from "../gpu/recorder.ts";
import { type Model, type ModelInfo, modelInfo } from "../nn/model_file.ts";
import { hiddenWeights } from "../nn/graph.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { unet, unetParameters } from "../nn/unet.ts";
import { adam, type AdamOptions, adamScalars } from "../ops/adam.ts";
import { gradientScaleOf, unscaleGradients } from "../ops/gradient_scale.ts";
import { loss, LOSS_KINDS, type LossKind } from "../ops/loss.ts";
import { muon } from "../ops/muon.ts";
import { type ParameterSet, STATE_KINDS } from "../ops/parameter.ts";
import { patchPsnr } from "./held_out.ts";
import { type Optimiser, OPTIMISERS } from "./optimiser.ts";

/** What a {@linkcode Trainer} is built for. */
export interface TrainerOptions {
  /** What the network looks like. */
  readonly topology: UNetTopology;
  /** Patches a step. */
  readonly batch: number;
  /** Side of a degraded patch, a multiple of `sizeMultiple(topology)`; targets are `topology.scale` times as large. */
  readonly patch: number;
  /** What is minimised. */
  readonly loss: LossKind;
  /**
   * How far strongly damaged patches are kept from outweighing the others: each patch's loss is multiplied by
   * (0.003 / (MSE of its damage + 0.0005))^balance. 0 (the default) weighs all alike; 1 makes losses relative to the damage. Only for networks that do not enlarge: others have no damage to compare.
   */
  readonly balance?: number;
  /**
   * Weight W of the colour term: W · (mean over the patch's pixels of output − target)², a mean over the channels, is added to each patch's
   * loss. Pixel losses hardly feel a tint (0.7/255 beside residual errors of 9/255 is half a percent of an MSE); this makes it count. 0 (the
   * default) leaves it out. `balance` weighs the whole of a patch's loss, this term included.
   */
  readonly colourWeight?: number;
  /**
   * Weight V of the chroma term: V · mean of c² is added to each patch's loss, where c is a pixel's error less its mean over the channels. Errors of colour are
   * small beside those of brightness, so that pixel losses care little about them. 0 (the default) leaves it out. `balance` weighs it too.
   */
  readonly chromaWeight?: number;
  /**
   * What makes steps of gradients: `adam` (the default), or `muon`, which orthogonalises the momentum of every convolution's weights but the first's and the last's, and leaves the rest
   * to Adam: a fifth more work a step, and many fewer steps.
   */
  readonly optimiser?: Optimiser;
  /**
   * `f16`: the values between the layers and their gradients are stored as halves, in about half the memory; weights, their gradients, the optimiser's state
   * and all sums stay f32. Takes a device that was opened with `half`. `f32` by default.
   */
  readonly precision?: "f32" | "f16";
}

/** Everything that a step depends on besides its batch; `values`, `moment1`, `moment2` and `average`, each by parameter name. */
export type TrainerState = Readonly<
  Record<"values" | "moment1" | "moment2" | "average", Map<string, Float32Array>>
>;

/** What the steps since the last look gave. */
export interface LossReport {
  /** Mean loss of a step; NaN where there was none since the last look. */
  readonly loss: number;
  /** Global norm of the last step's gradient, before clipping. */
  readonly gradientNorm: number;
}

const STORED = STATE_KINDS.filter((kind) => kind !== "gradients");

/**
 * Trains a U-Net on batches that the caller brings. Dispose it to free its memory; the `Gpu` stays open.
 *
 * @example Ten steps on one pair of patches
 * ```ts
 * import { freshModel, openGpu, Trainer } from "@clairnet/clairnet";
 *
 * const target = Float32Array.from({ length: 2 * 16 * 16 * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 40));
 * const input = target.map((value) => value + 0.2 * (Math.random() - 0.5));
 *
 * using gpu = await openGpu();
 * const model = freshModel({ base: 4, depth: 1, blocks: 1 }, 1);
 * using trainer = await Trainer.create(gpu, { topology: model.topology, batch: 2, patch: 16, loss: "l1" });
 * trainer.start(model.parameters);
 * for (let step = 1; step <= 10; step++) trainer.step({ input, target }, { step, learningRate: 1e-3, ema: 0.9 });
 * const { loss } = await trainer.look();
 * const trained = await trainer.model({ name: "mine", steps: 10 });
 * console.log(loss, trained.parameters.size);
 * ```
 */
export class Trainer implements Disposable {
  #parameters: ParameterSet;
  #averaged: ParameterSet;
  #plan: Plan;
  #gpu: Gpu;
  #topology: UNetTopology;
  #options: TrainerOptions;
  #sinceLook = 0;
  #state: "empty" | "ready" | "disposed" = "empty";
  #validation: { plan: Plan; size: number } | undefined;

  private constructor(gpu: Gpu, options: TrainerOptions, plan: Plan, parameters: ParameterSet) {
    const { topology } = options;
    this.#gpu = gpu;
    this.#topology = topology;
    this.#options = options;
    this.#plan = plan;
    this.#parameters = parameters;
    this.#averaged = unetParameters(gpu, topology);
  }

  /**
   * Records and builds the training step.
   * @throws {RangeError} naming the option that is out of range; {GpuError} where the patch does not fit the topology, and for f16 where the device has none; {GpuOutOfMemoryError} where batch and patch are too large for the adapter.
   */
  static async create(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
    const { topology, batch, patch } = options;
    checkOptions(options);
    const { precision = "f32" } = options;
    if (precision === "f16" && !gpu.half) {
      throw new GpuError("Cannot train in f16: the device was opened without it");
    }
    const parameters = unetParameters(gpu, topology);
    const rec = new Recorder({ training: true });
    const x = rec.input("x", [batch, patch, patch, topology.channels]); // degraded, sRGB 0..1
    const side = patch * topology.scale;
    const target = rec.input("target", [batch, side, side, topology.channels]);
    const y = unet(rec, x, topology, parameters, { values: precision });
    const gradientScale = precision === "f16" ? gradientScaleOf(y) : 1;
    const balance = options.balance ?? 0;
    const weights = balance > 0 ? rec.scalars("weights", batch) : undefined;
    // Losses add up on the GPU, so that they are read rarely: waiting costs more than a step.
    const total = rec.scalars("total loss", 4);
    const { colourWeight, chromaWeight } = options;
    loss(rec, y, target, options.loss, { weights, colourWeight, chromaWeight, total, gradientScale });
    rec.backward();
    unscaleGradients(rec, parameters, gradientScale);
    const { squaredNorm } = options.optimiser === "muon"
      ? muon(rec, parameters, hiddenWeights(topology))
      : adam(rec, parameters);
    rec.output("total loss", total);
    rec.output("squared norm", squaredNorm);
    try {
      const plan = await buildPlan(gpu, rec);
      // Reads make their buffers now, so that no step does.
      await Promise.all(["total loss", "squared norm"].map((name) => plan.read(name)));
      return new Trainer(gpu, options, plan, parameters);
    } catch (error) {
      parameters[Symbol.dispose]();
      throw error;
    }
  }

  /** Fresh parameters: moments zero, the average equal to them. */
  start(parameters: ReadonlyMap<string, Float32Array>): void {
    const zeros = new Map([...parameters].map(([name, values]) => [name, new Float32Array(values.length)]));
    this.load({ values: new Map(parameters), moment1: zeros, moment2: zeros, average: new Map(parameters) });
  }

  /** Puts back the state of a checkpoint. */
  load(state: TrainerState): void {
    this.#live();
    for (const kind of STORED) this.#parameters.upload(state[kind], kind);
    this.#state = "ready";
    this.#forgetLosses();
  }

  /**
   * Submits one step and does not wait for it. x: [batch, patch, patch, channels], target: [batch, scale·patch, scale·patch, channels], 0..1.
   * @throws {GpuError} where a batch has another size; {RangeError} for a step or a learning rate out of range; {Error} before `start` or `load`, and after disposal.
   */
  step(batch: { input: Float32Array; target: Float32Array }, options: AdamOptions): void {
    this.#write(batch, options);
    this.#plan.run();
    this.#sinceLook++;
  }

  /**
   * Does one step as `step` does, waits for it, and says how long each dispatch took.
   * @throws {GpuError} where the adapter has no timestamp queries.
   * @ignore for `profileStep`; an application has no kernels
   */
  async profile(
    batch: { input: Float32Array; target: Float32Array },
    options: AdamOptions,
  ): Promise<ProfileRow[]> {
    this.#write(batch, options);
    this.#sinceLook++;
    return await this.#plan.profile();
  }

  /** @throws {Error} after disposal: what is asked for then would come out of memory that is no longer there. */
  #live(): void {
    if (this.#state === "disposed") throw new Error("Cannot train: the Trainer has been disposed of");
  }

  #write(batch: { input: Float32Array; target: Float32Array }, options: AdamOptions): void {
    this.#live();
    if (this.#state === "empty") {
      throw new Error("Cannot train yet: give start() or load() the parameters first");
    }
    this.#plan.write("x", batch.input);
    this.#plan.write("target", batch.target);
    const { batch: count, balance = 0 } = this.#options;
    if (balance > 0) this.#plan.write("weights", balanced(batch, count, balance));
    this.#plan.write("adam", adamScalars(options));
  }

  /**
   * Waits for the steps so far. Further ones may be submitted meanwhile, and count for the next look, which must come after this one's
   * answer. A training that is no longer finite shows here, and in all later looks.
   */
  async look(): Promise<LossReport> {
    this.#live();
    const steps = this.#sinceLook;
    // Asked for together: a wait takes some runtimes 10 ms, whatever there is to wait for.
    const reading = Promise.all([this.#plan.read("total loss"), this.#plan.read("squared norm")]);
    // The copies are submitted by now, so the steps that follow may add up anew.
    this.#forgetLosses();
    const [[total], [squared]] = await reading;
    return { loss: total / steps, gradientNorm: Math.sqrt(squared) };
  }

  /** Waits for the steps so far and returns all that goes on changing: what a checkpoint holds. Further steps may be submitted meanwhile, and are not in it. */
  async state(): Promise<TrainerState> {
    this.#live();
    // Asked for together: a step submitted meanwhile would be in those asked for after it, and not in those before.
    const entries = STORED.map(async (kind) => [kind, await this.#parameters.download(kind)] as const);
    return Object.fromEntries(await Promise.all(entries)) as TrainerState;
  }

  /**
   * Mean PSNR in dB of the averaged weights' output (clipped to 0..1) against the target, patch by patch.
   * input: [count, size, size, channels], target: [count, scale·size, scale·size, channels].
   * @throws {GpuError} where the size does not fit the topology, or the values are not whole patches, as many of one kind as of the other; {GpuOutOfMemoryError} where it is too large for the adapter. The training can go on.
   */
  async validate(patches: { input: Float32Array; target: Float32Array }, size: number): Promise<number> {
    this.#live();
    const { channels, scale } = this.#topology;
    const length = size * size * channels;
    const outputs = length * scale ** 2;
    const count = patches.input.length / length;
    // A target of another size would be compared as far as it goes, and give a figure.
    if (!(Number.isInteger(count) && count >= 1 && patches.target.length === count * outputs)) {
      throw new GpuError(
        `Cannot validate at ${size}: patches have ${length} values and their targets ${outputs}, ` +
          `got ${patches.input.length} and ${patches.target.length} in all`,
      );
    }
    if (this.#validation?.size !== size) {
      this.#validation?.plan[Symbol.dispose]();
      this.#validation = undefined;
      const rec = new Recorder({ training: false });
      rec.output("y", unet(rec, rec.input("x", [1, size, size, channels]), this.#topology, this.#averaged));
      this.#validation = { plan: await buildPlan(this.#gpu, rec), size };
    }
    this.#averaged.upload(await this.#parameters.download("average"));
    const { plan } = this.#validation;
    plan.refresh();
    let sum = 0;
    for (let index = 0; index < count; index++) {
      plan.write("x", patches.input.subarray(index * length, (index + 1) * length));
      plan.run();
      const y = await plan.read("y");
      sum += patchPsnr(y, patches.target.subarray(index * outputs, (index + 1) * outputs));
    }
    return sum / count;
  }

  /**
   * Waits for the steps so far and returns a model with the averaged weights, for `Enhancer` or `encodeModel`. After few steps the average is near the weights
   * that they began with, unless their `ema` was small; `state().values` has those of the last step.
   * @param info what is known about its training.
   */
  async model(info: Partial<ModelInfo> = {}): Promise<Model> {
    this.#live();
    const parameters = await this.#parameters.download("average");
    return {
      topology: this.#topology,
      parameters,
      info: modelInfo({ loss: lossName(this.#options), ...info }),
    };
  }

  #forgetLosses(): void {
    this.#plan.write("total loss", new Float32Array(4));
    this.#sinceLook = 0;
  }

  /** Frees its memory. */
  [Symbol.dispose](): void {
    if (this.#state === "disposed") return;
    this.#state = "disposed";
    this.#validation?.plan[Symbol.dispose]();
    this.#plan[Symbol.dispose]();
    this.#parameters[Symbol.dispose]();
    this.#averaged[Symbol.dispose]();
  }
}

/** @throws {RangeError} */
function checkOptions(options: TrainerOptions): void {
  const { loss, optimiser = "adam", balance = 0, colourWeight = 0, chromaWeight = 0 } = options;
  const { precision = "f32", topology } = options;
  const wrong = (name: string, want: string, got: unknown) =>
    new RangeError(`Cannot train: ${name} must be ${want}, got ${got}`);
  if (!LOSS_KINDS.includes(loss)) throw wrong("loss", `one of ${LOSS_KINDS.join(", ")}`, loss);
  if (!OPTIMISERS.includes(optimiser)) {
    throw wrong("optimiser", `one of ${OPTIMISERS.join(", ")}`, optimiser);
  }
  if (precision !== "f32" && precision !== "f16") throw wrong("precision", "f32 or f16", precision);
  if (!(balance >= 0 && balance <= 1)) throw wrong("balance", "from 0 to 1", balance);
  if (balance > 0 && topology.scale !== 1) throw wrong("balance", "0 for a network that enlarges", balance);
  if (!(colourWeight >= 0 && colourWeight < Infinity)) throw wrong("colourWeight", "0 or more", colourWeight);
  if (!(chromaWeight >= 0 && chromaWeight < Infinity)) throw wrong("chromaWeight", "0 or more", chromaWeight);
}

/** What a model file says was minimised: `mse`, or `mse + 100 colour + 2 chroma` with these terms. */
export function lossName(
  { loss, colourWeight = 0, chromaWeight = 0 }: Pick<
    TrainerOptions,
    "loss" | "colourWeight" | "chromaWeight"
  >,
): string {
  const colour = colourWeight > 0 ? ` + ${colourWeight} colour` : "";
  const chroma = chromaWeight > 0 ? ` + ${chromaWeight} chroma` : "";
  return loss + colour + chroma;
}

/** The weight of each patch, see `TrainerOptions.balance`; as many floats as the plan's input has, the surplus zero. */
function balanced(
  { input, target }: { input: Float32Array; target: Float32Array },
  count: number,
  balance: number,
): Float32Array {
  const weights = new Float32Array(Math.ceil(count / 4) * 4);
  const length = input.length / count;
  for (let image = 0; image < count; image++) {
    let squares = 0;
    for (let i = image * length; i < (image + 1) * length; i++) squares += (input[i] - target[i]) ** 2;
    weights[image] = (0.003 / (squares / length + 0.0005)) ** balance;
  }
  return weights;
}
