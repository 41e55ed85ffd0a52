/** Opens whatever holds photos: a plain folder, a folder of pairs or a built data set. */
import { UserError } from "../base/errors.ts";
import { Dataset, type DatasetHandle, datasetInfo, splitOf } from "./dataset.ts";
import { isDataset } from "./dataset_file.ts";
import { PairedFolders, type PairedFoldersHandle, pairNames } from "./paired_folders.ts";
import { splitPaths } from "./photo_files.ts";
import { photoNames, PhotoPool, type PhotoPoolHandle, type PhotoPoolOptions } from "./photo_pool.ts";
import type { PhotoSource, PhotoSplit, SkippedFile } from "./photo_source.ts";

/** A source that was opened from a folder. */
export interface OpenedPhotos extends PhotoSource {
  /** Files that could not be used. */
  readonly skipped: readonly SkippedFile[];
  /** The recipe that a built data set's low side was made with. */
  readonly recipe?: string;
  /** The split that a built data set brings. */
  readonly split?: PhotoSplit;
}

/**
 * Opens a built data set (it has a dataset.json), a folder with the subfolders `high` and `low`, or a plain folder of photos.
 * The first two are `paired`.
 * @throws {UserError} where there is nothing to use, two folders are given as `LOW:HIGH`, or a list of files for what is no plain folder.
 *
 * @example
 * ```ts
 * import { openPhotos } from "@clairnet/clairnet/native";
 *
 * const { photos } = await openPhotos("samples/clean");
 * console.log(photos.map(({ name }) => name).join()); // astronaut.jpg,raccoon.jpg,temple.jpg
 * ```
 */
export async function openPhotos(dir: string, options: PhotoPoolOptions = {}): Promise<OpenedPhotos> {
  const kind = await kindOf(dir, options.files);
  if (kind === "pool") return await PhotoPool.open(dir, options);
  return kind === "dataset"
    ? await Dataset.open(dir, options)
    : await PairedFolders.open(`${dir}/high`, `${dir}/low`, options);
}

/** What a folder holds, as far as that can be told without reading a photo. */
export interface PhotoSurvey {
  /** Photos, or pairs; some may turn out to be unreadable. */
  readonly count: number;
  readonly paired: boolean;
  /** As `OpenedPhotos` has it. */
  readonly recipe?: string;
  /** As `OpenedPhotos` has it. */
  readonly split?: PhotoSplit;
}

/**
 * Looks at what {@linkcode openPhotos} would open, by names alone: that is quick, where reading many photos is not.
 * @throws {UserError} as `openPhotos` does, where names tell that nothing can come of it.
 */
export async function surveyPhotos(dir: string, files?: readonly string[]): Promise<PhotoSurvey> {
  const kind = await kindOf(dir, files);
  if (kind === "pool") return { count: (await photoNames(dir, files)).names.length, paired: false };
  if (kind === "pairs") {
    const { stems } = await pairNames(`${dir}/high`, `${dir}/low`);
    return { count: stems.length, paired: true };
  }
  const description = await datasetInfo(dir);
  const { count, low, recipe } = description;
  return { count, paired: true, recipe: low === "own" ? undefined : recipe, split: splitOf(description) };
}

/** @throws {UserError} where two folders are given, or a list of files for what is no plain folder. */
async function kindOf(dir: string, files?: readonly string[]): Promise<"pool" | "pairs" | "dataset"> {
  const built = await isDataset(dir);
  const pairs = !built && await isFolder(`${dir}/high`) && await isFolder(`${dir}/low`);
  if (!built && !pairs) {
    await refuseTwoFolders(dir);
    return "pool";
  }
  if (files) {
    throw new UserError(`'${dir}' holds pairs: a list of photos to use goes with a plain folder only`, {
      exitCode: 2,
    });
  }
  return built ? "dataset" : "pairs";
}

/** What `evaluate` and `dataset build` take. @throws {UserError} saying what to do with it. */
async function refuseTwoFolders(dir: string): Promise<void> {
  const two = await isFolder(dir) ? undefined : await splitPaths(dir, isFolder);
  if (!two) return;
  throw new UserError(
    `'${dir}' names two folders, and one is wanted: make a data set of them with 'clairnet dataset build --from ${dir}', ` +
      "or lay them into one folder as low and high",
    { exitCode: 2 },
  );
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

/** The source that `handle()` came from, in one of so many other threads, which share the memory that it may take. */
export function openHandle(handle: unknown, threads = 1): PhotoSource {
  const { kind } = handle as { kind: unknown };
  if (kind === "pool") return PhotoPool.fromHandle(handle as PhotoPoolHandle, threads);
  if (kind === "pairs") return PairedFolders.fromHandle(handle as PairedFoldersHandle, threads);
  if (kind === "dataset") return Dataset.fromHandle(handle as DatasetHandle, threads);
  throw new Error(`Cannot open photos in another thread: unknown kind ${kind}`);
}
