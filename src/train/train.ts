/** Trains a U-Net on photos: the loop around `Trainer`, with checkpoints, history, validation and a clean stop. */
import { jpegThroughSharp } from "../data/jpeg_sharp.ts";
import { Prefetch } from "../data/prefetch.ts";
import { type PatchBatch, validationPatches } from "../data/patches.ts";
import { type PhotoSource, type PhotoSplit, splitPhotos } from "../data/photo_source.ts";
import type { Recipe } from "../data/recipe.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuOutOfMemoryError } from "../gpu/errors.ts";
import { writeFileAtomically } from "../base/write_file.ts";
import { heInitialise } from "../nn/initialise.ts";
import { encodeModel, type ModelInfo, modelInfo } from "../nn/model_file.ts";
import { sizeMultiple, type UNetTopology } from "../nn/topology.ts";
import type { LossKind } from "../ops/loss.ts";
import { UserError } from "../base/errors.ts";
import { loadCheckpoint, saveCheckpoint, type TrainingSettings } from "./checkpoint.ts";
import { type HistoryRow, parseHistory } from "./history.ts";
import { damagedPsnr } from "./held_out.ts";
import { saveHistory } from "./save_history.ts";
import { optimiserAt } from "./optimiser.ts";
import { lossName, type LossReport, Trainer } from "./trainer.ts";

/** What a training run is given. */
export interface TrainOptions {
  /** Where it runs. */
  readonly gpu: Gpu;
  /** Photos to train on; `recipe` may be left out where they are pairs. */
  readonly source: PhotoSource;
  /** Damage to learn to undo. */
  readonly recipe?: Recipe;
  /** The side of pairs that the recipe damages, see `PatchOptions.onto`. */
  readonly onto?: "high" | "low";
  /** Folder for checkpoint.safetensors, model.safetensors, history.csv and history.svg. */
  readonly out: string;
  /** What the network looks like. */
  readonly topology: UNetTopology;
  /** Optimiser steps in all, those before a resume included. */
  readonly steps: number;
  /** Patches a step. */
  readonly batch: number;
  /** Side of a patch in pixels, a multiple of 2^depth. */
  readonly patch: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  /** What is minimised. */
  readonly loss: LossKind;
  /** Seed of weights, patches and damage, a whole number. */
  readonly seed: number;
  /** Keeps strongly damaged patches from outweighing the others, 0..1, see `TrainerOptions.balance`; 0 by default. */
  readonly balance?: number;
  /** Weight of the colour term in the loss, 0 (none) by default, see `TrainerOptions.colourWeight`. */
  readonly colourWeight?: number;
  /** Decoupled weight decay, 0 by default. */
  readonly decay?: number;
  /** Share of the photos held out for validation, 0.05 by default. */
  readonly heldOut?: number;
  /** Which photos are held out, where the data set says so itself, in place of `heldOut`. */
  readonly split?: PhotoSplit;
  /** Parameters to start from, in place of fresh ones. */
  readonly init?: ReadonlyMap<string, Float32Array>;
  /** Go on from the checkpoint in `out`. */
  readonly resume?: boolean;
  /** Steps between looks at the loss; 20 by default. */
  readonly lookEvery?: number;
  /** Steps between checkpoints, each with a validation; 500 by default. */
  readonly checkpointEvery?: number;
  /** Written into the model file; its recipe is that of the pairs, where `recipe` is left out. */
  readonly info?: Partial<ModelInfo>;
  /** Called at each look at the loss. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Aborted: the run saves a checkpoint and ends. */
  readonly signal?: AbortSignal;
}

/** How far a run has come. */
export interface TrainProgress {
  /** Steps done. */
  readonly step: number;
  /** Optimiser steps in all, those before a resume included. */
  readonly steps: number;
  /** Mean loss since the last look. */
  readonly loss: number;
  /** Latest PSNR on the held-out part, dB. */
  readonly psnr?: number;
  /** Mean speed since this process began. */
  readonly stepsPerSecond: number;
  /** At that speed. */
  readonly secondsLeft: number;
}

/** How a run ended. */
export interface TrainResult {
  /** `done`, or `stopped` by the signal: with a checkpoint of `step`, unless that is 0. */
  readonly status: "done" | "stopped";
  /** Steps done. */
  readonly step: number;
  /** PSNR on the held-out part, dB, where there is one. */
  readonly psnr?: number;
  /** The same before restoration, for comparison, where the model does not enlarge; absent where this process measured nothing. */
  readonly damaged?: number;
  /** Where the model is, once the run is done. */
  readonly modelPath: string;
  /** Where the checkpoint is. */
  readonly checkpointPath: string;
}

/** Steps that are submitted while a look at the loss is on its way: enough work for the 10 ms that some runtimes take to notice an answer. */
const STEPS_MEANWHILE = 2;

const VALIDATION = { count: 16, size: 128 };

