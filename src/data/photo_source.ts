/** What patches are cut from: photos by number, from whatever stores them. */

export interface PhotoInfo {
  /** Path of the photo relative to its folder. */
  readonly name: string;
  /** Columns, upright. */
  readonly width: number;
  /** Rows, upright. */
  readonly height: number;
  /** True where the original's file is known to hold a single channel. */
  readonly grey?: boolean;
  /** Number of an earlier photo of the source that shows the same original, where that is known: of the first one. */
  readonly sameAs?: number;
}

/** Pixels of one photo: height·width·3 samples each, sRGB-encoded, 0..255. Read only: they may be shared. */
export interface PhotoPixels {
  /** The photo as it should be. */
  readonly high: Uint8Array;
  /** The degraded twin, where the source holds pairs. */
  readonly low?: Uint8Array;
}

/** Photos by number. */
export interface PhotoSource {
  /** All photos in a fixed order. */
  readonly photos: readonly PhotoInfo[];
  /** True where every photo comes with its degraded twin. */
  readonly paired: boolean;
  /** What tells these photos from others of the same names and sizes, as far as that is known without their pixels. */
  readonly stamp?: string;
  /** The pixels of a photo. @throws {UserError} where the photo cannot be decoded. */
  load(index: number): Promise<PhotoPixels>;
  /** What another thread needs to open the same photos without a copy of their pixels. */
  handle(): unknown;
}

/** Numbers of the photos to train on and of those held out. */
export interface PhotoSplit {
  /** To train on. */
  readonly train: readonly number[];
  /** Held out, to measure on. */
  readonly validation: readonly number[];
}

/**
 * Splits whole photos into a part to train on and a held-out part. A photo's lot is drawn from its name and the seed, so
 * that it hardly changes when photos are added.
 * @param share of the photos to hold out, 0 ≤ share < 1; at least one photo, and at least one is left to train on. A single
 *   photo serves as both.
 */
export function splitPhotos(photos: readonly PhotoInfo[], share: number, seed: number): PhotoSplit {
  if (!(share >= 0 && share < 1)) {
    throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${share}`);
  }
  const all = photos.map((_, index) => index);
  if (share === 0) return { train: all, validation: [] };
  if (photos.length <= 1) return { train: all, validation: all };
  const count = Math.min(Math.max(Math.round(share * photos.length), 1), photos.length - 1);
  const lots = photos.map(({ name }) => nameHash(name, seed));
  const byLot = all.toSorted((a, b) => lots[a] - lots[b] || a - b);
  const held = new Set(byLot.slice(0, count));
  return {
    train: all.filter((index) => !held.has(index)),
    validation: all.filter((index) => held.has(index)),
  };
}

/** FNV-1a over the name's UTF-16 units after the seed, then mixed so that the order does not follow the name's end. */
function nameHash(name: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A file left out, and why. */
export interface SkippedFile {
  /** Path relative to the folder. */
  readonly name: string;
  /** One line. */
  readonly reason: string;
}
