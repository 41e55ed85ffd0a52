/** Built data sets as a source of pairs, and what they hold. */
import { UserError } from "../base/errors.ts";
import { type DatasetDescription, pictureName, readDescription, sideName } from "./dataset_file.ts";
import { listPhotos } from "./list_photos.ts";
import { type NpyHeader, readNpyHeader, readNpyItem } from "./npy.ts";
import { PairedFolders, type PairedFoldersHandle } from "./paired_folders.ts";
import type { PhotoPoolOptions } from "./photo_pool.ts";
import type { PhotoInfo, PhotoPixels, PhotoSource, PhotoSplit, SkippedFile } from "./photo_source.ts";

export { buildDataset, type BuildOptions } from "./dataset_build.ts";
export type { DatasetDescription, DatasetFormat, LowSide } from "./dataset_file.ts";

/** PSNR of the low side in dB above which there is nothing to learn: it differs from the high side by a step or two of 255. */
const NOTHING_TO_LEARN = 45;

/** A description with what lies on the disk. */
export interface DatasetInfo extends DatasetDescription {
  /** Bytes of the pictures of both sides. */
  readonly bytes: number;
  /** PSNR of the degraded side, dB: 10·log10(255² / mean MSE); Infinity where nothing was degraded. */
  readonly psnr: number;
}

/** PSNR in dB of a set's low side over all its pictures: of their mean MSE, so that those left clean do not make it infinite. */
function lowSidePsnr({ mse }: Pick<DatasetDescription, "mse">): number {
  return 10 * Math.log10(255 ** 2 / mse);
}

/** A warning, in one line, where the low side is so good that a network has nothing to learn from it. */
export function lessonWarning(description: DatasetDescription): string | undefined {
  const psnr = lowSidePsnr(description);
  if (!(psnr > NOTHING_TO_LEARN)) return undefined;
  const equal = Number.isFinite(psnr) ? `differ by ${psnr.toFixed(1)} dB on average` : "are equal";
  const advice = description.low === "recipe"
    ? "choose a stronger recipe"
    : description.fit === "resize"
    ? "degrade it further with --degrade, or cut instead of reducing with --fit crop"
    : "degrade it further with --degrade";
  return `low and high ${equal}, more than ${NOTHING_TO_LEARN} dB: a network has nothing to learn here; ${advice}`;
}

/**
 * Describes a built data set, after a check that its files are there and have the sizes they should.
 * @throws {UserError} where the folder is none or is damaged.
 */
export async function datasetInfo(dir: string): Promise<DatasetInfo> {
  const description = await readDescription(dir);
  let bytes = 0;
  for (const side of ["high", "low"] as const) {
    const path = `${dir}/${sideName(side, description)}`;
    if (description.format === "npy") {
      const { shape, itemBytes } = await headerFor(path, description);
      bytes += shape[0] * itemBytes;
      continue;
    }
    const present = new Set((await listPhotos(path)).names);
    for (let index = 0; index < description.count; index++) {
      if (!present.has(pictureName(index))) {
        throw new UserError(`The data set lacks '${path}/${pictureName(index)}': build it again`);
      }
      bytes += (await Deno.stat(`${path}/${pictureName(index)}`)).size;
    }
  }
  return { ...description, bytes, psnr: lowSidePsnr(description) };
}

/** The pictures to train on and those held out. */
export function splitOf({ count, split: { validation } }: DatasetDescription): PhotoSplit {
  const held = new Set(validation);
  const all = Array.from({ length: count }, (_, index) => index);
  // As in `splitPhotos`: a single original, all pictures of which are held out, serves as both.
  const train = held.size === count ? all : all.filter((index) => !held.has(index));
  return { train, validation: [...held] };
}

async function headerFor(path: string, { count, size }: DatasetDescription): Promise<NpyHeader> {
  const header = await readNpyHeader(path);
  const wanted = [count, size, size, 3].join("×");
  if (header.shape.join("×") !== wanted) {
    throw new UserError(
      `'${path}' is ${header.shape.join("×")}, the data set's description says ${wanted}: build it again`,
    );
  }
  return header;
}

