/** What is done to a photo before and after the network: from the file's bytes to pixels, and from pixels to the file. */
import { decodePhoto } from "../image/decode.ts";
import { encodePhoto } from "../image/encode.ts";
import { outputFormatFor } from "../image/formats.ts";
import type { Photo, PhotoFormat } from "../image/photo.ts";
import { compareFile } from "./compare_file.ts";
import type { CompareKind } from "./output_plan.ts";
import { readSource, sourceName, writeOutput } from "./photo_io.ts";
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
  /** What shows both, and where it goes. */
  readonly compare?: { readonly kind: CompareKind; readonly path: string };
}

export interface StoredPhoto {
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
 * @param stdin what `-` reads in place of the process's own.
 * @throws {UserError} where it cannot be read or is no photo.
 */
export async function loadPhoto(
  request: LoadRequest,
  stdin?: ReadableStream<Uint8Array>,
): Promise<LoadedPhoto> {
  const { input, maxMegapixels } = request;
  const notes: string[] = [];
  const seconds: Partial<Record<Stage, number>> = {};
  const source = await timed(seconds, "read", () => readSource(input, stdin));
  const onNote = (note: string) => void notes.push(note);
  const photo = await timed(
    seconds,
    "decode",
    () => decodePhoto(source, { name: sourceName(input), maxMegapixels, onNote }),
  );
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
  const { photo, before, output, quality, strip, compare } = request;
  const notes: string[] = [];
  const seconds: Partial<Record<Stage, number>> = {};
  const format = request.format ?? outputFormatFor(photo.format);
  const onNote = (note: string) => void notes.push(note);
  const [bytes, comparison] = await timed(seconds, "encode", async () => [
    await encodePhoto(photo, { format, quality, strip, onNote }),
    compare && before ? await compareFile(before, photo, compare.kind) : undefined,
  ]);
  await timed(seconds, "write", async () => {
    await writeOutput(output, bytes, stdout);
    if (comparison) await writeOutput(compare!.path, comparison);
  });
  return { notes, seconds };
}
