/** Photos from files, folders and standard input to files and standard output. */
import { dirname } from "node:path";
import { decodePhoto } from "../image/decode.ts";
import { encodePhoto } from "../image/encode.ts";
import { outputFormatFor } from "../image/formats.ts";
import type { Photo } from "../image/photo.ts";
import { writeFileAtomically } from "../base/write_file.ts";
import { UserError } from "../base/errors.ts";
import { compareSheet } from "./compare_sheet.ts";
import { type EnhanceOptions, enhancePhoto } from "./enhancer.ts";
import { enlargeBicubic } from "./enlarge.ts";
import type { TileNetwork } from "./network.ts";
import { type OutputJob, type OutputOptions, planOutputs, shardOf, STANDARD_STREAM } from "./output_plan.ts";

export interface EnhanceFilesOptions extends OutputOptions, Omit<EnhanceOptions, "onProgress"> {
  /** Gives the network; called once, when the first photo has been read, and not at all where none needs work. */
  readonly network: () => Promise<TileNetwork | readonly TileNetwork[]>;
  /** 1..100 for lossy formats. */
  readonly quality?: number;
  /** Part `index` of `count` (from 1) of the photos, for several machines. */
  readonly shard?: { readonly index: number; readonly count: number };
  readonly maxMegapixels?: number;
  /** Before each photo; `index` counts from 0. */
  readonly onStart?: (job: OutputJob, index: number, count: number) => void;
  /** After each tile of the photo at hand: tiles done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** After each photo. */
  readonly onResult?: (result: FileResult) => void;
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
  let network: TileNetwork | readonly TileNetwork[] | undefined;
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
  network: () => Promise<TileNetwork | readonly TileNetwork[]>,
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
  const name = job.input === STANDARD_STREAM ? "standard input" : job.input;
  try {
    const source = await readSource(job.input, options.stdin);
    const photo = await decodePhoto(source, { name, maxMegapixels: options.maxMegapixels, onNote });
    const enhanced = await enhancePhoto(photo, await network(), options);
    const format = job.format ?? outputFormatFor(photo.format);
    const bytes = await encodePhoto(enhanced, { format, quality: options.quality, onNote });
    const sheet = job.compare === undefined ? undefined : await sheetOf(photo, enhanced);
    await writeOutput(job.output, bytes, options.stdout);
    if (sheet) await writeOutput(job.compare!, sheet);
    const { width, height } = enhanced;
    return outcome({ status: "done", width, height, compare: job.compare });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof LoadError) throw error.cause;
    const message = error instanceof UserError
      ? error.message
      : `Cannot enhance ${name}: ${error instanceof Error ? error.message : String(error)}`;
    return outcome({ status: "failed", error: message.replaceAll(/\s+/g, " ") });
  }
}

async function sheetOf(before: Photo, after: Photo): Promise<Uint8Array> {
  const scale = after.width / before.width;
  const sheet = scale === 1
    ? await compareSheet(before, after)
    : await compareSheet(enlargeBicubic(before, scale), after, { labels: ["bicubic", "after"] });
  return await encodePhoto(sheet, { format: "png" });
}

async function readSource(path: string, stdin?: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  if (path === STANDARD_STREAM) {
    return new Uint8Array(await new Response(stdin ?? Deno.stdin.readable).arrayBuffer());
  }
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new UserError(`Cannot read ${path}: ${why}`, { cause: error });
  }
}

async function writeOutput(
  path: string,
  bytes: Uint8Array,
  stdout?: WritableStream<Uint8Array>,
): Promise<void> {
  if (path === STANDARD_STREAM) {
    const writer = (stdout ?? Deno.stdout.writable).getWriter();
    try {
      await writer.write(bytes);
    } finally {
      writer.releaseLock();
    }
    return;
  }
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, bytes);
  } catch (error) {
    throw new UserError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}
