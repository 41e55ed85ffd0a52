/** Tunes the convolutions of a network, within a bound. */
import type { Gpu } from "../gpu/device.ts";
import type { TuningTask } from "./conv_layers.ts";
import { tuneConvolution, type TunedChoice, type TuningOptions } from "./tune_convolution.ts";

/** How long a tuning that was asked for may take: after so many seconds no further layer is begun, and the rest keep their defaults. */
export const TUNING_SECONDS = 60;

export interface NetworkTuningOptions extends TuningOptions {
  /** Seconds, in place of `TUNING_SECONDS`. */
  readonly seconds?: number;
  /** After each layer: layers done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What a tuning found. */
export interface Tuning {
  /** By the layers' names. */
  readonly choices: ReadonlyMap<string, TunedChoice>;
  /** Layers that there was no time for. */
  readonly left: number;
}

/** Measures the tasks one by one, in their order. Layers that one version alone can run are not among the choices. */
export async function tuneNetwork(
  gpu: Gpu,
  tasks: readonly TuningTask[],
  options: NetworkTuningOptions = {},
): Promise<Tuning> {
  const { seconds = TUNING_SECONDS, onProgress, signal } = options;
  const end = performance.now() + seconds * 1000;
  const choices = new Map<string, TunedChoice>();
  let done = 0;
  for (const task of tasks) {
    if (signal?.aborted || performance.now() >= end) break;
    const found = await tuneConvolution(gpu, task, options);
    if (found) choices.set(task.key, found);
    done++;
    onProgress?.(done, tasks.length);
  }
  return { choices, left: tasks.length - done };
}