/**
 * Refuses what is wrong whatever the photos are: before they are read, which may take a while.
 * @throws {UserError} where the patch or the recipe does not fit the topology, or `out` holds a checkpoint that `resume` does not ask for.
 */
export async function checkRequest(
  { out, topology, patch, resume, recipe, balance }: Pick<
    TrainOptions,
    "out" | "topology" | "patch" | "resume" | "recipe" | "balance"
  >,
): Promise<void> {
  const multiple = sizeMultiple(topology);
  if (patch % multiple !== 0) {
    throw new UserError(`Cannot train: --patch ${patch} must be a multiple of ${multiple} for this depth`, {
      exitCode: 2,
    });
  }
  const { scale } = topology;
  const shrinks = recipe?.scale ?? 1;
  if (shrinks !== scale) {
    const want = scale === 1
      ? "leave shrink out of it, or train with --model-config scale=2"
      : `add shrink:${scale} to it`;
    throw new UserError(
      `Cannot train: the model enlarges ×${scale}, but the recipe makes photos ${shrinks} times smaller; ${want}`,
      { exitCode: 2 },
    );
  }
  if (scale !== 1 && balance) {
    throw new UserError("Cannot train: --balance is for models that do not enlarge", { exitCode: 2 });
  }
  if (!resume && await exists(pathsIn(out).checkpoint)) {
    throw new UserError(
      `Cannot train into ${out}: it holds a checkpoint; add --resume to go on, or choose another --out`,
      { exitCode: 2 },
    );
  }
}

