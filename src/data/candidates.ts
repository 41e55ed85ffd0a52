/** What a data set is to be made of: originals, each with the low side that is wanted. */
import { UserError } from "../base/errors.ts";
import type { LowSide } from "./dataset_file.ts";
import { arrange, type FilePair, type Layout } from "./layout.ts";
import { listPhotoFiles, type PhotoFile } from "./photo_files.ts";
import type { SkippedFile } from "./photo_source.ts";
import { parseRecipe, type Recipe } from "../degrade/recipe.ts";

export interface Candidate {
  /** Place among all, from which its damage is drawn. */
  readonly number: number;
  readonly high: PhotoFile;
  /** The data's own low side, where that is wanted. */
  readonly low?: PhotoFile;
  /** Which of several low sides that is; empty where there is one. */
  readonly variant: string;
}

export interface CandidateOptions {
  /** Folders, zip archives, or two of these as `LOW:HIGH`. */
  readonly from: readonly string[];
  /** A folder that is passed over, should it lie in a source: the one to build. */
  readonly out?: string;
  /** Use the data's own low side. Where neither this nor a recipe is given: true if all sources have one. */
  readonly keepLow?: boolean;
  /** Words that name one of several own low sides, e.g. `bicubic x2`; all by default. */
  readonly lowSide?: string;
  /** Damage done to the own low side, or else to the high side. `photo` where no low side is kept. */
  readonly recipe?: Recipe;
}

export interface Candidates {
  /** By source, then by path. */
  readonly candidates: readonly Candidate[];
  readonly low: LowSide;
  readonly recipe: Recipe;
  /** Files that cannot be used or found no partner. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Lists what can be used of all sources.
 * @throws {UserError} where a source cannot be read, there is nothing, or not the low side that was asked for.
 */
export async function findCandidates(options: CandidateOptions): Promise<Candidates> {
  const { from, lowSide, recipe } = options;
  const listings = [];
  for (const [number, source] of from.entries()) {
    listings.push(await listPhotoFiles(source, number, options.out));
  }
  const layout = arrange(listings.flatMap(({ files }) => files));
  const skipped = [...listings.flatMap((listing) => listing.skipped), ...layout.lonelyLows];
  const keepLow = options.keepLow ?? (lowSide !== undefined || (!recipe && allHaveLow(layout)));

  if (!keepLow) {
    requireSome(layout.highs, from, skipped);
    const candidates = layout.highs.map((high, number) => ({ number, high, variant: "" }));
    return { candidates, low: "recipe", recipe: recipe ?? parseRecipe("photo"), skipped };
  }
  const pairs = wanted(layout.pairs, lowSide);
  const paired = new Set(pairs.map(({ high }) => high));
  for (const { name } of layout.highs.filter((high) => !paired.has(high))) {
    skipped.push({ name, reason: "no photo of a low side belongs to it" });
  }
  if (pairs.length === 0 && layout.highs.length > 0) {
    throw new UserError(
      `No photo of ${
        listed(from)
      } has a low side beside it: leave out --keep-low, or give two folders as --from LOW:HIGH`,
      { exitCode: 2 },
    );
  }
  requireSome(pairs, from, skipped);
  const candidates = pairs.map((pair, number) => ({ number, ...pair }));
  return recipe
    ? { candidates, low: "own+recipe", recipe, skipped }
    : { candidates, low: "own", recipe: parseRecipe("none"), skipped };
}

/** True where there are pairs and every source has some part in one. */
function allHaveLow({ highs, pairs }: Layout): boolean {
  const served = new Set(pairs.flatMap(({ high, low }) => [high.source, low.source]));
  return pairs.length > 0 && highs.every(({ source }) => served.has(source));
}

function wanted(pairs: readonly FilePair[], lowSide: string | undefined): readonly FilePair[] {
  if (lowSide === undefined) return pairs;
  const words = lowSide.toLowerCase().split(/[\s,/]+/).filter(Boolean);
  const chosen = pairs.filter(({ variant }) => words.every((word) => variant.split(" ").includes(word)));
  if (chosen.length === 0 && pairs.length > 0) {
    const present = [...new Set(pairs.map(({ variant }) => variant || "one without a name"))].sort();
    throw new UserError(`There is no low side '${lowSide}'; there are: ${present.join(", ")}`, {
      exitCode: 2,
    });
  }
  return chosen;
}

function requireSome(
  items: readonly unknown[],
  from: readonly string[],
  skipped: readonly SkippedFile[],
): void {
  if (items.length > 0) return;
  const why = skipped.length > 0
    ? `; ${skipped.length} left out, the first: ${skipped[0].name}: ${skipped[0].reason}`
    : "";
  throw new UserError(`There is no photo to use in ${listed(from)}${why}`);
}

function listed(from: readonly string[]): string {
  return from.map((source) => `'${source}'`).join(", ");
}
