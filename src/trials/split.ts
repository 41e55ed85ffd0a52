/** Which photos a trial trains on, which its curve is measured on, and which it is tested on. */
import { type PhotoInfo, type PhotoSplit, splitPhotos } from "../data/photo_source.ts";
import { UserError } from "../base/errors.ts";

/** Three parts without a photo in common, as numbers in the source's order. */
export interface TrialSplit extends PhotoSplit {
  readonly test: readonly number[];
}

/** Share of the photos to test on, and of those left to measure the curves on. */
const TEST_SHARE = 0.2;
const VALIDATION_SHARE = 0.1;

/**
 * Draws the parts by the photos' names and a seed. Where a data set has its own held-out photos, they are the first to be tested on.
 * @param held numbers of the photos that the data set holds out itself.
 * @param most tests on so many photos at most.
 * @param smallest photos whose shorter side is below this many pixels are not tested on.
 * @throws {UserError} where there are fewer than three photos to part, or none is large enough.
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
  requireEnough(photos.length);
  const fits = photos.map(({ width, height }) => Math.min(width, height) >= smallest);
  const usable = photos.map((_, index) => index).filter((index) => fits[index]);
  if (usable.length === 0) {
    throw new UserError(`The trials test on photos of ${smallest}×${smallest} pixels or more: there is none`);
  }
  const wanted = Math.min(most, Math.max(1, Math.round(TEST_SHARE * photos.length)), usable.length);
  const own = held.filter((index) => fits[index]);
  const rest = usable.filter((index) => !own.includes(index));
  const test = new Set(drawn(photos, own, Math.min(own.length, wanted), seed));
  for (const index of drawn(photos, rest, wanted - test.size, seed)) test.add(index);

  const left = photos.map((_, index) => index).filter((index) => !test.has(index));
  const parts = splitPhotos(left.map((index) => photos[index]), VALIDATION_SHARE, seed + 1);
  const named = (places: readonly number[]) => places.map((place) => left[place]);
  return {
    train: named(parts.train),
    validation: named(parts.validation),
    test: [...test].sort((a, b) => a - b),
  };
}

/** @throws {UserError} where there are fewer than three photos to part. */
export function requireEnough(count: number): void {
  if (count >= 3) return;
  throw new UserError(
    `The trials need three photos or more, to train on, to watch and to test on: there are ${count}`,
  );
}

/** `count` of these photos, by lot. */
function drawn(
  photos: readonly PhotoInfo[],
  indices: readonly number[],
  count: number,
  seed: number,
): readonly number[] {
  if (count === indices.length || count === 0) return indices.slice(0, count);
  const { validation } = splitPhotos(indices.map((index) => photos[index]), count / indices.length, seed);
  return validation.map((place) => indices[place]);
}
