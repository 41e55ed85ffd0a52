/** Photos from files, folders and standard input to files and standard output. */
import { isLossy, refuseSize } from "../image/encode.ts";
import { outputFormatFor } from "../image/formats.ts";
import { freeSamples, type Photo } from "../image/photo.ts";
import { displayName } from "../base/display_name.ts";
import { oneLine, systemReason, UserError } from "../base/errors.ts";
import { removeLeftovers } from "../base/write_file.ts";
import { type EnhanceOptions, enhancePhoto } from "../enhance/enhancer.ts";
import { type TileNetwork, TileTooLargeError } from "../enhance/network.ts";
import { STANDARD_STREAM } from "./list_sources.ts";
import { modelNotes } from "./model_notes.ts";
import { type OutputJob, type OutputOptions, planOutputs, shardOf } from "./output_plan.ts";
import { findUnwritable } from "./output_folders.ts";
import { isTaken, sourceName } from "./photo_io.ts";
import { type LoadedPhoto, loadPhoto, type PhotoTasks, storePhoto } from "./photo_tasks.ts";
import { PhotoThreads } from "./photo_threads.ts";
import { runPipeline } from "./pipeline.ts";
import { spentOn, StageClock, type StageSeconds } from "./stage_clock.ts";

export interface EnhanceFilesOptions extends OutputOptions, Omit<EnhanceOptions, "onProgress"> {
  /** Gives the network; called once, when the first photo has been read, and not at all where none needs work. */
  readonly network: () => Promise<TileNetwork | readonly TileNetwork[]>;
  /** 1..100 for lossy formats. */
  readonly quality?: number;
  /** Leaves out EXIF, XMP and IPTC. */
  readonly strip?: boolean;
  /** What to give for `--model` where JPEG is what is wrong with a photo: a note says so of strongly compressed ones. */
  readonly modelForJpeg?: string;
  /** Part `index` of `count` (from 1) of the photos, for several machines. */
  readonly shard?: { readonly index: number; readonly count: number };
  readonly maxMegapixels?: number;
  /** Threads that decode and encode beside the network, where there are several photos; by default one for each two cores, at most 4. */
  readonly threads?: number;
  /** Where the time goes. */
  readonly clock?: StageClock;
  /** All photos of this call, before any work. */
  readonly onPlan?: (jobs: readonly OutputJob[]) => void;
  /** Before the network works on a photo; `index` counts from 0. */
  readonly onStart?: (job: OutputJob, index: number, count: number) => void;
  /** After each tile of the photo at hand: tiles done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** When the network has done the last photo, which is still to be encoded: its memory may go. */
  readonly onWorked?: () => void;
  /** After each photo, in their order. */
  readonly onResult?: (result: FileResult) => void;
  /** The error behind each failed photo, as it was thrown, before its result. */
  readonly onFailure?: (error: unknown) => void;
  /** Standard input and output, unless others are given. */
  readonly stdin?: ReadableStream<Uint8Array>;
  readonly stdout?: WritableStream<Uint8Array>;
}

/** What became of one photo. */
export interface FileResult {
  readonly input: string;
  readonly output: string;
  /** `skipped`: the output existed, or came into being before the photo's turn; a note tells the latter. */
  readonly status: "done" | "skipped" | "failed";
  /** Spent on this photo, all stages together. */
  readonly seconds: number;
  /** Where they went. */
  readonly stages?: StageSeconds;
  readonly width?: number;
  readonly height?: number;
  /** Path of the before/after sheet. */
  readonly compare?: string;
  /** What the formats could not keep, one line each. */
  readonly notes: readonly string[];
  /** One line, where it failed. */
  readonly error?: string;
}

/** Said of an output that something else has written since this call began. */
const APPEARED = "something else has written it while this call ran: that is kept";

