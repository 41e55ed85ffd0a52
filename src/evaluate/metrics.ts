/** How far a picture is from its original. Pictures are interleaved RGB of the same size. */

/** Samples of a picture: 0..255, 0..65535 or, as floats, of whatever range the caller says. */
export type Samples = Uint8Array | Uint16Array | Float32Array | Float64Array;

/** Taps and sigma of SSIM's gaussian window (Wang et al. 2004, section III-C). */
const WINDOW = 11;
const WINDOW_SIGMA = 1.5;
/** (K1·L)² and (K2·L)² with K1 = 0.01, K2 = 0.03, L = 255. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Mean squared error: the mean of the squared differences over all pixels and channels, in the samples' units squared (1/255² for
 * bytes).
 */
export function mse(actual: Samples, original: Samples): number {
  requireSameLength(actual, original);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (actual[i] - original[i]) ** 2;
  return sum / actual.length;
}

/**
 * Peak signal-to-noise ratio over RGB in dB: 10·log10(R² / MSE); Infinity for equal pictures.
 * @param range R, the largest value that a sample can have: 255 for bytes, where it may be left out; 65535 for 16 bits and, mostly, 1 for
 *   floats, where it must be said.
 * @throws {RangeError} where the range is missing, or a whole-number type can hold more than it.
 */
export function psnr(actual: Uint8Array, original: Uint8Array, range?: 255): number;
export function psnr(actual: Samples, original: Samples, range: number): number;
export function psnr(actual: Samples, original: Samples, range?: number): number {
  return psnrOfMse(mse(actual, original), rangeOf([actual, original], range));
}

/** PSNR in dB of a mean squared error whose samples go up to `range`; Infinity for an error of 0. */
export function psnrOfMse(error: number, range = 255): number {
  return 10 * Math.log10(range ** 2 / error);
}

/** R for both pictures, checked: a wrong one shifts every figure, unseen. */
function rangeOf(pictures: readonly Samples[], range: number | undefined): number {
  for (const samples of pictures) {
    const full = samples instanceof Uint8Array ? 255 : samples instanceof Uint16Array ? 65535 : undefined;
    if (range === undefined && full !== 255) {
      throw new RangeError(
        "Cannot compute a PSNR: say the range of the samples, 65535 for 16 bits or 1 for floats",
      );
    }
    if (range !== undefined && (!(range > 0) || (full !== undefined && range !== full))) {
      throw new RangeError(`Cannot compute a PSNR with the range ${range} of samples 0..${full ?? "range"}`);
    }
  }
  return range ?? 255;
}

/** Shares of R, G and B in luma, of 255. */
const LUMA_SHARES = [65.481, 128.553, 24.966];
const GREY_SHARES = [85, 85, 85];

/**
 * PSNR in dB on luma Y alone with R = 255, as tables of super-resolution have it; Infinity for equal pictures.
 * Y is that of ITU-R BT.601 in studio range, 16 + (65.481·R + 128.553·G + 24.966·B)/255 (16..235), not rounded.
 * @param border pixels left out on each side, by custom the factor of the enlargement. 0 by default.
 * @param grey compares the grey itself, of the whole range 0..255, as those tables do where the original's file holds a single channel.
 * @throws {RangeError} where nothing is left within the border.
 */
export function psnrY(
  actual: Uint8Array,
  original: Uint8Array,
  width: number,
  height: number,
  border = 0,
  grey = false,
): number {
  requireSameLength(actual, original);
  requireShape(actual, width, height);
  if (!(border >= 0 && 2 * border < Math.min(width, height))) {
    throw new RangeError(`Cannot leave out ${border} pixels on each side of ${width}×${height}`);
  }
  const shares = grey ? GREY_SHARES : LUMA_SHARES;
  let sum = 0;
  for (let y = border; y < height - border; y++) {
    for (let x = border; x < width - border; x++) {
      const at = (y * width + x) * 3;
      const difference = shares[0] * (actual[at] - original[at]) +
        shares[1] * (actual[at + 1] - original[at + 1]) +
        shares[2] * (actual[at + 2] - original[at + 2]);
      sum += (difference / 255) ** 2;
    }
  }
  return psnrOfMse(sum / ((width - 2 * border) * (height - 2 * border)));
}