/**
 * Trains until `steps` are done. The same options give the same weights, bit for bit, on the same adapter, whether or not
 * the run was interrupted and resumed.
 * @throws {UserError} where options do not fit the checkpoint, or the loss is no longer finite.
 *
 * @example Two steps of a tiny network; a real one takes thousands
 * ```ts
 * import { freshModel, openGpu } from "@clairnet/clairnet";
 * import { openPhotos, parseRecipe, train } from "@clairnet/clairnet/native";
 *
 * using gpu = await openGpu();
 * const out = await Deno.makeTempDir();
 * const { topology } = freshModel({ base: 4, depth: 1, blocks: 1 });
 * const { modelPath } = await train({
 *   gpu, topology, out,
 *   source: await openPhotos("samples/clean", { files: ["raccoon.jpg"] }),
 *   recipe: parseRecipe("gaussian:25"),
 *   steps: 2, batch: 2, patch: 16, learningRate: 1e-3, loss: "l1", seed: 1,
 * });
 * console.log(modelPath);
 * await Deno.remove(out, { recursive: true });
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const {
    gpu,
    source,
    recipe,
    out,
    topology,
    steps,
    batch,
    patch,
    seed,
    lookEvery = 20,
    checkpointEvery = 500,
  } = options;
  await checkRequest(options);
  const multiple = sizeMultiple(topology);
  await Deno.mkdir(out, { recursive: true });
  const paths = pathsIn(out);
  const damage = recipe?.text ?? options.info?.recipe ?? "pairs";
  const settings: TrainingSettings = {
    ...{
      steps,
      batch,
      patch,
      seed,
      learningRate: options.learningRate,
      loss: options.loss,
      decay: options.decay ?? 0,
      balance: options.balance ?? 0,
      colourWeight: options.colourWeight ?? 0,
    },
    ...{ heldOut: options.heldOut ?? 0.05, recipe: damage, lookEvery, checkpointEvery },
    photos: source.photos.length,
    onto: options.onto ?? "high",
  };
  const schedule = { peak: options.learningRate, steps, decay: options.decay };
  const split = options.split ?? splitPhotos(source.photos, options.heldOut ?? 0.05, seed);

  using trainer = await Trainer.create(gpu, {
    topology,
    batch,
    patch,
    loss: options.loss,
    balance: options.balance,
    colourWeight: options.colourWeight,
  }).catch((error) => {
    if (!(error instanceof GpuOutOfMemoryError)) throw error;
    const what = `${batch} patches of ${patch}×${patch}`;
    throw new UserError(
      `Cannot train: ${what} do not fit into the GPU's memory; try a smaller --batch or --patch`,
      {
        cause: error,
      },
    );
  });
  let done = 0;
  let history: HistoryRow[] = [];
  if (options.resume) {
    const checkpoint = await loadCheckpoint(paths.checkpoint);
    requireSame(checkpoint.settings, settings, checkpoint.topology, topology);
    trainer.load(checkpoint.state);
    done = checkpoint.step;
    history = parseHistory(await Deno.readTextFile(paths.history).catch(() => "")).filter((row) =>
      row.step <= done
    );
  } else trainer.start(options.init ?? heInitialise(topology, seed));

  const info = (step: number, psnr: number | undefined): ModelInfo =>
    modelInfo({
      ...{ seed, loss: lossName(options), created: new Date().toISOString() },
      ...options.info,
      recipe: damage,
      steps: step,
      metrics: psnr === undefined ? {} : { "held-out psnr": Number(psnr.toFixed(3)) },
    });
  let validation: PatchBatch | undefined;
  let damaged: number | undefined;
  const measure = async () => {
    if (split.validation.length === 0) return undefined;
    const size = Math.ceil(VALIDATION.size / topology.scale / multiple) * multiple;
    validation ??= await validationPatches(source, {
      ...VALIDATION,
      size,
      seed,
      indices: split.validation,
      recipe,
      jpeg: jpegThroughSharp,
      onto: options.onto,
    });
    if (topology.scale === 1) damaged ??= damagedPsnr(validation, VALIDATION.count);
    return await trainer.validate(validation, size);
  };
  const save = async (step: number, psnr: number | undefined): Promise<void> => {
    const state = await trainer.state();
    // The history first: rows past the checkpoint are dropped on resuming, but missing ones would be lost for good.
    await saveHistory(out, history);
    await saveCheckpoint(paths.checkpoint, { topology, step, settings, state, info: info(step, psnr) });
  };

  using batches = new Prefetch(source, {
    patch,
    batch,
    seed,
    indices: split.train,
    recipe,
    onto: options.onto,
  });
  let psnr = history.findLast((row) => row.psnr !== undefined)?.psnr;
  let saved = done;
  const started = performance.now();
  const startedAt = done;
  let stopping = options.signal?.aborted ?? false;
  /** A look at the loss on its way: the steps after it are submitted meanwhile, or the GPU would run dry at each look. */
  let looking: { step: number; learningRate: number; report: Promise<LossReport> } | undefined;
  const settle = async (milestone: boolean): Promise<{ step: number; loss: number }> => {
    const { step, learningRate, report } = looking!;
    looking = undefined;
    const { loss, gradientNorm } = await report;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      const last = saved > 0
        ? `the last good checkpoint is ${paths.checkpoint} at step ${saved}`
        : "no checkpoint was written yet";
      throw new UserError(
        `Training stopped: the loss is not finite at step ${step}; ${last}. Try a smaller --lr`,
      );
    }
    if (milestone) psnr = await measure();
    history.push({ step, loss, learningRate, gradientNorm, ...(milestone ? { psnr } : {}) });
    return { step, loss };
  };
  const tell = ({ step, loss }: { step: number; loss: number }): void => {
    const stepsPerSecond = (done - startedAt) / (performance.now() - started) * 1000;
    const secondsLeft = (steps - done) / stepsPerSecond;
    options.onProgress?.({ step, steps, loss, psnr, stepsPerSecond, secondsLeft });
  };
  while (done < steps && !stopping) {
    const step = done + 1;
    const optimiser = optimiserAt(step, schedule);
    trainer.step(await batches.next(done), optimiser);
    done = step;
    stopping = options.signal?.aborted ?? false;
    const milestone = done % checkpointEvery === 0 || done === steps;
    const due = done % lookEvery === 0 || milestone || stopping;
    if (looking && (due || done === looking.step + STEPS_MEANWHILE)) tell(await settle(false));
    if (!due) continue;

    looking = { step: done, learningRate: optimiser.learningRate, report: trainer.look() };
    looking.report.catch(() => {}); // thrown where it is waited for
    if (!milestone && !stopping) continue;
    const looked = await settle(milestone);
    await save(done, psnr);
    saved = done;
    tell(looked);
  }

  const stopped = done < steps;
  if (!stopped) {
    const { average } = await trainer.state();
    await writeFileAtomically(
      paths.model,
      encodeModel({ topology, parameters: average, info: info(done, psnr) }),
    );
  }
  return {
    status: stopped ? "stopped" : "done",
    step: done,
    psnr,
    damaged,
    modelPath: paths.model,
    checkpointPath: paths.checkpoint,
  };
}

/** What a setting was where a checkpoint, older than the setting, does not say it. */
const BEFORE: TrainingSettings = { onto: "high", colourWeight: 0 };

/** @throws {UserError} naming the first setting in which the checkpoint differs. */
function requireSame(
  stored: TrainingSettings,
  now: TrainingSettings,
  topologyThen: UNetTopology,
  topologyNow: UNetTopology,
): void {
  if (JSON.stringify(topologyThen) !== JSON.stringify(topologyNow)) {
    throw new UserError("Cannot resume: the checkpoint has another topology; give the same --model-config", {
      exitCode: 2,
    });
  }
  const then = { ...BEFORE, ...stored };
  const differs = Object.keys(now).find((key) => then[key] !== now[key]);
  if (differs) {
    throw new UserError(
      `Cannot resume: the checkpoint was trained with ${differs} ${then[differs]}, this run asks for ${
        now[differs]
      }`,
      { exitCode: 2 },
    );
  }
}

function pathsIn(out: string): { checkpoint: string; model: string; history: string } {
  return {
    checkpoint: `${out}/checkpoint.safetensors`,
    model: `${out}/model.safetensors`,
    history: `${out}/history.csv`,
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
