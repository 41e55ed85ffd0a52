/** Two folders of photos that pair by name: originals and their degraded twins. */
import { UserError } from "../base/errors.ts";
import { listPhotos } from "./list_photos.ts";
import { PhotoPool, type PhotoPoolHandle, type PhotoPoolOptions } from "./photo_pool.ts";
import type { PhotoInfo, PhotoPixels, PhotoSource, SkippedFile } from "./photo_source.ts";

/** What another thread needs to share the pairs. */
export interface PairedFoldersHandle {
  readonly kind: "pairs";
  readonly photos: readonly PhotoInfo[];
  readonly high: PhotoPoolHandle;
  readonly low: PhotoPoolHandle;
  /** Number of each photo in either pool. */
  readonly places: readonly { readonly high: number; readonly low: number }[];
}

const DEFAULT_MEMORY = 2 ** 30;

/** Photos whose twins are files of the same path below another folder; the extensions may differ. */
export class PairedFolders implements PhotoSource {
  readonly paired = true;
  readonly photos: readonly PhotoInfo[];
  /** Files that could not be read or have no twin, and photos of formats that are not taken. */
  readonly skipped: readonly SkippedFile[];
  /** How many bytes each file has, those of either side one after the other. */
  readonly stamp?: string;
  readonly #handle: PairedFoldersHandle;
  readonly #high: PhotoPool;
  readonly #low: PhotoPool;

  private constructor(
    handle: PairedFoldersHandle,
    high: PhotoPool,
    low: PhotoPool,
    skipped: readonly SkippedFile[],
  ) {
    this.#handle = handle;
    this.photos = handle.photos;
    this.skipped = skipped;
    if (high.stamp !== undefined) this.stamp = `${high.stamp};${low.stamp}`;
    this.#high = high;
    this.#low = low;
  }

  /**
   * Opens the pairs; photos without a readable twin are listed in `skipped`.
   * @throws {UserError} where there is no pair, or the two photos of a pair differ in size.
   */
  static async open(
    highDir: string,
    lowDir: string,
    { memoryBytes = DEFAULT_MEMORY, onProgress }: Omit<PhotoPoolOptions, "files"> = {},
  ): Promise<PairedFolders> {
    const { highNames, lowNames, stems, skipped: leftOut } = await pairNames(highDir, lowDir);
    const lonely = (dir: string, names: Map<string, string>, others: Map<string, string>) =>
      [...names].filter(([stem]) => !others.has(stem)).map(([, name]) => ({
        name: `${dir}/${name}`,
        reason: "it has no twin",
      }));
    const skipped: SkippedFile[] = [
      ...leftOut,
      ...lonely(highDir, highNames, lowNames),
      ...lonely(lowDir, lowNames, highNames),
    ];

    const open = (dir: string, names: Map<string, string>, before: number) =>
      PhotoPool.open(dir, {
        files: stems.map((stem) => names.get(stem)!),
        memoryBytes: memoryBytes / 2,
        onProgress: onProgress && ((done) => onProgress(before + done, 2 * stems.length)),
      });
    const high = await open(highDir, highNames, 0);
    const low = await open(lowDir, lowNames, stems.length);
    for (const [dir, pool] of [[highDir, high], [lowDir, low]] as const) {
      for (const { name, reason } of pool.skipped) skipped.push({ name: `${dir}/${name}`, reason });
    }

    const [highPlaces, lowPlaces] = [high, low].map((pool) =>
      new Map(pool.photos.map(({ name }, index) => [name, index]))
    );
    const places = stems.map((stem) => ({
      high: highPlaces.get(highNames.get(stem)!),
      low: lowPlaces.get(lowNames.get(stem)!),
    }))
      .filter((place): place is { high: number; low: number } =>
        place.high !== undefined && place.low !== undefined
      );
    if (places.length === 0) {
      throw new UserError(`No pair in '${highDir}' and '${lowDir}' can be read: ${skipped[0].reason}`);
    }
    for (const place of places) {
      const [a, b] = [high.photos[place.high], low.photos[place.low]];
      if (a.width !== b.width || a.height !== b.height) {
        throw new UserError(
          `The photo '${a.name}' has ${a.width}×${a.height} pixels in '${highDir}' and ${b.width}×${b.height} in '${lowDir}': make them equal`,
        );
      }
    }
    const photos = places.map((place) => high.photos[place.high]);
    return new PairedFolders(
      { kind: "pairs", photos, high: high.handle(), low: low.handle(), places },
      high,
      low,
      skipped,
    );
  }

  /** The same pairs in one of so many other threads. */
  static fromHandle(handle: PairedFoldersHandle, threads = 1): PairedFolders {
    const [high, low] = [handle.high, handle.low].map((side) => PhotoPool.fromHandle(side, threads));
    return new PairedFolders(handle, high, low, []);
  }

  handle(): PairedFoldersHandle {
    return this.#handle;
  }

  async load(index: number): Promise<PhotoPixels> {
    const place = this.#handle.places[index];
    const [high, low] = await Promise.all([this.#high.load(place.high), this.#low.load(place.low)]);
    return { high: high.high, low: low.high };
  }
}

/**
 * The photos of both folders by their paths without extensions, those paths that both have, and the photos of formats that are not taken.
 * @throws {UserError} where there is no pair, or two photos of a folder have the same path but for the extension.
 */
export async function pairNames(highDir: string, lowDir: string) {
  const dirs = [highDir, lowDir];
  const listed = await Promise.all(dirs.map((dir) => listPhotos(dir)));
  const [highNames, lowNames] = dirs.map((dir, side) => byStem(dir, listed[side].names));
  const stems = [...highNames.keys()].filter((stem) => lowNames.has(stem));
  if (stems.length === 0) {
    throw new UserError(`No photo in '${highDir}' has a twin of the same name in '${lowDir}'`);
  }
  const skipped: readonly SkippedFile[] = dirs.flatMap((dir, side) =>
    listed[side].skipped.map(({ name, reason }) => ({ name: `${dir}/${name}`, reason }))
  );
  return { highNames, lowNames, stems, skipped };
}

/**
 * Photos by their path without its extension. Letters with accents are composed ones in it, whatever they are in the file's name: macOS parts them.
 * @throws {UserError} where two photos have the same path but for the extension.
 */
export function byStem(dir: string, names: readonly string[]): Map<string, string> {
  const stems = new Map<string, string>();
  for (const name of names) {
    const stem = name.replace(/\.[^./]*$/, "").normalize("NFC");
    const other = stems.get(stem);
    if (other !== undefined) {
      throw new UserError(`'${dir}' holds both '${other}' and '${name}': keep one of them`);
    }
    stems.set(stem, name);
  }
  return stems;
}
