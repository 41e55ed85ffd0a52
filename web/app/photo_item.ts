/** A photo on the page: its pixels before and after, and how far it is. */
import { jpegQuality } from "../../src/image/jpeg_quality.ts";
import { contextOf, newCanvas, requireCanvas } from "./dom.ts";
import type { Result } from "./result.ts";
import type { ModelSource } from "../worker/protocol.ts";

export type PhotoState = "waiting" | "working" | "done" | "cancelled" | "failed";

export class PhotoItem {
  readonly name: string;
  /** Media type of the source file. */
  readonly type: string;
  readonly before: HTMLCanvasElement;
  /** About which quality of libjpeg, 1..100, a JPEG was saved at. */
  readonly jpegQuality: number | undefined;
  /** Where the result is larger: the photo at its size, enlarged without a network. Filled tile by tile. */
  plain: HTMLCanvasElement | undefined;
  /** Filled tile by tile, empty elsewhere. */
  after: HTMLCanvasElement;
  state: PhotoState = "waiting";
  /** Share of the tiles that are done, 0..1. */
  progress = 0;
  /** What happened, in words. */
  message = "";
  /** Models that make, or made, the result: those that were chosen when its turn came. */
  models: readonly ModelSource[] = [];
  /** The undamaged photo, to measure against. */
  reference: { readonly name: string; readonly canvas: HTMLCanvasElement } | undefined;

  private constructor({ name, type }: File, before: HTMLCanvasElement, quality: number | undefined) {
    this.name = name;
    this.type = type;
    this.jpegQuality = quality;
    this.before = before;
    this.after = newCanvas(before.width, before.height);
  }

  /** @throws {Error} in one line where the browser cannot read the file as a picture. */
  static async open(file: File): Promise<PhotoItem> {
    const quality = file.type === "image/jpeg" ? jpegQuality(await headOf(file)) : undefined;
    return new PhotoItem(file, await decodePhoto(file), quality);
  }

  /** The result as it is now. */
  get result(): Result {
    const { name, type, before, plain, after } = this;
    return { name, type, before, baseline: plain ?? before, after };
  }

  /**
   * An empty result, `scale` times as wide and high as the photo.
   * @throws {Error} in one line where the browser holds no canvas so large; the result is then empty and of the photo's size.
   */
  empty(scale = 1): void {
    const [width, height] = [this.before.width * scale, this.before.height * scale];
    this.plain = undefined;
    this.after = newCanvas(this.before.width, this.before.height);
    if (scale === 1) return;
    const larger = [newCanvas(width, height), newCanvas(width, height)];
    const refusal =
      `The result would have ${width}×${height} pixels, more than this browser holds: choose a smaller size`;
    for (const canvas of larger) requireCanvas(canvas, refusal);
    [this.plain, this.after] = larger;
  }

  /** Takes the result away, to be made anew. */
  reset(): void {
    this.state = "waiting";
    this.progress = 0;
    this.message = "";
    this.empty();
  }

  pixels(): ImageData {
    return contextOf(this.before).getImageData(0, 0, this.before.width, this.before.height);
  }
}

/** What stands before a JPEG's tables, EXIF and profiles, hardly ever fills that. */
const HEAD_BYTES = 1 << 20;

/** Empty where the file cannot be read, which decoding says. */
async function headOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => new ArrayBuffer(0)));
}

/** Upright, converted to sRGB through the embedded profile. */
export async function decodePhoto(file: File): Promise<HTMLCanvasElement> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new Error(`${file.name} is no picture that this browser can read`, { cause: error });
  }
  try {
    const canvas = newCanvas(bitmap.width, bitmap.height);
    requireCanvas(canvas, `${file.name} is too large for this browser`);
    contextOf(canvas).drawImage(bitmap, 0, 0);
    return canvas;
  } finally {
    bitmap.close();
  }
}
