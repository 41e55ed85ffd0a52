/** The `jpeg` step in a browser: through its own codec. */
import { UserError } from "../base/errors.ts";

/** The parts of the canvas interface that are used here; Deno's window types lack them. */
interface Canvas2D {
  putImageData(data: ImageData, x: number, y: number): void;
  drawImage(image: ImageBitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): ImageData;
}
interface Canvas {
  getContext(kind: "2d", options?: { willReadFrequently?: boolean }): Canvas2D | null;
  convertToBlob(options: { type: string; quality: number }): Promise<Blob>;
}

/**
 * Encodes height·width·3 samples (sRGB-encoded, 0..255) as JPEG of a quality of 1..100 and decodes them again. Codecs are not the same
 * everywhere, so callers bring one: `jpegThroughSharp` with native code, `jpegThroughCanvas` in a browser.
 */
export type JpegRoundTrip = (
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
) => Promise<Uint8Array>;

/**
 * Encodes as JPEG and decodes again, on a page or in its worker. Browsers halve the chroma below quality 100, and
 * differ a little from each other.
 * @param rgb height·width·3 samples, sRGB-encoded, 0..255.
 * @param quality 1..100.
 * @throws {UserError} where there is no canvas to draw on.
 */
export async function jpegThroughCanvas(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Promise<Uint8Array> {
  const { OffscreenCanvas } = globalThis as unknown as {
    OffscreenCanvas?: new (width: number, height: number) => Canvas;
  };
  const canvas = OffscreenCanvas && new OffscreenCanvas(width, height);
  // Deno has canvases too, but only for WebGPU.
  const context = canvas?.getContext("2d", { willReadFrequently: true });
  if (!canvas || !context) {
    throw new UserError("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");
  }
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  context.putImageData(new ImageData(rgba, width, height), 0, 0);
  const file = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const result = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < result.length; from += 4, to += 3) {
    result[to] = data[from];
    result[to + 1] = data[from + 1];
    result[to + 2] = data[from + 2];
  }
  return result;
}