/** Mean of the signed differences (actual − original) of R, G and B, in units of 1/255: 0 where no colour is shifted. */
export function channelShift(actual: Uint8Array, original: Uint8Array): [number, number, number] {
  requireSameLength(actual, original);
  const sums: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < actual.length; i++) sums[i % 3] += actual[i] - original[i];
  return sums.map((sum) => sum / (actual.length / 3)) as [number, number, number];
}

/**
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004): mean over every 11×11 gaussian window (sigma 1.5) that lies wholly inside,
 * of luma 0.299·R + 0.587·G + 0.114·B in float64, not rounded and at full resolution. A picture smaller than the window in
 * a direction gets a window of its own extent there.
 * @returns −1..1; 1 for equal pictures.
 */
export function ssim(actual: Uint8Array, original: Uint8Array, width: number, height: number): number {
  requireSameLength(actual, original);
  requireShape(actual, width, height);
  const x = luma(actual);
  const y = luma(original);
  const filter = (values: Float64Array) => gaussianValid(values, width, height);
  const meanX = filter(x);
  const meanY = filter(y);
  const squareX = filter(x.map((value) => value * value));
  const squareY = filter(y.map((value) => value * value));
  const product = filter(x.map((value, i) => value * y[i]));
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const mx = meanX[i];
    const my = meanY[i];
    const covariance = product[i] - mx * my;
    const variances = squareX[i] - mx * mx + squareY[i] - my * my;
    sum += ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (variances + C2));
  }
  return sum / meanX.length;
}

function luma(rgb: Uint8Array): Float64Array {
  const result = new Float64Array(rgb.length / 3);
  for (let i = 0, j = 0; i < result.length; i++, j += 3) {
    result[i] = 0.299 * rgb[j] + 0.587 * rgb[j + 1] + 0.114 * rgb[j + 2];
  }
  return result;
}

/** Gaussian-weighted means of the windows that lie inside, rows first, then columns (the window is separable). */
function gaussianValid(values: Float64Array, width: number, height: number): Float64Array {
  const across = gaussianTaps(Math.min(WINDOW, width));
  const down = gaussianTaps(Math.min(WINDOW, height));
  const outWidth = width - across.length + 1;
  const outHeight = height - down.length + 1;
  const rows = new Float64Array(outWidth * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < outWidth; column++) {
      let sum = 0;
      const start = row * width + column;
      for (let tap = 0; tap < across.length; tap++) sum += across[tap] * values[start + tap];
      rows[row * outWidth + column] = sum;
    }
  }
  const result = new Float64Array(outWidth * outHeight);
  for (let row = 0; row < outHeight; row++) {
    for (let tap = 0; tap < down.length; tap++) {
      const weight = down[tap];
      const from = (row + tap) * outWidth;
      for (let column = 0; column < outWidth; column++) {
        result[row * outWidth + column] += weight * rows[from + column];
      }
    }
  }
  return result;
}

function gaussianTaps(count: number): Float64Array {
  const taps = Float64Array.from({ length: count }, (_, tap) => {
    const distance = tap - (count - 1) / 2;
    return Math.exp(-(distance ** 2) / (2 * WINDOW_SIGMA ** 2));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

function requireShape(rgb: Uint8Array, width: number, height: number): void {
  if (rgb.length !== width * height * 3) {
    throw new RangeError(`Cannot compare: ${rgb.length} samples are not ${width}×${height} RGB pixels`);
  }
}

function requireSameLength(actual: Samples, original: Samples): void {
  if (actual.length !== original.length || actual.length === 0) {
    throw new RangeError(`Cannot compare pictures of ${actual.length} and ${original.length} samples`);
  }
}
