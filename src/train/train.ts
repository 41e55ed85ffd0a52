/** Trains a U-Net on photos: the loop around `Trainer`, with checkpoints, history, validation and a clean stop. */
import { Prefetch } from "../data/prefetch.ts";
import { type PatchBatch, validationPatches } from "../data/patches.ts";
import { type PhotoSource, splitPhotos } from "../data/photo_source.ts";
import type { Recipe } from "../data/recipe.ts";
import type { Gpu } from "../gpu/device.ts";
import { writeFileAtomically } from "../image/write_file.ts";
import { heInitialise } from "../nn/initialise.ts";
import { encodeModel, type ModelInfo, modelInfo } from "../nn/model_file.ts";
import { sizeMultiple, type UNetTopology } from "../nn/topology.ts";
import type { LossKind } from "../ops/loss.ts";
import { UserError } from "../tensor/errors.ts";
import { loadCheckpoint, saveCheckpoint, type TrainingSettings } from "./checkpoint.ts";
import { type HistoryRow, parseHistory } from "./history.ts";
import { saveHistory } from "./save_history.ts";
import { learningRate } from "./schedule.ts";
import { Trainer, type TrainerState } from "./trainer.ts";

export interface TrainOptions {
  readonly gpu: Gpu;
  /** Photos to train on; `recipe` may be left out where they are pairs. */
  readonly source: PhotoSource;
  readonly recipe?: Recipe;
  /** Folder for checkpoint.safetensors, model.safetensors, history.csv and history.svg. */
  readonly out: string;
  readonly topology: UNetTopology;
  readonly steps: number;
  readonly batch: number;
  readonly patch: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  readonly loss: LossKind;
  readonly seed: number;
  /** Decoupled weight decay, 0 by default. */
  readonly decay?: number;
  /** Share of the photos held out for validation, 0.05 by default. */
  readonly heldOut?: number;
  /** Parameters to start from, in place of fresh ones. */
  readonly init?: ReadonlyMap<string, Float32Array>;
  /** Go on from the checkpoint in `out`. */
  readonly resume?: boolean;
  /** Steps between looks at the loss (20), checkpoints (500) and validations (500). */
  readonly lookEvery?: number;
  readonly checkpointEvery?: number;
  /** Written into the model file. */
  readonly info?: Partial<ModelInfo>;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Aborted: the run saves a checkpoint and ends. */
  readonly signal?: AbortSignal;
}

export interface TrainProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Latest PSNR on the held-out part, dB. */
  readonly psnr?: number;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
}

export interface TrainResult {
  /** `done`, or `stopped` by the signal with a checkpoint written. */
  readonly status: "done" | "stopped";
  readonly step: number;
  readonly psnr?: number;
  readonly modelPath: string;
  readonly checkpointPath: string;
}

const VALIDATION = { count: 16, size: 128 };
const OPTIMISER = { beta1: 0.9, beta2: 0.99, maxNorm: 1, ema: 0.999 };

