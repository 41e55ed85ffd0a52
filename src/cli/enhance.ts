/** `clairnet enhance`. */
import { cpuNetwork } from "../enhance/cpu_network.ts";
import { enhanceFiles, type FileResult } from "../enhance/files.ts";
import { type DeviceChoice, type OpenedNetwork, openNetwork } from "../enhance/open_network.ts";
import { STANDARD_STREAM } from "../enhance/output_plan.ts";
import { parseFormat } from "../image/formats.ts";
import { loadModel } from "../nn/models.ts";
import { UserError } from "../base/errors.ts";
import { duration, Interrupted, interruptible, printJson, progressBar } from "./terminal.ts";

interface Options {
  readonly output?: string;
  readonly model: string;
  readonly strength: number;
  readonly tile: number | "auto";
  readonly device: DeviceChoice;
  readonly format?: string;
  readonly quality?: number;
  readonly recursive?: boolean;
  readonly overwrite?: boolean;
  readonly selfEnsemble?: boolean;
  readonly compare?: boolean;
  readonly shard?: { index: number; count: number };
  readonly maxMegapixels?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function enhance(inputs: string[], options: Options): Promise<number> {
  const { json = false, quiet = false } = options;
  if (
    json && (options.output ?? (inputs.includes(STANDARD_STREAM) ? STANDARD_STREAM : "")) === STANDARD_STREAM
  ) {
    throw new UserError("--json and the photo cannot both go to standard output: give -o FILE", {
      exitCode: 2,
    });
  }
  // A wrong model name is found before any photo is read.
  const model = await loadModel(options.model);
  using interrupt = interruptible();
  const bar = progressBar("{bar} {photo} · {percentage} %", quiet);
  const say = (line: string) => {
    if (quiet) return;
    bar.stop();
    console.error(line);
  };
  const began = performance.now();
  let opened: OpenedNetwork | undefined;
  let current = "";
  try {
    const results = await enhanceFiles(inputs, {
      ...options,
      format: options.format ? parseFormat(options.format) : undefined,
      tile: options.tile === "auto" ? undefined : options.tile,
      signal: interrupt.signal,
      network: async () => {
        opened = await openNetwork(model, options.device, cpuNetwork);
        say(opened.notice);
        return opened.network;
      },
      onStart: (job, index, count) => current = count > 1 ? `${index + 1}/${count} ${job.input}` : job.input,
      onProgress: (done, total) => bar.update(done, total, { photo: current }),
      onResult: (result) => {
        bar.stop();
        report(result, say);
      },
    });
    const count = (status: FileResult["status"]) =>
      results.filter((result) => result.status === status).length;
    const seconds = (performance.now() - began) / 1000;
    const device = opened?.network.device;
    if (json) printJson({ device, model: options.model, seconds, results });
    if (results.length > 1) {
      const skipped = count("skipped")
        ? `, ${count("skipped")} skipped (their output exists; --overwrite redoes them)`
        : "";
      say(
        `${count("done")} of ${results.length} photos done in ${duration(seconds)}${skipped}, ${
          count("failed")
        } failed`,
      );
    }
    return count("failed") > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    bar.stop();
    console.error("clairnet: interrupted; finished photos are kept, the one at hand was dropped");
    return 130;
  } finally {
    bar.stop();
    opened?.[Symbol.dispose]();
  }
}

function report(result: FileResult, say: (line: string) => void): void {
  const { input, output, status, seconds, width, height, notes, compare, error } = result;
  if (status === "failed") console.error(`clairnet: ${error}`);
  else if (status === "skipped") say(`${input}: skipped, ${output} exists (--overwrite redoes it)`);
  else {
    say(`${input} → ${output} (${width}×${height}, ${seconds.toFixed(1)} s)`);
    if (compare) say(`  before and after: ${compare}`);
  }
  for (const note of notes) say(`  note: ${note}`);
}
