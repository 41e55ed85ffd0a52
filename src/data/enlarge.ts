/** Brings a low side that is smaller to its high side's size. */
import { UserError } from "../base/errors.ts";
import type { RgbImage } from "./decode.ts";
import { resampleBicubic } from "../image/resample.ts";

/**
 * Enlarges a picture bicubically with pixel centres aligned, and rounds to 8 bits. One of the wanted size is given back as it is.
 * @param name the picture's, for the error.
 * @throws {UserError} where it is larger than that, or of another shape than a reduced picture could be.
 */
export function enlargeTo(name: string, picture: RgbImage, width: number, height: number): RgbImage {
  if (picture.width === width && picture.height === height) return picture;
  if (!isReduced(picture, width, height)) {
    throw new UserError(
      `The low side '${name}' has ${picture.width}×${picture.height} pixels, which is no reduced ${width}×${height}`,
    );
  }
  const values = resampleBicubic(
    Float32Array.from(picture.rgb),
    picture.width,
    picture.height,
    width,
    height,
  );
  return { width, height, rgb: new Uint8Array(Uint8ClampedArray.from(values).buffer) };
}

/** True where one factor above 1 gives both sides, each rounded up or down by less than a pixel. */
function isReduced(small: { width: number; height: number }, width: number, height: number): boolean {
  if (small.width > width || small.height > height) return false;
  const [least, most] = [[width, small.width], [height, small.height]].map(([large, little]) => [
    large / (little + 1),
    little > 1 ? large / (little - 1) : Infinity,
  ]).reduce(([low, high], [a, b]) => [Math.max(low, a), Math.min(high, b)]);
  return least < most && most > 1;
}
