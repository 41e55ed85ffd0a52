/** A folder of photos, decoded once and kept in shared memory as far as a bound allows. */
import { UserError } from "../base/errors.ts";
import { EARLIER_RESULT } from "../image/earlier_result.ts";
import { decodeRgb, photoFacts, reasonOf, type RgbImage } from "./decode.ts";
import { onlyForeign } from "./foreign_photo.ts";
import { type FolderPhotos, listPhotos, refuseDatasets } from "./list_photos.ts";
import type { PhotoInfo, PhotoPixels, PhotoSource, SkippedFile } from "./photo_source.ts";

/** Which photos of a folder are opened, and how many of them are held in memory. */
export interface PhotoPoolOptions {
  /** Names to keep, relative to the folder; all photos by default. */
  readonly files?: readonly string[];
  /** Bytes of pixels to hold: three quarters for photos kept for good, the rest for those decoded on demand. 1 GiB by default. */
  readonly memoryBytes?: number;
  /** Called after each photo. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What another thread needs to share the pool. */
export interface PhotoPoolHandle {
  readonly kind: "pool";
  readonly dir: string;
  readonly photos: readonly PhotoInfo[];
  /** Pixels of the photos kept for good. */
  readonly kept: readonly (SharedArrayBuffer | undefined)[];
  readonly memoryBytes: number;
}

const DEFAULT_MEMORY = 2 ** 30;
const KEPT_SHARE = 0.75;
const DECODERS = 4;

export class PhotoPool implements PhotoSource {
  readonly paired = false;
  readonly photos: readonly PhotoInfo[];
  /** Files that could not be read. */
  readonly skipped: readonly SkippedFile[];
  /** How many bytes each file has. */
  readonly stamp?: string;
  readonly #handle: PhotoPoolHandle;
  readonly #recent: RecentPixels;

  private constructor(
    handle: PhotoPoolHandle,
    skipped: readonly SkippedFile[],
    { stamp, threads = 1 }: { readonly stamp?: string; readonly threads?: number },
  ) {
    this.#handle = handle;
    this.photos = handle.photos;
    this.skipped = skipped;
    this.stamp = stamp;
    this.#recent = new RecentPixels(handle.memoryBytes * (1 - KEPT_SHARE) / threads);
  }

  /**
   * Opens every photo of a folder and its subfolders; unreadable files, those of formats that are not taken, and results of `enhance` beside their photos are listed in
   * `skipped`.
   * @throws {UserError} where the folder holds no readable photo or lacks a wanted file.
   */
  static async open(dir: string, options: PhotoPoolOptions = {}): Promise<PhotoPool> {
    const { memoryBytes = DEFAULT_MEMORY, onProgress } = options;
    const { names, skipped: leftOut } = await photoNames(dir, options.files);
    const skipped = [...leftOut];
    const slots: (PhotoInfo | undefined)[] = Array(names.length).fill(undefined);
    const bytesOf: number[] = Array(names.length).fill(0);
    const buffers: (SharedArrayBuffer | undefined)[] = Array(names.length).fill(undefined);
    let room = memoryBytes * KEPT_SHARE;
    let next = 0;
    let done = 0;
    const decodeSome = async () => {
      while (next < names.length) {
        const slot = next++;
        const path = `${dir}/${names[slot]}`;
        try {
          const { width, height, grey } = await photoFacts(path);
          const info = { name: names[slot], ...(grey && { grey }) };
          bytesOf[slot] = (await Deno.stat(path)).size;
          const bytes = width * height * 3;
          if (bytes <= room) {
            room -= bytes;
            const image = await decodeRgb(path).catch((error) => {
              room += bytes;
              throw error;
            });
            buffers[slot] = shared(image);
            slots[slot] = { ...info, width: image.width, height: image.height };
          } else {
            slots[slot] = { ...info, width, height };
          }
        } catch (error) {
          skipped.push({ name: names[slot], reason: reasonOf(error) });
        }
        onProgress?.(++done, names.length);
      }
    };
    await Promise.all(Array.from({ length: DECODERS }, decodeSome));

    const good = names.map((_, slot) => slot).filter((slot) => slots[slot] !== undefined);
    if (good.length === 0) {
      const unread = skipped.filter(({ reason }) => reason !== EARLIER_RESULT);
      const why = unread.length > 0 ? `; ${unread.length} could not be read: ${unread[0].reason}` : "";
      throw new UserError(`There is no photo to use in '${dir}'${why}`);
    }
    skipped.sort((a, b) => (a.name < b.name ? -1 : 1));
    const photos = good.map((slot) => slots[slot]!);
    return new PhotoPool(
      { kind: "pool", dir, photos, kept: good.map((slot) => buffers[slot]), memoryBytes },
      skipped,
      { stamp: good.map((slot) => bytesOf[slot]).join() },
    );
  }

