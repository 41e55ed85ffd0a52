/** What restorers are tried on: originals with their degraded twins. */
import { Dataset } from "../data/dataset.ts";
import { isDataset } from "../data/dataset_file.ts";
import { cropReflected } from "../image/crop.ts";
import { decodeRgb, isGrey, reasonOf } from "../data/decode.ts";
import { degrade } from "../degrade/degrade.ts";
import { jpegThroughSharp } from "../degrade/jpeg_sharp.ts";
import { onlyForeign } from "../data/foreign_photo.ts";
import { type FolderPhotos, listPhotos, refuseDatasets } from "../data/list_photos.ts";
import { byStem } from "../data/paired_folders.ts";
import { missingHalf, splitPaths } from "../data/photo_files.ts";
import type { PhotoSource, SkippedFile } from "../data/photo_source.ts";
import { parseRecipe, type Step } from "../degrade/recipe.ts";
import { crc32 } from "../base/crc32.ts";
import { UserError } from "../base/errors.ts";
import { Random } from "../base/random.ts";

/** An original photo and its degraded twin, sRGB-encoded, 8 bits. */
export interface Pair {
  /** Of the original. */
  readonly width: number;
  readonly height: number;
  /** height·width·3 samples. */
  readonly original: Uint8Array;
  /** As many, or the square of the source's scale fewer. */
  readonly degraded: Uint8Array;
  /** True where the original's file holds a single channel. */
  readonly grey?: boolean;
  /** The damage that was drawn for this photo, e.g. `blur:1.31,jpeg:62`; undefined where the pair came as files. */
  readonly damage?: string;
}

/** Pairs by number; a photo is only decoded when it is asked for. */
export interface PairSource {
  /** In a fixed order: path of each photo relative to its folder. */
  readonly names: readonly string[];
  /** The recipe spelled out; undefined where the pairs came as files. */
  readonly recipe?: string;
  /** How many times smaller each side of the degraded twins is; 1 if not given. */
  readonly scale?: number;
  /** Files beside the photos that are photos of formats that are not taken, or results of `enhance`. */
  readonly skipped?: readonly SkippedFile[];
  /** @throws {UserError} where a photo cannot be decoded or the two differ in size. */
  load(index: number): Promise<Pair>;
}

/** Names of the subfolders of originals and of degraded twins. */
const HIGH = "high";
const LOW = "low";

/**
 * Photos of a folder (and below), degraded by a recipe. Where it shrinks them, their right and lower edges are cut to a multiple of the factor. The damage of a photo depends only on the seed and its file name, so figures
 * repeat, whatever else lies in the folder.
 * @throws {UserError} where the folder cannot be read or holds no photo, or the recipe is wrong.
 */
export async function degradedFolder(dir: string, recipeText: string, seed: number): Promise<PairSource> {
  const recipe = parseRecipe(recipeText);
  const { names, skipped } = await photosOf(dir, { withoutResults: true });
  await refuseDatasets(dir, names, "or move it out of there");
  return {
    names,
    recipe: recipe.text,
    scale: recipe.scale,
    skipped,
    async load(index) {
      const image = await decodeRgb(`${dir}/${names[index]}`);
      const [width, height] = [image.width, image.height].map((side) => side - side % recipe.scale);
      if (width === 0 || height === 0) {
        throw new UserError(
          `The photo '${names[index]}' is smaller than ${recipe.scale} pixels: leave it out`,
        );
      }
      const rgb = recipe.scale === 1
        ? image.rgb
        : cropReflected(image.rgb, image.width, image.height, { left: 0, top: 0, width, height });
      const random = new Random(seed, fileNumber(names[index]));
      const steps = recipe.sample(random);
      const degraded = await degrade(rgb, width, height, steps, random, jpegThroughSharp);
      const grey = await isGrey(`${dir}/${names[index]}`);
      return { width, height, original: rgb, degraded, grey, damage: formatSteps(steps) };
    },
  };
}

/**
 * Pairs of files with the same path below two folders; their extensions may differ (`low/a.jpg`, `high/a.png`).
 * @throws {UserError} where a folder cannot be read, holds no photo, or a photo has no twin.
 */
