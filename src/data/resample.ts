/** Bicubic resampling of interleaved RGB floats with pixel centres aligned. */

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
      positions[o * count + k] = Math.min(Math.max(first + k, 0), from - 1);
      weights[o * count + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[o * count + k] /= sum;
  }
  return { positions, weights, count };
}

/**
 * Resamples height·width·3 samples to newHeight·newWidth·3 (the same filter as MATLAB's imresize: antialiased bicubic).
 * Pixels past an edge are taken equal to the edge's.
 */
export function resampleBicubic(
  values: Float32Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): Float32Array {
  const across = contributions(width, newWidth);
  const wide = new Float32Array(height * newWidth * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < newWidth; x++) {
      let r = 0, g = 0, b = 0;
      for (let k = x * across.count, end = k + across.count; k < end; k++) {
        const at = (y * width + across.positions[k]) * 3;
        const weight = across.weights[k];
        r += weight * values[at];
        g += weight * values[at + 1];
        b += weight * values[at + 2];
      }
      const to = (y * newWidth + x) * 3;
      wide[to] = r;
      wide[to + 1] = g;
      wide[to + 2] = b;
    }
  }
  const down = contributions(height, newHeight);
  const result = new Float32Array(newHeight * newWidth * 3);
  const stride = newWidth * 3;
  for (let y = 0; y < newHeight; y++) {
    for (let k = y * down.count, end = k + down.count; k < end; k++) {
      const from = down.positions[k] * stride;
      const weight = down.weights[k];
      for (let i = 0, to = y * stride; i < stride; i++) result[to + i] += weight * wide[from + i];
    }
  }
  return result;
}
