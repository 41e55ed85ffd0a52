/** `clairnet enhance`. */
import { cpuNetwork } from "../enhance/cpu_network.ts";
import { chooseModels } from "../enhance/choose_models.ts";
import { enhanceFiles } from "../batch/files.ts";
import { chainForJpeg, chainScale } from "../enhance/model_chain.ts";
import { openChain, type OpenedChain } from "../enhance/open_chain.ts";
import { type DeviceChoice, openNetwork } from "../enhance/open_network.ts";
import { STANDARD_STREAM } from "../batch/list_sources.ts";
import type { CompareKind } from "../image/output_name.ts";
import { type PrecisionChoice, settledPrecision } from "../enhance/precision.ts";
import type { Gpu } from "../gpu/device.ts";
import type { PhotoFormat } from "../image/photo.ts";
import { displayName } from "../base/display_name.ts";
import { UserError } from "../base/errors.ts";
import { StageClock } from "../batch/stage_clock.ts";
import { BATCH_BAR, BatchProgress } from "./batch_progress.ts";
import { leftOut, printProfile, reportPhoto, summary } from "./enhance_report.ts";
import { complain, complainOf } from "./messages.ts";
import { type Shard, shardFromEnvironment } from "./shard_environment.ts";
import { tileTasks, tuneKernels, tuningMode } from "./tuning.ts";
import { type Bar, Interrupted, interruptible, printJson, progressBar } from "./terminal.ts";

interface Options {
  readonly output?: string;
  readonly model?: string;
  readonly scale?: number;
  readonly strength: number;
  readonly tile: number | "auto";
  readonly device: DeviceChoice;
  readonly precision: PrecisionChoice;
  readonly format?: PhotoFormat;
  readonly quality?: number;
  readonly recursive?: boolean;
  readonly overwrite?: boolean;
  readonly selfEnsemble?: boolean;
  readonly compare?: CompareKind;
  readonly strip?: boolean;
  readonly shard?: Shard;
  readonly maxMegapixels?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly profile?: boolean;
  readonly tune?: boolean;
  readonly verbose?: boolean;
}

export async function enhance(inputs: string[], options: Options): Promise<number> {
  const { json = false, quiet = false, verbose = false } = options;
  if (
    json && (options.output ?? (inputs.includes(STANDARD_STREAM) ? STANDARD_STREAM : "")) === STANDARD_STREAM
  ) {
    throw new UserError("--json and the photo cannot both go to standard output: give -o FILE", {
      exitCode: 2,
    });
  }
  // A wrong model name is found before any photo is read.
  const models = await chooseModels(options);
  const names = models.map(({ name }) => name);
  const scale = chainScale(models.map(({ model }) => model.topology));
  using interrupt = interruptible();
  let bar: Bar = progressBar("{bar} {photo} · {percentage} %", quiet);
  const say = (line: string) => {
    if (quiet) return;
    bar.stop();
    console.error(line);
  };
  const began = performance.now();
  let opened: OpenedChain | undefined;
  const shard = options.shard ?? await clusterShard(inputs, say);
  const clock = new StageClock();
  let progress = new BatchProgress(1);
  let single = true;
  const foreign: string[] = [];
  const earlier: string[] = [];
  const linked: string[] = [];
  const close = () => opened?.[Symbol.dispose]();
  const show = () => bar.update(progress.done, progress.total, progress.fields);
  try {
    const results = await enhanceFiles(inputs, {
      ...options,
      scale,
      tile: options.tile === "auto" ? undefined : options.tile,
      signal: interrupt.signal,
      shard,
      clock,
      modelForJpeg: chainForJpeg(names),
      network: async () => {
        opened = await openChain(models, async ({ model }) => {
          let mode = tuningMode(options.tune);
          const prepare = async (gpu: Gpu) => {
            const tasks = () =>
              tileTasks(
                model.topology,
                gpu.adapter,
                options.tile,
                settledPrecision(options.precision, gpu.adapter),
              );
            await tuneKernels(gpu, mode, tasks, { say, quiet, signal: interrupt.signal });
            // A GPU that is lost and opened again is not measured again.
            if (mode === "now") mode = "cache";
          };
          const { device, precision } = options;
          const network = await openNetwork(model, device, {
            ...{ cpu: cpuNetwork, onNotice: say, prepare, precision },
          });
          if (mode === "now") {
            say("There are no kernels to measure on the CPU: --device gpu takes the shaders");
          }
          return network;
        });
        opened.notices.forEach(say);
        return opened.networks;
      },
      onForeign: (path) => foreign.push(path),
      onEarlier: (path) => earlier.push(path),
      onLinkedFolder: (path) => linked.push(path),
      onPlan: (jobs) => {
        leftOut({ foreign, earlier, linked }).forEach(say);
        // Otherwise a call that does nothing would say nothing.
        if (shard && jobs.length === 0) say(`Part ${shard.index} of ${shard.count} has no photo`);
        single = jobs.length === 1;
        progress = new BatchProgress(jobs.filter((job) => !job.skip).length);
        if (progress.total > 1) bar = progressBar(BATCH_BAR, quiet);
      },
      onStart: (job) => {
        progress.begin(displayName(job.input));
        show();
      },
      onProgress: (done, total) => {
        progress.tile(done, total);
        show();
      },
      onWorked: close,
      onResult: (result) => {
        const { width = 0, height = 0 } = result;
        // A photo that was begun counts, also where its output came into being meanwhile.
        if (result.stages) progress.finish(width * height / 1e6);
        bar.stop();
        reportPhoto(result, say, { single, verbose });
      },
      onFailure: (error) => {
        bar.stop();
        if (verbose) complainOf(error, verbose);
      },
    });
    const seconds = (performance.now() - began) / 1000;
    const { seconds: stages, busy } = clock;
    if (json) {
      printJson({
        device: opened?.networks[0].device,
        precision: opened && (opened.networks[0].precision ?? "f32"),
        model: names.join("+"),
        models: names,
        shard,
        seconds,
        stages,
        busy,
        foreign,
        earlier,
        linked,
        results,
      });
    }
    if (results.length > 1) summary(results, seconds).forEach(say);
    if (options.profile) printProfile(clock);
    return results.some(({ status }) => status === "failed") ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    bar.stop();
    complain("interrupted; finished photos are kept, the one at hand was dropped");
    return 130;
  } finally {
    bar.stop();
    close();
  }
}

/**
 * The part that a cluster's scheduler gives this process, where it is to do a folder: a photo that is named is meant for this very
 * process.
 */
async function clusterShard(
  inputs: readonly string[],
  say: (line: string) => void,
): Promise<Shard | undefined> {
  const folders = await Promise.all(
    inputs.map((input) =>
      input !== STANDARD_STREAM && Deno.stat(input).then((stat) => stat.isDirectory, () => false)
    ),
  );
  if (!folders.includes(true)) return undefined;
  const found = shardFromEnvironment();
  if (found) {
    say(
      `Doing part ${found.shard.index} of ${found.shard.count}, as ${found.variable} says (--shard 1/1: all)`,
    );
  }
  return found?.shard;
}
