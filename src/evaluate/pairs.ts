/** What restorers are tried on: originals with their degraded twins. */
import { decodeRgb, listPhotos } from "../data/decode.ts";
import { degrade } from "../data/degrade.ts";
import { parseRecipe, type Step } from "../data/recipe.ts";
import { crc32 } from "../nn/crc32.ts";
import { UserError } from "../tensor/errors.ts";
import { Random } from "../tensor/random.ts";

/** An original photo and its degraded twin: height·width·3 samples each, sRGB-encoded, 8 bits. */
export interface Pair {
  readonly width: number;
  readonly height: number;
  readonly original: Uint8Array;
  readonly degraded: Uint8Array;
  /** The damage that was drawn for this photo, e.g. `blur:1.31,jpeg:62`; undefined where the pair came as files. */
  readonly damage?: string;
}

/** Pairs by number; a photo is only decoded when it is asked for. */
export interface PairSource {
  /** In a fixed order: path of each photo relative to its folder. */
  readonly names: readonly string[];
  /** The recipe spelled out; undefined where the pairs came as files. */
  readonly recipe?: string;
  /** @throws {UserError} where a photo cannot be decoded or the two differ in size. */
  load(index: number): Promise<Pair>;
}

/** Names of the subfolders of originals and of degraded twins. */
const HIGH = "high";
const LOW = "low";

/**
 * Photos of a folder (and below), degraded by a recipe. The damage of a photo depends only on the seed and its file name, so figures
 * repeat, whatever else lies in the folder.
 * @throws {UserError} where the folder cannot be read or holds no photo, or the recipe is wrong.
 */
export async function degradedFolder(dir: string, recipeText: string, seed: number): Promise<PairSource> {
  const recipe = parseRecipe(recipeText);
  const names = await photosOf(dir);
  return {
    names,
    recipe: recipe.text,
    async load(index) {
      const { width, height, rgb } = await decodeRgb(`${dir}/${names[index]}`);
      const random = new Random(seed, fileNumber(names[index]));
      const steps = recipe.sample(random);
      const degraded = await degrade(rgb, width, height, steps, random);
      return { width, height, original: rgb, degraded, damage: formatSteps(steps) };
    },
  };
}

/**
 * Pairs of files with the same path below two folders; their extensions may differ (`low/a.jpg`, `high/a.png`).
 * @throws {UserError} where a folder cannot be read, holds no photo, or a photo has no twin.
 */
export async function pairedFolders(degradedDir: string, originalDir: string): Promise<PairSource> {
  const names = await photosOf(originalDir);
  const twins = new Map<string, string>();
  for (const name of await photosOf(degradedDir)) {
    const stem = stemOf(name);
    if (twins.has(stem)) throw new UserError(`'${degradedDir}' holds both '${twins.get(stem)}' and '${name}': keep one`);
    twins.set(stem, name);
  }
  const alone = names.find((name) => !twins.has(stemOf(name)));
  if (alone !== undefined) throw new UserError(`'${originalDir}/${alone}' has no twin in '${degradedDir}'`);
  if (twins.size > names.length) {
    const stems = new Set(names.map(stemOf));
    const extra = [...twins].find(([stem]) => !stems.has(stem))![1];
    throw new UserError(`'${degradedDir}/${extra}' has no twin in '${originalDir}'`);
  }
  return {
    names,
    async load(index) {
      const original = await decodeRgb(`${originalDir}/${names[index]}`);
      const twin = `${degradedDir}/${twins.get(stemOf(names[index]))}`;
      const degraded = await decodeRgb(twin);
      if (original.width !== degraded.width || original.height !== degraded.height) {
        throw new UserError(
          `'${twin}' has ${degraded.width}×${degraded.height} pixels, its original ${original.width}×${original.height}`,
        );
      }
      return { width: original.width, height: original.height, original: original.rgb, degraded: degraded.rgb };
    },
  };
}
