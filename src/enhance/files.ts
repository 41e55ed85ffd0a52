/** Photos from files, folders and standard input to files and standard output. */
import { decodePhoto } from "../image/decode.ts";
import { encodePhoto } from "../image/encode.ts";
import { outputFormatFor } from "../image/formats.ts";
import { oneLine, systemReason, UserError } from "../base/errors.ts";
import { compareFile } from "./compare_file.ts";
import { type EnhanceOptions, enhancePhoto } from "./enhancer.ts";
import type { TileNetwork } from "./network.ts";
import { type OutputJob, type OutputOptions, planOutputs, shardOf } from "./output_plan.ts";
import { readSource, sourceName, writeOutput } from "./photo_io.ts";

export interface EnhanceFilesOptions extends OutputOptions, Omit<EnhanceOptions, "onProgress"> {
  /** Gives the network; called once, when the first photo has been read, and not at all where none needs work. */
  readonly network: () => Promise<TileNetwork>;
  /** 1..100 for lossy formats. */
  readonly quality?: number;
  /** Leaves out EXIF, XMP and IPTC. */
  readonly strip?: boolean;
  /** Part `index` of `count` (from 1) of the photos, for several machines. */
  readonly shard?: { readonly index: number; readonly count: number };
  readonly maxMegapixels?: number;
  /** Before each photo; `index` counts from 0. */
  readonly onStart?: (job: OutputJob, index: number, count: number) => void;
  /** After each tile of the photo at hand: tiles done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** After each photo. */
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
  /** `skipped`: the output existed. */
  readonly status: "done" | "skipped" | "failed";
  readonly seconds: number;
  readonly width?: number;
  readonly height?: number;
  /** Path of the before/after sheet. */
  readonly compare?: string;
  /** What the formats could not keep, one line each. */
  readonly notes: readonly string[];
  /** One line, where it failed. */
  readonly error?: string;
}

/**
 * Enhances photos one after another. A photo that cannot be read, enhanced or written is reported in its result, and the rest goes on.
 *
 * @param inputs files, folders or `-`.
 * @throws {UserError} (exit code 2) before any work where the call makes no sense, see `planOutputs`; and where the network cannot be loaded.
 * @throws the signal's reason where it is aborted; no half-written file stays behind.
 */
export async function enhanceFiles(
  inputs: readonly string[],
  options: EnhanceFilesOptions,
): Promise<FileResult[]> {
  const { shard, onStart, onResult, signal } = options;
  const all = await planOutputs(inputs, options);
  const jobs = shard ? shardOf(all, shard.index, shard.count) : all;
  let network: TileNetwork | undefined;
  const load = async () =>
    network ??= await options.network().catch((cause) => {
      throw new LoadError("the network cannot be loaded", { cause });
    });
  const results: FileResult[] = [];
  for (const [index, job] of jobs.entries()) {
    signal?.throwIfAborted();
    onStart?.(job, index, jobs.length);
    const result: FileResult = job.skip
      ? { input: job.input, output: job.output, status: "skipped", seconds: 0, notes: [] }
      : await enhanceFile(job, load, options);
    results.push(result);
    onResult?.(result);
  }
  return results;
}

/** Wraps what stops all photos, not just the one at hand. */
class LoadError extends Error {}

async function enhanceFile(
  job: OutputJob,
  network: () => Promise<TileNetwork>,
  options: EnhanceFilesOptions,
): Promise<FileResult> {
  const start = performance.now();
  const notes: string[] = [];
  const onNote = (note: string) => void notes.push(note);
  const outcome = (rest: Pick<FileResult, "status"> & Partial<FileResult>): FileResult => ({
    input: job.input,
    output: job.output,
    seconds: (performance.now() - start) / 1000,
    notes,
    ...rest,
  });
  const name = sourceName(job.input);
  try {
    const source = await readSource(job.input, options.stdin);
    const photo = await decodePhoto(source, { name, maxMegapixels: options.maxMegapixels, onNote });
    const enhanced = await enhancePhoto(photo, await network(), options);
    const format = job.format ?? outputFormatFor(photo.format);
    const bytes = await encodePhoto(enhanced, {
      format,
      quality: options.quality,
      strip: options.strip,
      onNote,
    });
    const comparison = options.compare && await compareFile(photo, enhanced, options.compare);
    await writeOutput(job.output, bytes, options.stdout);
    if (comparison) await writeOutput(job.compare!, comparison);
    return outcome({ status: "done", width: photo.width, height: photo.height, compare: job.compare });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof LoadError) throw error.cause;
    options.onFailure?.(error);
    return outcome({
      status: "failed",
      error: error instanceof UserError ? oneLine(error) : `Cannot enhance ${name}: ${systemReason(error)}`,
    });
  }
}
