/** Finds the usual test sets in a folder that somebody keeps them in. */
import { basename } from "node:path";
import { decodeRgb } from "../../src/data/decode.ts";
import { listPhotos } from "../../src/data/list_photos.ts";
import { degradedFolder, type PairSource } from "../../src/evaluate/pairs.ts";
import { UserError } from "../../src/base/errors.ts";

/** Names that a set's folder may have, lower case, without what is no letter or digit. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  set5: ["set5"],
  set14: ["set14"],
  b100: ["b100", "bsd100", "bsds100"],
  cbsd68: ["cbsd68"],
  kodak24: ["kodak24", "kodak"],
  mcmaster: ["mcmaster", "mcm"],
  urban100: ["urban100"],
  live1: ["live1"],
  classic5: ["classic5"],
  cc15: ["cc15", "cc15realnoisepairs"],
};
/** CBSD68 is part of the BSD100 folder where a list of its names lies there. */
const CBSD68_LIST = "cbsd68.txt";
/** Real noise beside its clean side in one folder. */
const REAL = /_real\.png$/;

export interface TestSet {
  readonly name: string;
  readonly dir: string;
  /** The only photos to take, by their file names without extension. */
  readonly only?: ReadonlySet<string>;
}

/** The sets that lie in these folders, or are one of them. */
export async function findSets(paths: readonly string[]): Promise<Map<string, TestSet>> {
  const found = new Map<string, TestSet>();
  const take = async (dir: string) => {
    const plain = basename(dir).toLowerCase().replaceAll(/[^a-z0-9]/g, "");
    for (const [name, names] of Object.entries(NAMES)) {
      if (names.includes(plain) && !found.has(name)) found.set(name, { name, dir });
    }
    const list = await Deno.readTextFile(`${dir}/${CBSD68_LIST}`).catch(() => undefined);
    if (list !== undefined) {
      const only = new Set(list.split("\n").map((line) => line.trim().replace(/\.\w+$/, "")).filter(Boolean));
      found.set("cbsd68", { name: "cbsd68", dir, only });
    }
  };
  for (const path of paths) {
    const dir = path.replace(/[/\\]+$/, "");
    try {
      await take(dir);
      for await (const entry of Deno.readDir(dir)) if (entry.isDirectory) await take(`${dir}/${entry.name}`);
    } catch (error) {
      throw new UserError(`Cannot read the folder '${path}': ${(error as Error).message}`, { exitCode: 2 });
    }
  }
  return found;
}

/** The pairs of a set: degraded by a recipe, or as they are. */
export async function openSet(set: TestSet, recipe: string | undefined, seed: number): Promise<PairSource> {
  if (recipe === undefined) return await realPairs(set.dir);
  const source = await degradedFolder(set.dir, recipe, seed);
  if (!set.only) return source;
  const kept = source.names.flatMap((name, i) => set.only!.has(name.replace(/\.\w+$/, "")) ? [i] : []);
  if (kept.length !== set.only.size) {
    throw new UserError(
      `The folder '${set.dir}' holds ${kept.length} of the ${set.only.size} photos of ${set.name}`,
    );
  }
  return { ...source, names: kept.map((i) => source.names[i]), load: (index) => source.load(kept[index]) };
}

/** `NAME_real.png` against `NAME_mean.png`. */
async function realPairs(dir: string): Promise<PairSource> {
  const names = (await listPhotos(dir)).names.filter((name) => REAL.test(name));
  if (names.length === 0) throw new UserError(`There is no NAME_real.png in '${dir}'`);
  return {
    names,
    async load(index) {
      const [real, mean] = await Promise.all(
        [names[index], names[index].replace(REAL, "_mean.png")].map((name) => decodeRgb(`${dir}/${name}`)),
      );
      return { width: mean.width, height: mean.height, original: mean.rgb, degraded: real.rgb };
    },
  };
}