export async function pairedFolders(degradedDir: string, originalDir: string): Promise<PairSource> {
  const sides = [await photosOf(originalDir), await photosOf(degradedDir)];
  const originals = byStem(originalDir, sides[0].names);
  const twins = byStem(degradedDir, sides[1].names);
  requireTwins(originals, originalDir, twins, degradedDir);
  requireTwins(twins, degradedDir, originals, originalDir);
  const names = [...originals.values()];
  const stems = [...originals.keys()];
  return {
    names,
    skipped: [originalDir, degradedDir].flatMap((dir, side) =>
      sides[side].skipped.map(({ name, reason }) => ({ name: `${dir}/${name}`, reason }))
    ),
    async load(index) {
      const original = await decodeRgb(`${originalDir}/${names[index]}`);
      const twin = `${degradedDir}/${twins.get(stems[index])}`;
      const degraded = await decodeRgb(twin);
      if (original.width !== degraded.width || original.height !== degraded.height) {
        throw new UserError(
          `'${twin}' has ${degraded.width}×${degraded.height} pixels, its original ${original.width}×${original.height}`,
        );
      }
      return {
        width: original.width,
        height: original.height,
        original: original.rgb,
        degraded: degraded.rgb,
        grey: await isGrey(`${originalDir}/${names[index]}`),
      };
    },
  };
}

/**
 * Pairs of a built data set.
 * @throws {UserError} where the source holds single photos.
 */
export function pairsOf(source: PhotoSource): PairSource {
  if (!source.paired) throw new UserError("The data set holds no degraded twins: build it with a recipe");
  return {
    names: source.photos.map(({ name }) => name),
    async load(index) {
      const { width, height, grey } = source.photos[index];
      const { high, low } = await source.load(index);
      return { width, height, original: high, degraded: low!, ...(grey && { grey }) };
    },
  };
}

/**
 * Opens what a person names: a folder of photos (with a recipe), a built data set, a folder with the subfolders `high` and `low`, or
 * two folders as `DEGRADED:ORIGINAL`.
 * @param recipe needed for plain photos, not allowed for pairs.
 * @throws {UserError} where that is not what is there.
 */
export async function openPairs(data: string, recipe: string | undefined, seed: number): Promise<PairSource> {
  const folders = await twoFolders(data) ??
    (await isFolder(`${data}/${HIGH}`) && await isFolder(`${data}/${LOW}`)
      ? { degraded: `${data}/${LOW}`, original: `${data}/${HIGH}` }
      : undefined);
  const built = await isDataset(data);
  if (folders || built) {
    if (recipe !== undefined) {
      throw new UserError(
        `'${data}' holds pairs, which are degraded already: leave out the recipe '${recipe}'`,
        { exitCode: 2 },
      );
    }
    return built
      ? pairsOf(await Dataset.open(data))
      : await pairedFolders(folders!.degraded, folders!.original);
  }
  if (!await isFolder(data)) {
    const half = await missingHalf(data, isFolder);
    if (half !== undefined) {
      throw new UserError(`Cannot read '${data}' as DEGRADED:ORIGINAL: there is no folder '${half}'`, {
        exitCode: 2,
      });
    }
    throw new UserError(
      `There is no folder '${data}': give a folder of photos, or two as DEGRADED:ORIGINAL`,
      { exitCode: 2 },
    );
  }
  if (recipe === undefined) {
    throw new UserError(
      `'${data}' holds single photos: say how to degrade them, e.g. --degrade blur:1.5, or give pairs as DEGRADED:ORIGINAL`,
      {
        exitCode: 2,
      },
    );
  }
  return await degradedFolder(data, recipe, seed);
}

/** Both folders of `A:B`, if they exist. */
async function twoFolders(data: string): Promise<{ degraded: string; original: string } | undefined> {
  const paths = await splitPaths(data, isFolder);
  return paths && { degraded: paths[0], original: paths[1] };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw new UserError(`Cannot look at '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * @param withoutResults leaves out results of `enhance` that lie beside their photos: they are no originals.
 * @throws {UserError} where the folder holds no photo.
 */
async function photosOf(dir: string, options?: { withoutResults: boolean }): Promise<FolderPhotos> {
  const photos = await listPhotos(dir, options);
  if (photos.names.length === 0) {
    throw new UserError(
      `There is no photo in '${dir}'${onlyForeign(photos.skipped.map(({ name }) => name))}`,
    );
  }
  return photos;
}

function requireTwins(
  photos: Map<string, string>,
  dir: string,
  twins: Map<string, string>,
  twinDir: string,
): void {
  for (const [stem, name] of photos) {
    if (!twins.has(stem)) throw new UserError(`'${dir}/${name}' has no twin in '${twinDir}'`);
  }
}

/** A number for a photo's file name without its folders; composed letters (é) give the same on every system. */
function fileNumber(name: string): number {
  return crc32(new TextEncoder().encode(name.slice(name.lastIndexOf("/") + 1).normalize("NFC")));
}

function formatSteps(steps: readonly Step[]): string {
  return steps.map(({ name, strength }) => `${name}:${Number(strength.toPrecision(3))}`).join(",") || "none";
}
