/** Bicubic resampling of interleaved samples with pixel centres aligned, as MATLAB's imresize does it. */
import { sampleMax } from "./photo.ts";

/** Keys's cubic (1981) with a = −1/2, the one that most tables of super-resolution use. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t <= 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** For each output position: the first input position and the weights of it and its followers. */
interface Contribution {
  readonly positions: Int32Array;
  readonly weights: Float64Array;
  readonly count: number;
}

/** Output centre o sits at (o + ½)·from/to − ½; shrinking widens the kernel, so that it averages (no aliasing). */
function contributions(from: number, to: number): Contribution {
  const ratio = from / to;
  const stretch = Math.max(ratio, 1);
  const count = Math.ceil(4 * stretch) + 1;
  const positions = new Int32Array(to * count);
  const weights = new Float64Array(to * count);
  for (let o = 0; o < to; o++) {
    const centre = (o + 0.5) * ratio - 0.5;
    const first = Math.ceil(centre - 2 * stretch);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = cubic((first + k - centre) / stretch);
      positions[o * count + k] = mirrored(first + k, from);
      weights[o * count + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[o * count + k] /= sum;
  }
  return { positions, weights, count };
}

/** … 1 0 | 0 1 2 … n−1 | n−1 n−2 …: the edge pixel is repeated, as imresize has it. */
function mirrored(position: number, extent: number): number {
  const period = 2 * extent;
  const folded = ((position % period) + period) % period;
  return folded < extent ? folded : period - 1 - folded;
}

/**
 * Resamples height·width·channels samples to newHeight·newWidth·channels (the same filter as MATLAB's imresize: antialiased bicubic).
 * Past an edge lies the mirror image of what is before it. Values are neither clipped nor rounded.
 */
export function resampleBicubic(
  values: Float32Array | Uint8Array | Uint16Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  channels = 3,
): Float32Array {
  const across = contributions(width, newWidth);
  const wide = new Float32Array(height * newWidth * channels);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < newWidth; x++) {
      const to = (y * newWidth + x) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = x * across.count, end = k + across.count; k < end; k++) {
          sum += across.weights[k] * values[(row + across.positions[k]) * channels + c];
        }
        wide[to + c] = sum;
      }
    }
  }
  const down = contributions(height, newHeight);
  const result = new Float32Array(newHeight * newWidth * channels);
  const stride = newWidth * channels;
  for (let y = 0; y < newHeight; y++) {
    for (let k = y * down.count, end = k + down.count; k < end; k++) {
      const from = down.positions[k] * stride;
      const weight = down.weights[k];
      for (let i = 0, to = y * stride; i < stride; i++) result[to + i] += weight * wide[from + i];
    }
  }
  return result;
}

/**
 * Enlarges samples by the same filter, clipped and rounded to their depth.
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
