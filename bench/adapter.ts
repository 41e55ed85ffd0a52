/** The adapter that the comparisons run on. */
import { type Gpu, openGpu } from "../src/gpu/device.ts";
import { probeAdapter } from "../src/gpu/probe.ts";
import type { AdapterPeak } from "../src/gpu/profile.ts";
import { applyChoices } from "../src/tune/apply_choices.ts";

export interface OpenedAdapter {
  readonly gpu: Gpu;
  /** What it can do at most, measured. */
  readonly peak: AdapterPeak;
  /** Layers for which `--tune` has found the fastest kernel on this adapter. */
  readonly tuned: number;
}

/**
 * Opens the adapter, measures its limits, and takes the kernels that `--tune` has found for it before, as the command line does.
 * @param tuned false: the default kernels.
 */
export async function openAdapter(tuned = true): Promise<OpenedAdapter> {
  const gpu = await openGpu();
  const peak = await probeAdapter(gpu);
  const mode = tuned ? "cache" : "off";
  const { choices } = await applyChoices(gpu, { mode, tasks: () => [], onNotice: console.error });
  return { gpu, peak, tuned: choices.size };
}