/** Photos between the beginning of their decoding and the end of their encoding, beside one for each thread. */
const IN_FLIGHT = 2;
/** No further photo is decoded while so many megapixels are in memory, at 6 bytes a pixel, 12 with 16 bits. */
const MEGAPIXELS_IN_FLIGHT = 48;

/**
 * Enhances photos, the network on one after another while others are decoded and encoded. A photo that cannot be read, enhanced or written is
 * reported in its result, and the rest goes on.
 *
 * @param inputs files, folders or `-`.
 * @throws {UserError} (exit code 2) before any work where the call makes no sense, see `planOutputs`; and where the network cannot be loaded.
 * @throws the signal's reason where it is aborted; no half-written file stays behind.
 */
export async function enhanceFiles(
  inputs: readonly string[],
  options: EnhanceFilesOptions,
): Promise<FileResult[]> {
  const { shard, onPlan, onStart, onResult, signal, clock = new StageClock() } = options;
  const all = await planOutputs(inputs, options);
  refuseQuality(all, options.quality);
  const jobs = shard ? shardOf(all, shard.index, shard.count) : all;
  const unwritable = await findUnwritable(jobs);
  onPlan?.(jobs);
  await removeLeftovers(jobs.flatMap(({ output, compare }) => compare ? [output, compare] : [output]));
  const keep = !options.overwrite;
  const threads = jobs.filter((job) => !job.skip).length > 1 ? threadsOf(options) : 0;
  using tasks = photoTasks(threads, options);
  const spent = new Map<OutputJob, StageSeconds>();
  let networks: readonly TileNetwork[] | undefined;
  const open = async () =>
    networks ??= await options.network().then((given) => "run" in given ? [given] : given, (cause) => {
      throw new OpenError("the network cannot be loaded", { cause });
    });

  /** Writes over the photo, unless that is shown beside its result or cannot be read again. */
  const enhanceOwn = async (photo: Photo, job: OutputJob, used: readonly TileNetwork[]) => {
    const inPlace = !job.compare && job.input !== STANDARD_STREAM;
    try {
      return await enhancePhoto(photo, used, { ...options, inPlace });
    } catch (error) {
      if (!(error instanceof TileTooLargeError)) throw error;
      // The memory sufficed for the first tiles only: smaller ones have to begin anew.
      const again = await tasks.load({ ...options, input: job.input });
      return await enhancePhoto(again.photo, used, options);
    }
  };
  /** Closes the account of a photo. @param seconds of its last stage. */
  const settle = (job: OutputJob, seconds: StageSeconds): StageSeconds => {
    const stages = { ...spent.get(job), ...seconds };
    spent.delete(job);
    clock.add(stages);
    return stages;
  };
  /** Of a photo whose output was there from the beginning, or has come there since. */
  const skipped = (job: OutputJob, seconds: StageSeconds = {}): FileResult => {
    const { input, output } = job;
    if (job.skip) return { input, output, status: "skipped", seconds: 0, notes: [] };
    const stages = settle(job, seconds);
    return { input, output, status: "skipped", seconds: sum(stages), stages, notes: [APPEARED] };
  };
  const last = jobs.findLastIndex((job) => !job.skip);

  return await runPipeline<OutputJob, LoadedPhoto | undefined, Enhanced | undefined, FileResult>(
    jobs,
    {
      load: async (job) => {
        if (job.skip) return undefined;
        if (unwritable.has(job)) {
          throw new UserError(`Cannot write ${displayName(job.output)}: ${unwritable.get(job)}`);
        }
        const loaded = await tasks.load({ ...options, input: job.input });
        spent.set(job, loaded.seconds);
        return loaded;
      },
      weigh: (loaded) => loaded ? loaded.photo.width * loaded.photo.height / 1e6 : 0,
      work: async (loaded, job, index) => {
        if (!loaded) return undefined;
        // Others may write here too; what is to be kept is worth no work.
        if (keep && await isTaken(job.output)) {
          freeSamples([loaded.photo]);
          return undefined;
        }
        const { photo } = loaded;
        const scale = options.scale ?? 1;
        refuseSize(job.format ?? outputFormatFor(photo.format), scale * photo.width, scale * photo.height);
        const used = await open();
        onStart?.(job, index, jobs.length);
        const { result, seconds } = await clock.work(used, () => enhanceOwn(photo, job, used));
        if (!job.compare) freeSamples([photo], result);
        if (index === last) options.onWorked?.();
        spent.set(job, { ...loaded.seconds, ...seconds });
        const notes = [...loaded.notes, ...modelNotes(photo, used, options.modelForJpeg)];
        return { photo: result, before: job.compare ? photo : undefined, notes };
      },
      store: async (enhanced, job) => {
        const { input, output, format, compare } = job;
        if (!enhanced) return skipped(job);
        const { photo, before } = enhanced;
        const { width, height } = photo;
        const { quality, strip } = options;
        const shown = compare === undefined ? undefined : { kind: options.compare!, path: compare };
        const stored = await tasks.store({
          ...{ photo, before, output, format, quality, strip, keep, compare: shown },
        });
        if (stored.kept) return skipped(job, stored.seconds);
        const stages = settle(job, stored.seconds);
        const notes = [...enhanced.notes, ...stored.notes];
        return { input, output, status: "done", seconds: sum(stages), stages, width, height, compare, notes };
      },
      failed: (error, job) => {
        const { input, output } = job;
        signal?.throwIfAborted();
        if (error instanceof OpenError) throw error.cause;
        options.onFailure?.(error);
        const message = error instanceof UserError
          ? oneLine(error)
          : `Cannot enhance ${sourceName(input)}: ${systemReason(error)}`;
        const stages = settle(job, spentOn(error));
        return {
          ...{ input, output, status: "failed", seconds: sum(stages), stages },
          ...{ notes: [], error: message },
        };
      },
    },
    { items: IN_FLIGHT + threads, weight: MEGAPIXELS_IN_FLIGHT, signal },
    onResult,
  );
}

