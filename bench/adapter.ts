/** The adapter that the comparisons run on. */
import { type Gpu, openGpu } from "../src/gpu/device.ts";

/** What an adapter can do at most. */
export interface Peak {
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
}

export interface OpenedAdapter {
  readonly gpu: Gpu;
  readonly peak?: Peak;
  /** Layers for which a tuner remembers the fastest kernel of this adapter. */
  readonly tuned: number;
}

interface Probe {
  probeAdapter(gpu: Gpu): Promise<Peak>;
}
interface Choices {
  applyChoices(
    gpu: Gpu,
    options: { mode: "cache" | "off"; tasks: () => readonly []; onNotice: (line: string) => void },
  ): Promise<{ readonly choices: ReadonlyMap<string, unknown> }>;
}

/**
 * Opens the adapter, measures its limits, and takes the kernels that `--tune` has found for it before, as the command line does.
 * @param tuned false: the default kernels.
 */
export async function openAdapter(tuned = true): Promise<OpenedAdapter> {
  const gpu = await openGpu();
  const probe = await optional<Probe>("../src/gpu/probe.ts");
  const peak = await probe?.probeAdapter(gpu);
  const tuning = await optional<Choices>("../src/tune/apply_choices.ts");
  const mode = tuned ? "cache" : "off";
  const applied = await tuning?.applyChoices(gpu, { mode, tasks: () => [], onNotice: console.error });
  return { gpu, peak, tuned: applied?.choices.size ?? 0 };
}

/** A module of the project, or undefined where this version of it has none. */
async function optional<Module>(path: string): Promise<Module | undefined> {
  const url = new URL(path, import.meta.url);
  return await Deno.stat(url).then(() => true, () => false) ? await import(url.href) : undefined;
}
