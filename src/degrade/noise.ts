/** Noise on interleaved RGB floats of the range 0..255. */
import type { Random } from "../base/random.ts";
import { gaussianBlur, gaussianTaps } from "./blur.ts";
import { meanOfNeighbours } from "./holes.ts";

const QUANTILES = 65536;
let quantileTable: Float32Array | undefined;

/**
 * The standard normal's quantiles at (i + ½)/65536, scaled to unit variance. Sixteen random bits then give a sample many
 * times faster than Box and Muller's method; its grid is far finer than the 8 bits that a degraded photo is rounded to.
 */
function normalQuantiles(): Float32Array {
  if (quantileTable) return quantileTable;
  const table = new Float32Array(QUANTILES);
  let squares = 0;
  for (let i = 0; i < QUANTILES / 2; i++) {
    const z = inverseNormal((i + 0.5) / QUANTILES);
    squares += 2 * z * z;
    table[i] = z;
  }
  const scale = Math.sqrt(QUANTILES / squares);
  for (let i = 0; i < QUANTILES / 2; i++) {
    table[i] *= scale;
    table[QUANTILES - 1 - i] = -table[i];
  }
  return quantileTable = table;
}

/** Inverse of the normal distribution function for 0 < p ≤ ½ (Acklam's rational approximation, relative error 1.2e-9). */
function inverseNormal(p: number): number {
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q -
              2.549732539343734) * q +
          4.374664141464968) * q + 2.938163982698783) /
      ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) *
          q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r +
            1.38357751867269e2) * r -
        3.066479806614716e1) * r + 2.506628277459239) *
    q /
    (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r +
              6.680131188771972e1) * r -
          1.328068155288572e1) * r + 1);
}

/** Adds independent gaussian noise to every sample. `sigma` is in the samples' units. */
export function addGaussianNoise(values: Float32Array, sigma: number, random: Random): void {
  if (sigma === 0) return;
  const table = normalQuantiles();
  for (let i = 0; i < values.length; i += 2) {
    const bits = random.uint32();
    values[i] += sigma * table[bits & 0xffff];
    if (i + 1 < values.length) values[i + 1] += sigma * table[bits >>> 16];
  }
}

/**
 * Adds gaussian noise that is the same in all three channels of a pixel: what a camera leaves that smooths colours more than brightness, and film.
 * `sigma` is in the samples' units.
 */
export function addGreyNoise(values: Float32Array, sigma: number, random: Random): void {
  const grey = new Float32Array(values.length / 3);
  addGaussianNoise(grey, sigma, random);
  for (let i = 0; i < values.length; i++) values[i] += grey[Math.floor(i / 3)];
}

/** How far the blur that makes grain coarse reaches at most, pixels. */
export const GRAIN_REACH = 4;

/**
 * Adds gaussian noise that is blurred first, by a sigma drawn from 0.4 to 1.2 pixels, and scaled back to `sigma`: the noise of a camera's JPEG,
 * which demosaicing and the camera's own filters have made coarser than single pixels. A share of its variance,
 * drawn from none to all, is the same in all three channels, grey grain or coloured: any two of them correlate by that share.
 */
export function addGrain(
  values: Float32Array,
  width: number,
  height: number,
  sigma: number,
  random: Random,
): void {
  if (sigma === 0) return;
  const coarseness = random.between(0.4, 1.2);
  const common = random.uniform();
  const noise = new Float32Array(values.length);
  const grey = new Float32Array(width * height);
  addGaussianNoise(noise, 1, random);
  addGaussianNoise(grey, 1, random);
  for (let i = 0; i < noise.length; i++) {
    // Mixed so that each channel keeps its variance of 1.
    noise[i] = Math.sqrt(common) * grey[Math.floor(i / 3)] + Math.sqrt(1 - common) * noise[i];
  }
  gaussianBlur(noise, width, height, coarseness);
  const taps = gaussianTaps(coarseness);
  // A blur along both axes leaves (Σ tap²)² of the variance.
  const left = taps.reduce((sum, tap, i) => sum + (i === 0 ? 1 : 2) * tap * tap, 0);
  for (let i = 0; i < values.length; i++) values[i] += sigma / left * noise[i];
}

/**
 * Turns each pixel with the probability `share` black or white, either equally likely.
 * @param together how many values share a draw: 3, all channels of a pixel; or 1, every channel by itself, which is what MATLAB's imnoise and
 *   scikit-image's random_noise do to a colour photo.
 */
export function addSaltAndPepper(values: Float32Array, share: number, random: Random, together: 1 | 3): void {
  const limit = share * 2 ** 32;
  const half = limit / 2;
  for (let i = 0; i < values.length; i += together) {
    const draw = random.uint32();
    if (draw < limit) values.fill(draw < half ? 0 : 255, i, i + together);
  }
}

/** How far a filled pixel's neighbours mostly lie, pixels: with nine tenths of all pixels lost, one of 5,000 looks farther. */
export const FILLED_REACH = 4;

/**
 * Replaces each pixel with the probability `share` by what its neighbours say it was: what a filter, or a network, has left where impulses were.
 * Each is the mean of those that were not replaced, weighted by distance^−6 ({@link meanOfNeighbours}).
 */
export function fillFromNeighbours(
  values: Float32Array,
  width: number,
  height: number,
  share: number,
  random: Random,
): void {
  const holes = new Uint8Array(width * height);
  for (let i = 0; i < holes.length; i++) holes[i] = random.uint32() < share * 2 ** 32 ? 1 : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!holes[y * width + x]) continue;
      const mean = meanOfNeighbours(values, holes, width, height, x, y);
      if (mean) values.set(mean, (y * width + x) * 3);
    }
  }
}