/** What another thread needs to read the same data set. */
export interface DatasetHandle {
  readonly kind: "dataset";
  readonly photos: readonly PhotoInfo[];
  /** The pictures: in two .npy files, read as they are wanted, or in two folders. */
  readonly pictures:
    | { readonly high: string; readonly low: string; readonly header: NpyHeader }
    | PairedFoldersHandle;
}

/** The pairs of a built data set. */
export class Dataset implements PhotoSource {
  readonly paired = true;
  readonly photos: readonly PhotoInfo[];
  readonly skipped: readonly SkippedFile[] = [];
  readonly #handle: DatasetHandle;
  readonly #folders: PairedFolders | undefined;

  private constructor(
    handle: DatasetHandle,
    /** The recipe that the low side was made with; absent where it is the data's own, and in another thread. */
    readonly recipe?: string,
    /** The split that the data set was built with; absent in another thread. */
    readonly split?: PhotoSplit,
    /** How far the low side is from the high one, to the last digit; absent in another thread. */
    readonly stamp?: string,
    threads = 1,
  ) {
    this.#handle = handle;
    this.photos = handle.photos;
    this.#folders = "kind" in handle.pictures
      ? PairedFolders.fromHandle(handle.pictures, threads)
      : undefined;
  }

  /** @throws {UserError} where the folder is no built data set or is damaged. */
  static async open(dir: string, options: Omit<PhotoPoolOptions, "files"> = {}): Promise<Dataset> {
    const description = await readDescription(dir);
    const { size, count, photos: names } = description;
    const recipe = description.low === "own" ? undefined : description.recipe;
    const [high, low] = (["high", "low"] as const).map((side) => `${dir}/${sideName(side, description)}`);
    let pictures: DatasetHandle["pictures"];
    if (description.format === "npy") {
      const header = await headerFor(high, description);
      await headerFor(low, description);
      pictures = { high, low, header };
      if ((await readNpyHeader(low)).offset !== header.offset) {
        throw new UserError(`'${low}' was not written with '${high}': build the data set again`);
      }
      options.onProgress?.(count, count);
    } else {
      const folders = await PairedFolders.open(high, low, options);
      // Pictures are known by their numbers, so none may be missing.
      if (folders.photos.length !== count) {
        throw new UserError(
          `The data set '${dir}' has ${folders.photos.length} readable pairs of ${count}: build it again`,
        );
      }
      const odd = folders.photos.find(({ width, height }, i) =>
        width !== size || height !== size || folders.photos[i].name !== pictureName(i)
      );
      if (odd) {
        throw new UserError(`The data set's picture '${odd.name}' is not one of its own: build it again`);
      }
      pictures = folders.handle();
    }
    const greys = new Set(description.greys);
    const firsts = new Map(description.repeats);
    const photos = names.map((name, index): PhotoInfo => ({
      ...{ name, width: size, height: size },
      ...(greys.has(index) && { grey: true }),
      ...(firsts.has(index) && { sameAs: firsts.get(index) }),
    }));
    return new Dataset(
      { kind: "dataset", photos, pictures },
      recipe,
      splitOf(description),
      String(description.mse),
    );
  }

  /** The same data set in one of so many other threads. */
  static fromHandle(handle: DatasetHandle, threads = 1): Dataset {
    return new Dataset(handle, undefined, undefined, undefined, threads);
  }

  handle(): DatasetHandle {
    return this.#handle;
  }

  async load(index: number): Promise<PhotoPixels> {
    if (this.#folders) return await this.#folders.load(index);
    const { high, low, header } = this.#handle.pictures as { high: string; low: string; header: NpyHeader };
    const [a, b] = await Promise.all([readNpyItem(high, header, index), readNpyItem(low, header, index)]);
    return { high: a, low: b };
  }
}
