/** `clairnet dataset`. */
import { buildDataset, type DatasetFormat, datasetInfo } from "../data/dataset.ts";
import { parseRecipe } from "../data/recipe.ts";
import { duration, interruptible, printJson, progressBar } from "./terminal.ts";

interface BuildOptions {
  readonly from: string[];
  readonly out: string;
  readonly size: number;
  readonly degrade: string;
  readonly seed: number;
  readonly format: DatasetFormat;
  readonly limit?: number;
}

/** Photos that cannot be used are listed and do not count as a failure. */
export async function build(options: BuildOptions): Promise<number> {
  const { from, out, size, seed, format, limit } = options;
  const recipe = parseRecipe(options.degrade);
  using interrupt = interruptible();
  const bar = progressBar("{bar} {value}/{total} photos");
  const began = performance.now();
  try {
    const made = await buildDataset({
      ...{ from, out, size, recipe, seed, format, limit, signal: interrupt.signal },
      onProgress: (done, total) => bar.update(done, total),
    });
    bar.stop();
    for (const { name, reason } of made.skipped) console.error(`clairnet: skipped ${name}: ${reason}`);
    const left = made.skipped.length > 0 ? `, ${made.skipped.length} left out` : "";
    const seconds = (performance.now() - began) / 1000;
    console.error(
      `Built ${out}: ${made.count} pairs of ${size}×${size} by ${made.recipe}${left} (${duration(seconds)})`,
    );
    console.error(`Train on it: clairnet train --data ${out} --out runs/NAME`);
    return 0;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    bar.stop();
    console.error(`clairnet: ${error instanceof Error ? error.message : error}`);
    return 130;
  } finally {
    bar.stop();
  }
}

export async function info(dir: string, options: { json?: boolean }): Promise<number> {
  const facts = await datasetInfo(dir);
  if (options.json) {
    printJson(facts);
    return 0;
  }
  const { format, size, count, recipe, seed, sources, split, skipped, bytes, psnr } = facts;
  const rows: [string, string | number][] = [
    ["pairs", `${count}, ${split.validation.length} of them held out`],
    ["size", `${size}×${size}`],
    ["format", `${format}, ${(bytes / 1e6).toFixed(1)} MB`],
    ["recipe", recipe],
    ["degraded", Number.isFinite(psnr) ? `${psnr.toFixed(2)} dB` : "not at all"],
    ["seed", seed],
    ...sources.map(({ dir, photos }): [string, string] => ["from", `${dir} (${photos})`]),
    ["left out", skipped.length],
  ];
  for (const [key, value] of rows) console.log(`${key.padEnd(12)}${value}`);
  return 0;
}
