/** Plain bicubic enlargement: what a network that enlarges is blended with and compared to, and what enlarges opacity. */
import { resampleBicubic } from "../data/resample.ts";
import { resizedExif } from "../image/exif.ts";
import { type Photo, sampleMax } from "../image/photo.ts";
import { resizedXmp } from "../image/xmp.ts";

/**
 * Enlarges samples by MATLAB's imresize, clipped and rounded to their depth.
 * @param samples height·width·channels of them.
 * @param scale whole factor.
 * @returns scale² as many, of the same type.
 */
export function enlargeSamples<T extends Uint8Array | Uint16Array>(
  samples: T,
  width: number,
  height: number,
  scale: number,
  channels: number,
): T {
  const values = resampleBicubic(samples, width, height, width * scale, height * scale, channels);
  const max = sampleMax(samples);
  const result = samples instanceof Uint16Array
    ? new Uint16Array(values.length)
    : new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = Math.round(Math.min(Math.max(values[i], 0), max));
  return result as T;
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
