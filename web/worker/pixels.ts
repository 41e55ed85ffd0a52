/** Between a canvas's RGBA and the photos and patches of the library. */
import type { Photo } from "../../src/image/photo.ts";
import type { Area } from "./protocol.ts";

/** A photo of what a canvas holds. Alpha is left out where all is opaque; grey is what has three equal channels everywhere. */
export function photoOfRgba(rgba: Uint8ClampedArray, width: number, height: number): Photo {
  const rgb = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  let opaque = true;
  let grey = true;
  for (let pixel = 0, from = 0, to = 0; pixel < alpha.length; pixel++, from += 4, to += 3) {
    const [r, g, b, a] = [rgba[from], rgba[from + 1], rgba[from + 2], rgba[from + 3]];
    rgb[to] = r;
    rgb[to + 1] = g;
    rgb[to + 2] = b;
    alpha[pixel] = a;
    opaque &&= a === 255;
    grey &&= r === g && g === b;
  }
  return { width, height, rgb, grey, format: "canvas", ...(opaque ? {} : { alpha }) };
}

/**
 * The pixels of an area of a result, for a canvas.
 * @param rgb the whole result, `width` pixels wide.
 * @param before the photo there, as large as the result, whose opacity is taken over.
 */
export function rgbaOfArea(
  rgb: Uint8Array | Uint16Array,
  width: number,
  { x0, x1, y0, y1 }: Area,
  before: Uint8ClampedArray,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(before.length);
  for (let y = y0, to = 0; y < y1; y++) {
    for (let x = x0; x < x1; x++, to += 4) {
      const from = 3 * (y * width + x);
      rgba[to] = rgb[from];
      rgba[to + 1] = rgb[from + 1];
      rgba[to + 2] = rgb[from + 2];
      rgba[to + 3] = before[to + 3];
    }
  }
  return rgba;
}

/** A patch [size, size, 3] of 0..1 (clipped) for a canvas. */
export function rgbaOfPatch(values: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(values.length / 3 * 4);
  for (let from = 0, to = 0; from < values.length; from += 3, to += 4) {
    for (let c = 0; c < 3; c++) rgba[to + c] = 255 * values[from + c];
    rgba[to + 3] = 255;
  }
  return rgba;
}
