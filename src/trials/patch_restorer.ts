/** Restores a picture patch by patch, each from remembered ones that are like it. */
import { blend, inverseDistanceWeights, type Neighbours } from "./nearest.ts";
import { type PatchSet, readPatch } from "./patch_set.ts";

export interface PatchRestoreOptions {
  readonly set: PatchSet;
  /** Neighbours among the remembered patches; the patch's samples are 0..1, each channel less the low patch's mean. */
  readonly find: (patch: Float32Array) => Neighbours;
  /** Pixels from one patch to the next; patches overlap where it is smaller than their side. Half the side by default. */
  readonly stride?: number;
  /** Picture whose patches neighbours are found for, in place of the degraded one: the original, for the best that the set allows. */
  readonly guide?: Uint8Array;
}

/**
 * Each patch becomes the blend of its neighbours' clean sides, weighted by inverse distance, at its own mean colour; where patches overlap, they
 * are averaged.
 * @param rgb height·width·3 samples of the degraded picture; not changed.
 * @returns as many samples, clipped and rounded to 8 bits.
 * @throws {RangeError} where the picture is smaller than a patch.
 */
export function restoreByPatches(
  rgb: Uint8Array,
  width: number,
  height: number,
  { set, find, stride = Math.max(1, Math.floor(set.size / 2)), guide = rgb }: PatchRestoreOptions,
): Uint8Array {
  const { size } = set;
  if (width < size || height < size) {
    throw new RangeError(`Cannot restore ${width}×${height} pixels by patches of ${size}×${size}`);
  }
  const sums = new Float32Array(rgb.length);
  const counts = new Uint16Array(width * height);
  const patch = new Float32Array(size * size * 3);
  for (const top of starts(height, size, stride)) {
    for (const left of starts(width, size, stride)) {
      const start = top * width + left;
      const means = readPatch(rgb, width, start, size, patch, 0, undefined, 1 / 255);
      if (guide !== rgb) readPatch(guide, width, start, size, patch, 0, means, 1 / 255);
      const { indices, squared } = find(patch);
      const clean = blend(set.clean, indices, inverseDistanceWeights(squared));
      for (let y = 0; y < size; y++) {
        const row = start + y * width;
        for (let x = 0; x < size; x++) counts[row + x]++;
        for (let i = 0; i < size * 3; i++) sums[row * 3 + i] += clean[y * size * 3 + i] + means[i % 3];
      }
    }
  }
  const result = new Uint8ClampedArray(rgb.length);
  for (let i = 0; i < result.length; i++) result[i] = 255 * sums[i] / counts[Math.floor(i / 3)];
  return new Uint8Array(result.buffer);
}

/** Where patches start along a side: every `stride` pixels, and the last at the very end. */
export function starts(length: number, size: number, stride: number): number[] {
  const places: number[] = [];
  for (let at = 0; at < length - size; at += stride) places.push(at);
  places.push(length - size);
  return places;
}