/** @throws {UserError} where a quality is asked for, and no photo is written in a format that has one. */
function refuseQuality(jobs: readonly OutputJob[], quality: number | undefined): void {
  const formats = [...new Set(jobs.map(({ format }) => format))];
  if (quality === undefined || formats.some((format) => format === undefined || isLossy(format))) return;
  throw new UserError(
    `Cannot enhance: --quality is for jpg, webp and avif, ${formats.join(" and ")} ${
      formats.length === 1 ? "loses" : "lose"
    } nothing: leave it out, or choose another --format`,
    { exitCode: 2 },
  );
}

/** Wraps what stops all photos, not just the one at hand. */
class OpenError extends Error {}

/** A photo between the network and its file. */
interface Enhanced {
  readonly photo: Photo;
  readonly before?: Photo;
  readonly notes: readonly string[];
}

function threadsOf(options: EnhanceFilesOptions): number {
  if (!PhotoThreads.allowed()) return 0;
  return options.threads ?? Math.min(4, Math.max(1, Math.floor(navigator.hardwareConcurrency / 2)));
}

/** Decodes and encodes in threads where there are any; standard input and output belong to this one. */
function photoTasks(threads: number, { stdin, stdout, signal }: EnhanceFilesOptions): PhotoTasks {
  const beside = threads > 0 ? new PhotoThreads(threads) : undefined;
  return {
    load: (request) =>
      beside && request.input !== STANDARD_STREAM
        ? beside.load({ input: request.input, maxMegapixels: request.maxMegapixels })
        : loadPhoto(request, { stdin, signal }),
    store: (request) =>
      beside && request.output !== STANDARD_STREAM ? beside.store(request) : storePhoto(request, stdout),
    [Symbol.dispose]: () => beside?.[Symbol.dispose](),
  };
}

function sum(stages: StageSeconds): number {
  return Object.values(stages).reduce((total, seconds) => total + seconds, 0);
}
