/** Damages a photo as a recipe's steps say. */
import type { Random } from "../base/random.ts";
import { gaussianBlur } from "./blur.ts";
import { addCameraNoise, CAMERA_REACH } from "./camera_noise.ts";
import { type JpegRoundTrip, jpegThroughCanvas } from "./jpeg_canvas.ts";
import {
  addGaussianNoise,
  addGrain,
  addGreyNoise,
  addSaltAndPepper,
  FILLED_REACH,
  fillFromNeighbours,
  GRAIN_REACH,
} from "./noise.ts";
import type { Step } from "./recipe.ts";
import { resampleBicubic } from "../image/resample.ts";

/**
 * Applies concrete steps in order. Steps work on floats; values are clipped and rounded to 8 bits before JPEG and at the
 * end, as no file in between would hold more.
 * @param rgb height·width·3 samples, sRGB-encoded, 0..255; not changed.
 * @param steps what `Recipe.sample` drew.
 * @param random source of the noise; the same state gives the same bytes.
 * @param jpeg what does the `jpeg` steps: a page's own codec by default, `jpegThroughSharp` elsewhere.
 * @returns as many samples, or the factor's square fewer where a step is `shrink`.
 * @throws {UserError} where there is a `jpeg` step and no codec.
 * @throws {RangeError} where a side is no multiple of what `shrink` divides it by.
 */
export async function degrade(
  rgb: Uint8Array,
  width: number,
  height: number,
  steps: readonly Step[],
  random: Random,
  jpeg: JpegRoundTrip = jpegThroughCanvas,
): Promise<Uint8Array> {
  if (rgb.length !== width * height * 3) {
    throw new RangeError(`Cannot degrade: ${rgb.length} samples are not ${width}×${height} RGB pixels`);
  }
  if (steps.length === 0) return rgb.slice();
  let values: Float32Array = Float32Array.from(rgb);
  let [w, h] = [width, height];
  for (const { name, strength } of steps) {
    if (name === "blur") gaussianBlur(values, w, h, strength);
    else if (name === "gaussian") addGaussianNoise(values, strength, random);
    else if (name === "gaussian-grey") addGreyNoise(values, strength, random);
    else if (name === "grain") addGrain(values, w, h, strength, random);
    else if (name === "camera") addCameraNoise(values, w, h, strength, random);
    else if (name === "salt-pepper") addSaltAndPepper(values, strength, random, 3);
    else if (name === "salt-pepper-channels") addSaltAndPepper(values, strength, random, 1);
    else if (name === "filled") fillFromNeighbours(values, w, h, strength, random);
    else if (name === "jpeg") {
      values = Float32Array.from(await jpeg(toBytes(values), w, h, strength));
    } else if (name === "downscale") values = throughSmaller(values, w, h, strength);
    else {
      if (w % strength || h % strength) throw new RangeError(`Cannot shrink ${w}×${h} by ${strength}`);
      values = resampleBicubic(values, w, h, w / strength, h / strength);
      [w, h] = [w / strength, h / strength];
    }
  }
  return toBytes(values);
}

/**
 * How many pixels of the undamaged photo around a patch its damage depends on (a multiple of what the steps shrink it by): cut a patch's surroundings this wide, degrade, then cut the patch,
 * and it looks as if the whole photo had been degraded.
 */
export function degradeMargin(steps: readonly Step[]): number {
  let margin = 0;
  let scale = 1;
  for (const { name, strength } of steps) {
    if (name === "blur") margin += scale * Math.ceil(3 * strength);
    else if (name === "grain") margin += scale * GRAIN_REACH;
    else if (name === "camera") margin += scale * CAMERA_REACH;
    else if (name === "filled") margin += scale * FILLED_REACH;
    else if (name === "jpeg") margin += scale * 16; // one block of subsampled chroma, which also lets the block grid start anywhere
    else if (name === "downscale" && strength > 1) margin += scale * Math.ceil(4 * strength);
    else if (name === "shrink") {
      margin += scale * 2 * strength; // half of the cubic's four taps, each as wide as the factor
      scale *= strength;
    }
  }
  return Math.ceil(margin / scale) * scale;
}

/** Clips to 0..255 and rounds to the nearest whole number (ties to even, as Uint8ClampedArray stores them). */
function toBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(Uint8ClampedArray.from(values).buffer);
}

function throughSmaller(
  values: Float32Array,
  width: number,
  height: number,
  factor: number,
): Float32Array {
  const smallWidth = Math.max(1, Math.round(width / factor));
  const smallHeight = Math.max(1, Math.round(height / factor));
  const small = resampleBicubic(values, width, height, smallWidth, smallHeight);
  return resampleBicubic(small, smallWidth, smallHeight, width, height);
}