/**
 * Trains until `steps` are done. The same options give the same weights, bit for bit, on the same adapter, whether or not
 * the run was interrupted and resumed.
 * @throws {UserError} where options do not fit the checkpoint, or the loss is no longer finite.
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
  const multiple = sizeMultiple(topology);
  if (patch % multiple !== 0) {
    throw new UserError(`Cannot train: --patch ${patch} must be a multiple of ${multiple} for this depth`, {
      exitCode: 2,
    });
  }
  await Deno.mkdir(out, { recursive: true });
  const paths = {
    checkpoint: `${out}/checkpoint.safetensors`,
    model: `${out}/model.safetensors`,
    history: `${out}/history.csv`,
  };
  const settings: TrainingSettings = {
    ...{
      steps,
      batch,
      patch,
      seed,
      learningRate: options.learningRate,
      loss: options.loss,
      decay: options.decay ?? 0,
    },
    ...{ heldOut: options.heldOut ?? 0.05, recipe: recipe?.text ?? "pairs", lookEvery, checkpointEvery },
    photos: source.photos.length,
  };
  const warmup = Math.min(500, Math.ceil(steps / 20));
  const schedule = { peak: options.learningRate, warmup, steps };
  const split = splitPhotos(source.photos, options.heldOut ?? 0.05, seed);

  using trainer = await Trainer.create(gpu, { topology, batch, patch, loss: options.loss });
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
  } else {
    if (await exists(paths.checkpoint)) {
      throw new UserError(
        `Cannot train into ${out}: it holds a checkpoint; add --resume to go on, or choose another --out`,
      );
    }
    trainer.start(options.init ?? heInitialise(topology, seed));
  }

  const info = (step: number, psnr: number | undefined): ModelInfo =>
    modelInfo({
      ...{ recipe: recipe?.text ?? "pairs", seed, loss: options.loss, created: new Date().toISOString() },
      ...options.info,
      steps: step,
      metrics: psnr === undefined ? {} : { "held-out psnr": Number(psnr.toFixed(3)) },
    });
  let validation: PatchBatch | undefined;
  const measure = async () => {
    if (split.validation.length === 0) return undefined;
    const size = Math.ceil(VALIDATION.size / multiple) * multiple;
    validation ??= await validationPatches(source, {
      ...VALIDATION,
      size,
      seed,
      indices: split.validation,
      recipe,
    });
    return await trainer.validate(validation, size);
  };
  const save = async (step: number, psnr: number | undefined): Promise<TrainerState> => {
    const state = await trainer.state();
    await saveCheckpoint(paths.checkpoint, { topology, step, settings, state, info: info(step, psnr) });
    await saveHistory(out, history);
    return state;
  };

  using batches = new Prefetch(source, { patch, batch, seed, indices: split.train, recipe });
  let psnr = history.findLast((row) => row.psnr !== undefined)?.psnr;
  let saved = done;
  const started = performance.now();
  const startedAt = done;
  while (done < steps && !options.signal?.aborted) {
    const step = done + 1;
    const rate = learningRate(step, schedule);
    trainer.step(await batches.next(done), {
      learningRate: rate,
      step,
      decay: options.decay ?? 0,
      ...OPTIMISER,
    });
    done = step;
    const keep = done % checkpointEvery === 0 || done === steps;
    if (done % lookEvery !== 0 && !keep) continue;

    const look = await trainer.look();
    if (!Number.isFinite(look.loss) || !Number.isFinite(look.gradientNorm)) {
      const last = saved > 0
        ? `the last good checkpoint is ${paths.checkpoint} at step ${saved}`
        : "no checkpoint was written yet";
      throw new UserError(
        `Training stopped: the loss is not finite at step ${done}; ${last}. Try a smaller --lr`,
      );
    }
    if (keep) psnr = await measure();
    history.push({
      step: done,
      loss: look.loss,
      learningRate: rate,
      gradientNorm: look.gradientNorm,
      ...(keep ? { psnr } : {}),
    });
    if (keep) {
      await save(done, psnr);
      saved = done;
    }
    const stepsPerSecond = (done - startedAt) / (performance.now() - started) * 1000;
    const secondsLeft = (steps - done) / stepsPerSecond;
    options.onProgress?.({ step: done, steps, loss: look.loss, psnr, stepsPerSecond, secondsLeft });
  }

  const stopped = done < steps;
  if (stopped && saved !== done) {
    // Losses since the last look are not finite or are: do not let a bad state replace a good checkpoint.
    const look = await trainer.look();
    if (Number.isFinite(look.loss)) await save(done, psnr);
  }
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
    modelPath: paths.model,
    checkpointPath: paths.checkpoint,
  };
}

/** @throws {UserError} naming the first setting in which the checkpoint differs. */
function requireSame(
  then: TrainingSettings,
  now: TrainingSettings,
  topologyThen: UNetTopology,
  topologyNow: UNetTopology,
): void {
  if (JSON.stringify(topologyThen) !== JSON.stringify(topologyNow)) {
    throw new UserError("Cannot resume: the checkpoint has another topology; give the same --model-config", {
      exitCode: 2,
    });
  }
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

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
