/** Photos that a person gave, decoded by the browser and kept in memory: a source of training patches. */
/// <reference lib="dom" />
import { UserError } from "../../src/base/errors.ts";
import type { PhotoInfo, PhotoPixels, PhotoSource } from "../../src/data/photo_source.ts";
import { messageOf } from "./scope.ts";

/** Pixels of all photos together; larger collections are shrunk to fit, which also averages their noise away. */
const MOST_PIXELS = 200e6;
/** A photo's longest side: camera files are sharper at half their size, and small photos decode faster. */
const LONGEST_SIDE = 2048;

export class FilePhotos implements PhotoSource {
  readonly paired = false;
  readonly photos: readonly PhotoInfo[];
  /** A line for each file that could not be read. */
  readonly skipped: readonly string[];
  #pixels: readonly Uint8Array[];

  private constructor(photos: PhotoInfo[], pixels: Uint8Array[], skipped: string[]) {
    this.photos = photos;
    this.#pixels = pixels;
    this.skipped = skipped;
  }

  /** @throws {UserError} where none of the files is a photo that the browser can read. */
  static async open(
    files: readonly File[],
    onProgress: (done: number, total: number) => void,
  ): Promise<FilePhotos> {
    const photos: PhotoInfo[] = [];
    const pixels: Uint8Array[] = [];
    const skipped: string[] = [];
    const side = Math.min(LONGEST_SIDE, Math.floor(Math.sqrt(MOST_PIXELS / Math.max(files.length, 1))));
    for (const [index, file] of files.entries()) {
      const name = file.webkitRelativePath || file.name;
      try {
        const { width, height, rgb } = await decode(file, side);
        photos.push({ name, width, height });
        pixels.push(rgb);
      } catch (error) {
        skipped.push(`${name}: ${messageOf(error)}`);
      }
      onProgress(index + 1, files.length);
    }
    if (photos.length === 0) {
      throw new UserError(
        `None of the ${files.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`,
      );
    }
    return new FilePhotos(photos, pixels, skipped);
  }

  load(index: number): Promise<PhotoPixels> {
    return Promise.resolve({ high: this.#pixels[index] });
  }

  handle(): never {
    throw new Error("Cannot open these photos in another thread");
  }
}

async function decode(
  file: File,
  longest: number,
): Promise<{ width: number; height: number; rgb: Uint8Array }> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((extent) =>
    Math.max(1, Math.round(extent * scale))
  );
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { width, height, rgb };
}
