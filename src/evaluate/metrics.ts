/** How far a picture is from its original. All take interleaved 8-bit RGB of the same size. */

/** Taps and sigma of SSIM's gaussian window (Wang et al. 2004, section III-C). */
const WINDOW = 11;
const WINDOW_SIGMA = 1.5;
/** (K1·L)² and (K2·L)² with K1 = 0.01, K2 = 0.03, L = 255. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Mean of the squared differences over all samples, in units of 1/255 squared. */
export function mse(actual: Uint8Array, original: Uint8Array): number {
  requireSameLength(actual, original);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (actual[i] - original[i]) ** 2;
  return sum / actual.length;
}

/** Peak signal-to-noise ratio over RGB in dB: 10·log10(255² / MSE); Infinity for equal pictures. */
export function psnr(actual: Uint8Array, original: Uint8Array): number {
  return psnrOfMse(mse(actual, original));
}

/** Shares of R, G and B in luma by ITU-R BT.601 within 16..235, as MATLAB's rgb2ycbcr has it. */
const LUMA_SHARES = [65.481 / 255, 128.553 / 255, 24.966 / 255];
const GREY_SHARES = [1 / 3, 1 / 3, 1 / 3];

/**
 * PSNR in dB of luma Y = 16 + 65.481·R + 128.553·G + 24.966·B (R, G, B 0..1), not rounded, against 255: what tables of super-resolution
 * and JPEG give.
 * @param grey compares the grey itself, of the whole range 0..255, as those tables do where the original's file holds a single channel.
 */
export function psnrY(actual: Uint8Array, original: Uint8Array, grey = false): number {
  requireSameLength(actual, original);
  const shares = grey ? GREY_SHARES : LUMA_SHARES;
  let sum = 0;
  for (let i = 0; i < actual.length; i += 3) {
    let difference = 0;
    for (let c = 0; c < 3; c++) difference += shares[c] * (actual[i + c] - original[i + c]);
    sum += difference ** 2;
  }
  return psnrOfMse(sum / (actual.length / 3));
}

/** PSNR in dB of a mean squared error in units of 1/255 squared. */
export function psnrOfMse(error: number): number {
  return 10 * Math.log10(255 ** 2 / error);
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
  if (actual.length !== width * height * 3) {
    throw new RangeError(`Cannot compare: ${actual.length} samples are not ${width}×${height} RGB pixels`);
  }
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

function requireSameLength(actual: Uint8Array, original: Uint8Array): void {
  if (actual.length !== original.length || actual.length === 0) {
    throw new RangeError(`Cannot compare pictures of ${actual.length} and ${original.length} samples`);
  }
}