  /** The same pool in one of so many other threads, which share the memory for photos decoded on demand. */
  static fromHandle(handle: PhotoPoolHandle, threads = 1): PhotoPool {
    return new PhotoPool(handle, [], { threads });
  }

  handle(): PhotoPoolHandle {
    return this.#handle;
  }

  async load(index: number): Promise<PhotoPixels> {
    const kept = this.#handle.kept[index];
    if (kept) return { high: new Uint8Array(kept) };
    const { name, width, height } = this.photos[index];
    const high = await this.#recent.get(index, async () => {
      const image = await decodeRgb(`${this.#handle.dir}/${name}`);
      if (image.width !== width || image.height !== height) {
        throw new UserError(`The photo '${name}' changed since the folder was opened: start again`);
      }
      return image.rgb;
    });
    return { high };
  }
}

/**
 * Names of the photos that a pool of this folder tries to open, and what it leaves out where the whole folder is wanted.
 * @throws {UserError} where the folder holds no photo or lacks a wanted file.
 */
export async function photoNames(dir: string, files?: readonly string[]): Promise<FolderPhotos> {
  // One that is named is wanted.
  const { names: present, skipped } = await listPhotos(dir, { withoutResults: files === undefined });
  if (present.length === 0) {
    throw new UserError(
      `There is no photo to use in '${dir}'${onlyForeign(skipped.map(({ name }) => name))}`,
    );
  }
  if (!files) {
    await refuseDatasets(dir, present, "or name the photos to use with --only");
    return { names: present, skipped };
  }
  const known = new Set(present);
  const missing = files.find((name) => !known.has(name));
  if (missing !== undefined) {
    throw new UserError(`The folder '${dir}' has no photo '${missing}', which the list asks for`);
  }
  const wanted = new Set(files);
  return { names: present.filter((name) => wanted.has(name)), skipped: [] };
}

function shared({ rgb }: RgbImage): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(rgb.length);
  new Uint8Array(buffer).set(rgb);
  return buffer;
}

/** Least recently used pixels give way when the bound is reached; one photo is always held, however large. */
class RecentPixels {
  readonly #held = new Map<number, { pixels: Promise<Uint8Array>; bytes: number }>();
  #bytes = 0;
  constructor(readonly bound: number) {}

  get(index: number, decode: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#held.get(index);
    if (found) {
      this.#held.delete(index);
      this.#held.set(index, found);
      return found.pixels;
    }
    const entry = { pixels: decode(), bytes: 0 };
    this.#held.set(index, entry);
    entry.pixels.then((pixels) => {
      if (this.#held.get(index) !== entry) return;
      this.#bytes += entry.bytes = pixels.length;
      for (const [oldest, { bytes }] of this.#held) {
        if (this.#bytes <= this.bound || this.#held.size === 1) break;
        this.#held.delete(oldest);
        this.#bytes -= bytes;
      }
    }, () => this.#held.delete(index));
    return entry.pixels;
  }
}
