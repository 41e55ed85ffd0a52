/** Which photos a trial trains on, which its curve is measured on, and which it is tested on. */
import { type PhotoInfo, type PhotoSplit, splitPhotos } from "../data/photo_source.ts";
import { UserError } from "../base/errors.ts";

/** Three parts without an original in common, as numbers in the source's order. */
export interface TrialSplit extends PhotoSplit {
  readonly test: readonly number[];
}

/** An original, and the numbers of all photos that are it: a data set has several where it comes with several low sides, or was found more than once. */
interface Original extends PhotoInfo {
  readonly members: readonly number[];
}

/** Share of the originals to test on, and of those left to measure the curves on. */
const TEST_SHARE = 0.2;
const VALIDATION_SHARE = 0.1;

/**
 * Draws the parts by the originals' names and a seed: photos of one name, and those that a data set knows to show the same, are one original, and all
 * stand on one side.
 * Where a data set has its own held-out photos, they are the first to be tested on.
 * @param held numbers of the photos that the data set holds out itself.
 * @param most tests on so many photos at most; of a tested original with more low sides than that allows, the others are in no part.
 * @param smallest photos whose shorter side is below this many pixels are not tested on.
 * @throws {UserError} where there are fewer than three originals to part, or none is large enough.
 */
export function splitForTrials(
  photos: readonly PhotoInfo[],
  { seed, most, smallest, held = [] }: {
    readonly seed: number;
    readonly most: number;
    readonly smallest: number;
    readonly held?: readonly number[];
  },
): TrialSplit {
  const originals = originalsOf(photos);
  requireEnough(originals.length);
  const usable = originals.filter(({ width, height }) => Math.min(width, height) >= smallest);
  if (usable.length === 0) {
    throw new UserError(`The trials test on photos of ${smallest}×${smallest} pixels or more: there is none`);
  }
  const wanted = Math.min(most, Math.max(1, Math.round(TEST_SHARE * originals.length)), usable.length);
  const heldOut = new Set(held);
  const isHeld = ({ members }: Original) => members.some((index) => heldOut.has(index));
  const [own, rest] = [usable.filter(isHeld), usable.filter((original) => !isHeld(original))];
  const first = drawn(own, Math.min(own.length, wanted), seed);
  const tested = new Set([...first, ...drawn(rest, wanted - first.length, seed)]);

  const left = originals.filter((original) => !tested.has(original));
  const parts = splitPhotos(left, VALIDATION_SHARE, seed + 1);
  const membersOf = (places: readonly number[]) => inOrder(places.flatMap((place) => left[place].members));
  return {
    train: membersOf(parts.train),
    validation: membersOf(parts.validation),
    test: inOrder(inTurns([...tested], most)),
  };
}

/** @throws {UserError} where there are fewer than three photos to part. */
export function requireEnough(count: number): void {
  if (count >= 3) return;
  throw new UserError(
    `The trials need three photos or more, to train on, to watch and to test on: there are ${count}`,
  );
}

/** In the order of their first photos. */
function originalsOf(photos: readonly PhotoInfo[]): Original[] {
  const byName = Map.groupBy(photos.keys(), (index) => photos[photos[index].sameAs ?? index].name);
  return [...byName.values()].map((members) => ({ ...photos[members[0]], members }));
}

/** `count` of these originals, by lot. */
function drawn(originals: readonly Original[], count: number, seed: number): readonly Original[] {
  if (count === originals.length || count === 0) return originals.slice(0, count);
  const { validation } = splitPhotos(originals, count / originals.length, seed);
  return validation.map((place) => originals[place]);
}

/** One photo of each original, then another of each, up to `most`: neighbours begin with different low sides, so that few photos have all of them. */
function inTurns(originals: readonly Original[], most: number): number[] {
  const rounds = Math.max(...originals.map(({ members }) => members.length));
  const turns = Array.from(
    { length: rounds },
    (_, round) =>
      originals.flatMap(({ members }, place) =>
        round < members.length ? [members[(place + round) % members.length]] : []
      ),
  );
  return turns.flat().slice(0, most);
}

function inOrder(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}
