/** Pairs of small patches, degraded and clean, that the methods without a network remember. */
import { UserError } from "../base/errors.ts";
import { PatchStream } from "../data/patches.ts";
import type { PhotoSource } from "../data/photo_source.ts";
import type { Recipe } from "../degrade/recipe.ts";
import type { Points } from "./nearest.ts";

/** Remembered pairs: row i of both sides is the same place of the same photo. Samples 0..1, each channel less the low patch's mean. */
export interface PatchSet {
  /** Side of a patch in pixels. */
  readonly size: number;
  readonly low: Points;
  readonly clean: Points;
}

/** Patches are cut in blocks of so many by so many from a larger patch, which is damaged as a whole. */
const PER_SIDE = 4;
/** Low patches with a smaller standard deviation (0..1) are passed over: to 8 bits they are one colour, and all the same point. */
const FLAT = 1.5 / 255;
/** Keeps the draws apart from the training steps', which count from 0. */
const FIRST_STEP = 2 ** 41;
const BATCH = 8;
/** Batches to look through before what was found must do. */
const MAX_BATCHES = 400;

/**
 * Draws patches from the photos to train on: by the seed, with the training's own damage.
 * @param count patches wanted; where photos are nearly all of one colour there may be fewer.
 * @throws {UserError} where fewer than 32 patches show anything.
 */
export async function drawPatchSet(
  source: PhotoSource,
  { count, size, seed, indices, recipe }: {
    readonly count: number;
    readonly size: number;
    readonly seed: number;
    readonly indices: readonly number[];
    readonly recipe: Recipe;
  },
): Promise<PatchSet> {
  const side = PER_SIDE * size;
  const stream = new PatchStream(source, {
    ...{ patch: side, batch: BATCH, seed, indices, recipe, onto: "low" },
  });
  const dims = size * size * 3;
  const low = new Float32Array(count * dims);
  const clean = new Float32Array(count * dims);
  let found = 0;
  for (let step = 0; step < MAX_BATCHES && found < count; step++) {
    const { input, target } = await stream.batch(FIRST_STEP + step);
    for (let place = 0; place < BATCH * PER_SIDE * PER_SIDE && found < count; place++) {
      const [item, cell] = [Math.floor(place / PER_SIDE ** 2), place % PER_SIDE ** 2];
      const start = item * side * side + Math.floor(cell / PER_SIDE) * size * side + cell % PER_SIDE * size;
      const at = found * dims;
      const means = readPatch(input, side, start, size, low, at);
      if (deviation(low, at, dims) < FLAT) continue;
      readPatch(target, side, start, size, clean, at, means);
      found++;
    }
  }
  if (found < 32) {
    throw new UserError("The photos to train on are nearly all of one colour: give photos that show more");
  }
  const points = (values: Float32Array): Points => ({
    values: values.slice(0, found * dims),
    count: found,
    dims,
  });
  return { size, low: points(low), clean: points(clean) };
}

/**
 * Copies a patch out of interleaved RGB and takes a value off each channel.
 * @param width of the picture in pixels.
 * @param start number of the patch's first pixel.
 * @param means what to take off; the patch's own mean of each channel if left out.
 * @returns what was taken off.
 */
export function readPatch(
  rgb: ArrayLike<number>,
  width: number,
  start: number,
  size: number,
  into: Float32Array,
  at: number,
  means?: readonly [number, number, number],
  scale = 1,
): readonly [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let place = at;
  for (let y = 0; y < size; y++) {
    const row = (start + y * width) * 3;
    for (let i = 0; i < size * 3; i++) {
      const value = rgb[row + i] * scale;
      into[place++] = value;
      sums[i % 3] += value;
    }
  }
  const taken = means ?? sums.map((sum) => sum / (size * size)) as [number, number, number];
  for (let i = 0; i < size * size * 3; i++) into[at + i] -= taken[i % 3];
  return taken;
}

/** Root mean square of a patch whose means were taken off. */
function deviation(values: Float32Array, at: number, length: number): number {
  let squares = 0;
  for (let i = at; i < at + length; i++) squares += values[i] ** 2;
  return Math.sqrt(squares / length);
}
