/** Builds a data set: photos brought to one size, each with its degraded twin. */
import { basename, dirname, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import {
  DATASET_FILE,
  type DatasetDescription,
  type DatasetFormat,
  pictureName,
  sideName,
} from "./dataset_file.ts";
import { decodeSquare, listPhotos, reasonOf } from "./decode.ts";
import { degrade } from "./degrade.ts";
import { jpegThroughSharp } from "./jpeg_sharp.ts";
import { NpyWriter } from "./npy.ts";
import type { SkippedFile } from "./photo_pool.ts";
import { splitPhotos } from "./photo_source.ts";
import type { Recipe } from "./recipe.ts";

export interface BuildOptions {
  /** Folders of photos, subfolders included. */
  readonly from: readonly string[];
  /** Folder to make; it must not exist, or be empty. */
  readonly out: string;
  /** Side of the square pictures in pixels. 256 by default. */
  readonly size?: number;
  readonly recipe: Recipe;
  readonly seed: number;
  /** `npy` (two files) or `png` (two folders). `npy` by default. */
  readonly format?: DatasetFormat;
  /** At most so many photos, drawn by the seed; all by default. */
  readonly limit?: number;
  /** Share of the photos marked as held out. 0.05 by default, as in training. */
  readonly heldOut?: number;
  /** Called after each photo: photos done, and to do. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Aborted: what was written is removed again. */
  readonly signal?: AbortSignal;
}

interface Candidate {
  readonly source: number;
  readonly path: string;
  /** Place among all photos, from which its damage is drawn. */
  readonly number: number;
}

interface Picture {
  readonly high: Uint8Array;
  readonly low: Uint8Array;
}

/** Photos decoded at a time: what bounds the memory. */
const IN_FLIGHT = 4;

/**
 * Builds a data set into a folder of its own, which appears when it is complete and not before. The same photos, options and
 * seed give the same bytes. Unreadable photos and those smaller than `size` are left out and listed.
 * @throws {UserError} where `out` is taken, nothing can be used, or the build was aborted.
 */
export async function buildDataset(options: BuildOptions): Promise<DatasetDescription> {
  const { out, seed, limit, signal } = options;
  const from = [...new Set(options.from)];
  await requireFree(out);
  const candidates = await findCandidates(from);
  // A limited set shall be a fair sample, not the first names of the alphabet.
  const order = limit === undefined ? candidates : new Random(seed).shuffled(candidates);

  const parent = dirname(resolve(out));
  await Deno.mkdir(parent, { recursive: true });
  const id = crypto.randomUUID().slice(0, 8);
  const temporary = `${parent}/.${basename(resolve(out)).slice(0, 40)}.${id}.tmp`;
  await Deno.mkdir(temporary);
  let moved = false;
  try {
    const description = await writePictures(temporary, { ...options, from }, order);
    await Deno.writeTextFile(`${temporary}/${DATASET_FILE}`, JSON.stringify(description, null, 1) + "\n");
    signal?.throwIfAborted();
    await requireFree(out);
    await Deno.remove(out).catch(() => {}); // an empty folder would be in the way on Windows
    await Deno.rename(temporary, out);
    moved = true;
    return description;
  } catch (error) {
    if (signal?.aborted) {
      throw new UserError(`The build of '${out}' was stopped; nothing was kept`, { cause: error });
    }
    throw error;
  } finally {
    if (!moved) await Deno.remove(temporary, { recursive: true });
  }
}

async function requireFree(out: string): Promise<void> {
  try {
    for await (const _ of Deno.readDir(out)) {
      throw new UserError(`Cannot build into '${out}': it is not empty; remove it or choose another --out`, {
        exitCode: 2,
      });
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot build into '${out}': ${reasonOf(error)}`, { cause: error });
  }
}

async function findCandidates(from: readonly string[]): Promise<Candidate[]> {
  const lists = await Promise.all(
    from.map(async (dir) => (await listPhotos(dir)).map((name) => `${dir}/${name}`)),
  );
  const found = lists.flatMap((paths, source) => paths.map((path) => ({ source, path })));
  if (found.length === 0) {
    throw new UserError(`There is no photo to use in ${from.map((dir) => `'${dir}'`).join(", ")}`);
  }
  return found.map((candidate, number) => ({ ...candidate, number }));
}

async function writePictures(
  dir: string,
  options: BuildOptions,
  order: readonly Candidate[],
): Promise<DatasetDescription> {
  const {
    from,
    size = 256,
    recipe,
    seed,
    format = "npy",
    limit = Infinity,
    heldOut = 0.05,
    onProgress,
    signal,
  } = options;
  const skipped: SkippedFile[] = [];
  const used: Candidate[] = [];
  let squares = 0;
  {
    using writer = await openWriter(dir, format, size);
    const prepare = async (candidate: Candidate): Promise<Picture | SkippedFile> => {
      let high: Uint8Array;
      try {
        high = await decodeSquare(candidate.path, size);
      } catch (error) {
        return { name: candidate.path, reason: reasonOf(error) };
      }
      const random = new Random(seed, candidate.number);
      const low = await degrade(high, size, size, recipe.sample(random), random, jpegThroughSharp);
      return { high, low };
    };
    for await (const [candidate, result] of inOrder(order, prepare)) {
      signal?.throwIfAborted();
      if ("reason" in result) skipped.push(result);
      else {
        await writer.write(used.length, result);
        squares += meanSquaredError(result);
        used.push(candidate);
      }
      if (limit === Infinity) onProgress?.(used.length + skipped.length, order.length);
      else if (!("reason" in result)) onProgress?.(used.length, Math.min(limit, order.length));
      if (used.length >= limit) break;
    }
    if (used.length === 0) {
      throw new UserError(`None of the ${order.length} photos can be used; the first: ${skipped[0].reason}`);
    }
    await writer.finish();
  }
  const photos = used.map(({ path }) => path);
  const { validation } = splitPhotos(
    photos.map((name) => ({ name, width: size, height: size })),
    heldOut,
    seed,
  );
  return {
    version: 1,
    format,
    size,
    count: used.length,
    recipe: recipe.text,
    seed,
    sources: from.map((source, i) => ({
      dir: source,
      photos: used.filter((photo) => photo.source === i).length,
    })),
    split: { heldOut, validation },
    skipped: skipped.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    mse: squares / used.length,
    photos,
  };
}

/** Works on a few items at a time and gives the results in the items' order. Leaving early waits for what was begun. */
async function* inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncGenerator<[T, R]> {
  const begun: Promise<R>[] = [];
  try {
    for (let next = 0, given = 0; given < items.length; given++) {
      while (next < items.length && begun.length < IN_FLIGHT) {
        const result = work(items[next++]);
        result.catch(() => {}); // thrown when its turn comes
        begun.push(result);
      }
      yield [items[given], await begun.shift()!];
    }
  } finally {
    await Promise.allSettled(begun);
  }
}

interface PictureWriter extends Disposable {
  write(index: number, picture: Picture): Promise<void>;
  finish(): Promise<void>;
}

async function openWriter(dir: string, format: DatasetFormat, size: number): Promise<PictureWriter> {
  const paths = {
    high: `${dir}/${sideName("high", { format, size })}`,
    low: `${dir}/${sideName("low", { format, size })}`,
  };
  if (format === "png") {
    await Deno.mkdir(paths.high);
    await Deno.mkdir(paths.low);
    const { default: sharp } = await import("sharp");
    const save = (rgb: Uint8Array, path: string) =>
      sharp(rgb, { raw: { width: size, height: size, channels: 3 } }).png().toFile(path);
    return {
      async write(index, { high, low }) {
        await save(high, `${paths.high}/${pictureName(index)}`);
        await save(low, `${paths.low}/${pictureName(index)}`);
      },
      finish: () => Promise.resolve(),
      [Symbol.dispose]: () => {},
    };
  }
  const high = await NpyWriter.create(paths.high, [size, size, 3]);
  const low = await NpyWriter.create(paths.low, [size, size, 3]);
  return {
    async write(_index, picture) {
      await high.write(picture.high);
      await low.write(picture.low);
    },
    async finish() {
      await high.finish();
      await low.finish();
    },
    [Symbol.dispose]() {
      high[Symbol.dispose]();
      low[Symbol.dispose]();
    },
  };
}

function meanSquaredError({ high, low }: Picture): number {
  let sum = 0;
  for (let i = 0; i < high.length; i++) sum += (high[i] - low[i]) ** 2;
  return sum / high.length;
}
