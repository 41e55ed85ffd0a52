/** Plain bicubic enlargement: what a network that enlarges is blended with and compared to, and what enlarges opacity. */
import { enlargeSamples, resampleBicubic } from "../image/resample.ts";
import { resizedExif } from "../image/exif.ts";
import type { Photo } from "../image/photo.ts";
import { resizedXmp } from "../image/xmp.ts";
import type { TileArea } from "./tiles.ts";

/** Input pixels on each side of an output pixel that the cubic kernel looks at, and one for rounding. */
const REACH = 3;

/**
 * An area of the enlargement: what {@linkcode enlargeSamples} gives there before clipping and rounding, while the whole is never in memory.
 * @param area in pixels of the enlargement: columns x0 ≤ x < x1, rows y0 ≤ y < y1.
 * @returns (y1−y0)·(x1−x0)·channels samples.
 */
export function enlargeArea(
  samples: Uint8Array | Uint8ClampedArray | Uint16Array,
  width: number,
  height: number,
  scale: number,
  channels: number,
  { x0, x1, y0, y1 }: TileArea,
): Float32Array {
  const [left, top] = [x0, y0].map((edge) => Math.max(Math.floor(edge / scale) - REACH, 0));
  const right = Math.min(Math.ceil(x1 / scale) + REACH, width);
  const bottom = Math.min(Math.ceil(y1 / scale) + REACH, height);
  const [cutWidth, cutHeight] = [right - left, bottom - top];
  const cut = new Float32Array(cutHeight * cutWidth * channels);
  for (let y = 0; y < cutHeight; y++) {
    const from = channels * ((top + y) * width + left);
    cut.set(samples.subarray(from, from + channels * cutWidth), channels * y * cutWidth);
  }
  const larger = scale === 1
    ? cut
    : resampleBicubic(cut, cutWidth, cutHeight, cutWidth * scale, cutHeight * scale, channels);
  const result = new Float32Array((y1 - y0) * (x1 - x0) * channels);
  for (let y = y0; y < y1; y++) {
    const from = channels * ((y - top * scale) * cutWidth * scale + x0 - left * scale);
    result.set(larger.subarray(from, from + channels * (x1 - x0)), channels * (y - y0) * (x1 - x0));
  }
  return result;
}

/** A photo `scale` times as large each way with these samples; opacity is enlarged, and what its EXIF and XMP say of its size follows. */
export function enlargedPhoto(photo: Photo, scale: number, rgb: Uint8Array | Uint16Array): Photo {
  const [width, height] = [photo.width * scale, photo.height * scale];
  return {
    ...photo,
    ...{ width, height, rgb },
    ...(photo.alpha && { alpha: enlargeSamples(photo.alpha, photo.width, photo.height, scale, 1) }),
    ...(photo.exif && { exif: resizedExif(photo.exif, width, height) }),
    ...(photo.xmp && { xmp: resizedXmp(photo.xmp, width, height) }),
  };
}

/** The photo enlarged without any network. */
export function enlargeBicubic(photo: Photo, scale: number): Photo {
  return enlargedPhoto(photo, scale, enlargeSamples(photo.rgb, photo.width, photo.height, scale, 3));
}
