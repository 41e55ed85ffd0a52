/** `dataset.json`: what a built data set says of itself. */
import { UserError } from "../base/errors.ts";
import { type Fit, reasonOf } from "./decode.ts";
import type { SkippedFile } from "./photo_source.ts";

export type DatasetFormat = "npy" | "png";
/** What the low side is: the high side degraded by the recipe, the data's own, or that degraded by the recipe. */
export type LowSide = "recipe" | "own" | "own+recipe";

export interface DatasetDescription {
  /** Version of this description. */
  readonly version: 2;
  readonly format: DatasetFormat;
  /** Side of the square pictures in pixels. */
  readonly size: number;
  /** Number of pairs. */
  readonly count: number;
  /** How photos became squares. */
  readonly fit: Fit;
  readonly low: LowSide;
  /** The degradation recipe, spelled out; `none` where the low side is the data's own. */
  readonly recipe: string;
  readonly seed: number;
  /** Folders and archives that the photos come from, as they were given, and how many of each are in. */
  readonly sources: readonly { readonly dir: string; readonly photos: number }[];
  /** The data's own low sides, and how many of each are in. */
  readonly lowSides: readonly { readonly name: string; readonly photos: number }[];
  /** Width and height of the originals with the fewest and the most pixels. */
  readonly originals: {
    readonly smallest: readonly [number, number];
    readonly largest: readonly [number, number];
  };
  /** Share that was held out, and the numbers of those pictures. */
  readonly split: { readonly heldOut: number; readonly validation: readonly number[] };
  /** Files left out, and why. */
  readonly skipped: readonly SkippedFile[];
  /** Photos left out because they are in already, and under which name. */
  readonly duplicates: readonly { readonly name: string; readonly of: string }[];
  /** Mean squared error of the degraded side, units of 1/255 squared: the mean over all pictures. */
  readonly mse: number;
  /** Path of each picture's original, in the pictures' order. */
  readonly photos: readonly string[];
  /** Path of each picture's own low side, where that was used. */
  readonly lows?: readonly string[];
  /** Numbers of the pictures whose original's file holds a single channel. Sets that were built before this was recorded lack it. */
  readonly greys?: readonly number[];
  /** Numbers of the pictures that show the same original as an earlier one, and of the first such. Lacking as `greys` is. */
  readonly repeats?: readonly (readonly [picture: number, first: number])[];
  /** Checksum of all that went in: the same one means the same data set. */
  readonly plan: string;
}

export const DATASET_FILE = "dataset.json";
/** Pairs of a built data set, a few, side by side. */
export const SHEET_FILE = "contact-sheet.jpg";

/** Name of one side's file or folder: `high_x256.npy`, or `high` with a PNG for each picture. */
export function sideName(
  side: "high" | "low",
  { format, size }: Pick<DatasetDescription, "format" | "size">,
): string {
  return format === "npy" ? `${side}_x${size}.npy` : side;
}

/** Name of a picture in a data set of PNG files, from its number. */
export function pictureName(index: number): string {
  return `${String(index).padStart(6, "0")}.png`;
}

/** True where the folder is a built data set. */
export async function isDataset(dir: string): Promise<boolean> {
  return await Deno.stat(`${dir}/${DATASET_FILE}`).then(({ isFile }) => isFile, () => false);
}

/**
 * Reads and checks `dataset.json`.
 * @throws {UserError} where it is missing or damaged.
 */
export async function readDescription(dir: string): Promise<DatasetDescription> {
  const path = `${dir}/${DATASET_FILE}`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new UserError(
      error instanceof Deno.errors.NotADirectory
        ? `'${dir}' is a file: give the folder of a built data set`
        : error instanceof Deno.errors.NotFound
        ? `'${dir}' is no built data set, it has no ${DATASET_FILE}: make one with 'clairnet dataset build'`
        : `Cannot read '${path}': ${reasonOf(error)}`,
      { cause: error },
    );
  }
  let description: DatasetDescription;
  try {
    description = JSON.parse(text);
  } catch (error) {
    throw new UserError(`Cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
  const fault = faultOf(description);
  if (fault) throw new UserError(`Cannot read '${path}': ${fault}; build the data set again`);
  return description;
}

/** What is wrong with a description, if anything. */
function faultOf(description: DatasetDescription): string | undefined {
  if (typeof description !== "object" || description === null) return "it is no description of a data set";
  const { version, format, size, count, recipe, seed, sources, split, skipped, photos, mse } = description;
  const { low, originals, lowSides, duplicates } = description;
  if (version !== 2) return `it has version ${version}, this program reads 2`;
  if (format !== "npy" && format !== "png") return "its format is neither npy nor png";
  if (!(Number.isInteger(size) && size > 0 && Number.isInteger(count) && count > 0)) {
    return "its size or count is wrong";
  }
  if (typeof recipe !== "string" || typeof seed !== "number" || typeof mse !== "number") {
    return "recipe, seed or mse is missing";
  }
  if (!["recipe", "own", "own+recipe"].includes(low)) return "its low side is of no known kind";
  if (
    ![sources, skipped, lowSides, duplicates, originals?.smallest, originals?.largest].every(Array.isArray)
  ) {
    return "sources, originals or what was left out is missing";
  }
  if (!Array.isArray(photos) || photos.length !== count) return `it does not list its ${count} photos`;
  const isPicture = (index: unknown) =>
    Number.isInteger(index) && Number(index) >= 0 && Number(index) < count;
  const validation = split?.validation;
  if (!Array.isArray(validation) || !validation.every(isPicture)) return "its split is wrong";
  const { greys = [], repeats = [] } = description;
  if (!Array.isArray(greys) || !greys.every(isPicture)) return "its list of grey pictures is wrong";
  if (
    !Array.isArray(repeats) ||
    !repeats.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isPicture))
  ) {
    return "its list of pictures of one original is wrong";
  }
  return undefined;
}
