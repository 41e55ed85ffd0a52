/** What is done to a photo before and after the network: from the file's bytes to pixels, and from pixels to the file. */
import { decodePhoto } from "../image/decode.ts";
import { encodePhoto, isLossy } from "../image/encode.ts";
import { outputFormatFor } from "../image/formats.ts";
import { freeBytes, freeSamples, type Photo, type PhotoFormat } from "../image/photo.ts";
import { compareFile } from "./compare_file.ts";
import type { CompareKind } from "../image/output_name.ts";
import { isTaken, type ReadOptions, readSource, sourceName, writeOutput } from "./photo_io.ts";
import { type Stage, type StageSeconds, timed } from "./stage_clock.ts";

export interface LoadRequest {
  /** Path, or `-`. */
  readonly input: string;
  readonly maxMegapixels?: number;
}

export interface LoadedPhoto {
  readonly photo: Photo;
  /** What could not be kept, one line each. */
  readonly notes: readonly string[];
  readonly seconds: StageSeconds;
}

export interface StoreRequest {
  /** The result, and the photo before where a comparison is wanted. */
  readonly photo: Photo;
  readonly before?: Photo;
  /** Path, or `-`. */
  readonly output: string;
  /** The photo's own by default. */
  readonly format?: PhotoFormat;
  readonly quality?: number;
  readonly strip?: boolean;
  /** Keeps a file that has the output's name already. */
  readonly keep?: boolean;
  /** What shows both, and where it goes. */
  readonly compare?: { readonly kind: CompareKind; readonly path: string };
}

export interface StoredPhoto {
  /** Nothing was written, because a file of that name is kept. */
  readonly kept: boolean;
  readonly notes: readonly string[];
  readonly seconds: StageSeconds;
}

interface EncodedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A photo's files before they are written. */
export interface EncodedPhoto {
  readonly output: EncodedFile;
  readonly comparison?: EncodedFile;
  readonly keep?: boolean;
  readonly notes: readonly string[];
  readonly seconds: StageSeconds;
}

/** Does both, here or in threads. */
export interface PhotoTasks extends Disposable {
  load(request: LoadRequest): Promise<LoadedPhoto>;
  /** The samples of the photos are given away: they may not be used afterwards. */
  store(request: StoreRequest): Promise<StoredPhoto>;
}

/**
 * Reads and decodes a photo.
 * @throws {UserError} where it cannot be read or is no photo.
 */
export async function loadPhoto(
  request: LoadRequest,
  options: ReadOptions = {},
): Promise<LoadedPhoto> {
  const { input, maxMegapixels } = request;
  const notes: string[] = [];
  const seconds: Partial<Record<Stage, number>> = {};
  const source = await timed(seconds, "read", () => readSource(input, options));
  const onNote = (note: string) => void notes.push(note);
  const photo = await timed(
    seconds,
    "decode",
    () => decodePhoto(source, { name: sourceName(input), maxMegapixels, onNote }),
  );
  // Up to 600 MB where a photo has 100 megapixels; the garbage collector would come for them much later.
  freeBytes(source);
  return { photo, notes, seconds };
}

/**
 * Encodes and writes a photo, and the comparison with what it was.
 * @param stdout what `-` writes to in place of the process's own.
 * @throws {UserError} where it cannot be encoded or written; then no part of the file is there.
 */
export async function storePhoto(
  request: StoreRequest,
  stdout?: WritableStream<Uint8Array>,
): Promise<StoredPhoto> {
  return await writeEncoded(await encodeForStore(request), stdout);
}

/** The first half of `storePhoto`. @throws {UserError} where the photo cannot be encoded. */
export async function encodeForStore(request: StoreRequest): Promise<EncodedPhoto> {
  const { photo, before, output, quality, strip, keep, compare } = request;
  const notes: string[] = [];
  const seconds: Partial<Record<Stage, number>> = {};
  const format = request.format ?? outputFormatFor(photo.format);
  const onNote = (note: string) => void notes.push(note);
  // Where names told the format, it was settled before any work.
  if (request.format === undefined && quality !== undefined && !isLossy(format)) {
    onNote(`${format} loses nothing: --quality is for jpg, webp and avif`);
  }
  const files = await timed(seconds, "encode", async () => {
    const options = { format, quality, strip, onNote };
    if (!compare || !before) {
      // 600 MB for 100 megapixels of 16 bits, which the encoder and its result can use.
      return {
        output: { path: output, bytes: await encodePhoto(photo, options, () => freeSamples([photo])) },
      };
    }
    return {
      output: { path: output, bytes: await encodePhoto(photo, options) },
      comparison: { path: compare.path, bytes: await compareFile(before, photo, compare.kind) },
    };
  });
  return { ...files, keep, notes, seconds };
}

/**
 * The second half of `storePhoto`; may be called again with the same photo. The photo comes last, so that its presence means that all is there: a
 * comparison without its photo is half of a result, whatever `keep` says, and is made anew with it.
 * @throws {UserError} where a file cannot be written.
 */
export async function writeEncoded(
  { output, comparison, keep, notes, seconds }: EncodedPhoto,
  stdout?: WritableStream<Uint8Array>,
): Promise<StoredPhoto> {
  const spent: Partial<Record<Stage, number>> = { ...seconds };
  const written = await timed(spent, "write", async () => {
    if (comparison) {
      // It belongs to another photo then.
      if (keep && await isTaken(output.path)) return false;
      await writeOutput(comparison.path, comparison.bytes);
    }
    return await writeOutput(output.path, output.bytes, { keep, stdout });
  });
  return { kept: !written, notes, seconds: spent };
}
