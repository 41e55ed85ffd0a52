/** Gives an open device the kernel choices that are remembered for its adapter, or measures them anew. */
import type { Gpu } from "../gpu/device.ts";
import { type CachedChoices, choiceCachePath, readChoices, writeChoices } from "./choice_cache.ts";
import type { TuningTask } from "./conv_layers.ts";
import type { TunedChoice } from "./tune_convolution.ts";
import { type NetworkTuningOptions, tuneNetwork, type Tuning } from "./tune_network.ts";

/** Which choices: measured `now`, those of the `cache` where there are any, or none (`off`: the defaults). */
export type TuningMode = "now" | "cache" | "off";

export interface ApplyOptions extends NetworkTuningOptions {
  readonly mode: TuningMode;
  /** What to measure, dearest first; asked for where the mode is `now`. */
  readonly tasks: () => readonly TuningTask[];
  /** Receives a line for what went wrong with the cache. */
  readonly onNotice?: (line: string) => void;
  /** The cache, in place of the one in the user's folder. */
  readonly path?: string;
}

/** What a device was given. */
export interface AppliedChoices {
  /** All choices that hold on it now. */
  readonly choices: ReadonlyMap<string, TunedChoice>;
  /** When the latest of them were measured, ISO 8601; undefined where there are none. */
  readonly tuned?: string;
  /** Where they are kept; undefined where there is no such place, or no permission to know it. */
  readonly path?: string;
  /** What was measured just now. */
  readonly measured?: Tuning;
}

/** Sets `gpu.choices`. Plans that are built after this take them; those that are there already stay as they are. */
export async function applyChoices(gpu: Gpu, options: ApplyOptions): Promise<AppliedChoices> {
  const { mode, onNotice = () => {}, path = choiceCachePath() } = options;
  gpu.choices = new Map();
  if (mode === "off") return { choices: new Map() };
  const cached: CachedChoices | undefined = path && await readChoices(path, gpu.adapter, onNotice) ||
    undefined;
  if (mode === "cache") {
    const { choices = new Map(), tuned } = cached ?? {};
    gpu.choices = variantsOf(choices);
    return { choices, tuned, path };
  }
  const measured = await tuneNetwork(gpu, options.tasks(), options);
  const choices = new Map([...cached?.choices ?? [], ...measured.choices]);
  gpu.choices = variantsOf(choices);
  const failure = path === undefined
    ? "The choices are not kept: there is no cache folder, or no permission to know it"
    : await writeChoices(path, gpu.adapter, measured.choices);
  if (failure) onNotice(failure);
  return { choices, tuned: new Date().toISOString(), path: failure ? undefined : path, measured };
}

function variantsOf(choices: ReadonlyMap<string, TunedChoice>): Map<string, string> {
  return new Map([...choices].map(([key, { variant }]) => [key, variant]));
}
