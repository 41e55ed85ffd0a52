/** Trains one trial's network, unless that was done before. */
import { writeNamedFile } from "../base/write_file.ts";
import type { PhotoSource } from "../data/photo_source.ts";
import { parseRecipe } from "../degrade/recipe.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Model } from "../nn/model_file.ts";
import { loadModel } from "../nn/models.ts";
import { type HistoryRow, parseHistory } from "../train/history.ts";
import { train } from "../train/train.ts";
import type { TrainProgress } from "../train/train_options.ts";
import { type Preset, stepsOf, topologyOf, type TrialDefinition, VALIDATIONS } from "./settings.ts";
import type { TrialSplit } from "./split.ts";

export interface TrainedTrial {
  readonly model: Model;
  readonly history: readonly HistoryRow[];
  /** Seconds that training took, over all runs that it needed. */
  readonly seconds: number;
}

export interface TrainTrialOptions {
  readonly gpu: Gpu;
  readonly source: PhotoSource;
  readonly split: TrialSplit;
  readonly preset: Preset;
  readonly seed: number;
  /** Folder of all trials. */
  readonly out: string;
  readonly version: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
}

/**
 * Trains to the end, going on from a checkpoint where there is one; a trial that is finished is only read.
 * @returns undefined where the signal stopped it, with a checkpoint to go on from.
 */
export async function trainTrial(
  trial: TrialDefinition,
  { gpu, source, split, preset, seed, out, version, signal, onProgress }: TrainTrialOptions,
): Promise<TrainedTrial | undefined> {
  const dir = `${out}/trial${trial.number}`;
  const steps = stepsOf(trial, preset);
  const modelPath = `${dir}/model.safetensors`;
  if (!await exists(modelPath)) {
    const started = performance.now();
    const before = await readSeconds(dir);
    const result = await train({
      ...{ gpu, source, out: dir, steps, seed, signal, onProgress, split },
      ...{ batch: preset.batch, patch: preset.patch, learningRate: preset.learningRate, loss: "l1" },
      topology: topologyOf(trial, preset),
      recipe: parseRecipe(trial.recipe),
      onto: "low",
      resume: await exists(`${dir}/checkpoint.safetensors`),
      checkpointEvery: Math.ceil(steps / VALIDATIONS),
      info: { name: `trial ${trial.number}`, data: `${split.train.length} photos`, version },
    });
    if (result.step > 0) await writeSeconds(dir, before + (performance.now() - started) / 1000);
    if (result.status === "stopped") return undefined;
  }
  return {
    model: await loadModel(modelPath),
    history: parseHistory(await Deno.readTextFile(`${dir}/history.csv`)),
    seconds: await readSeconds(dir),
  };
}

async function readSeconds(dir: string): Promise<number> {
  try {
    return JSON.parse(await Deno.readTextFile(`${dir}/training.json`)).seconds;
  } catch {
    return 0; // a run that was killed: its time is not known
  }
}

async function writeSeconds(dir: string, seconds: number): Promise<void> {
  const text = JSON.stringify({ seconds: Math.round(seconds * 10) / 10 });
  await writeNamedFile(`${dir}/training.json`, new TextEncoder().encode(text + "\n"));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
