/** Gaussian blur of interleaved RGB floats. */

/**
 * Taps 0..r of a gaussian with this sigma in pixels, cut at r = ⌈3·sigma⌉ and scaled so that the whole symmetric kernel
 * sums to 1. A sigma of 0 gives the single tap 1.
 */
export function gaussianTaps(sigma: number): Float64Array {
  const radius = Math.ceil(3 * sigma);
  const taps = new Float64Array(radius + 1);
  let sum = 0;
  for (let i = 0; i <= radius; i++) {
    taps[i] = i === 0 ? 1 : Math.exp(-(i * i) / (2 * sigma * sigma));
    sum += i === 0 ? taps[i] : 2 * taps[i];
  }
  return taps.map((tap) => tap / sum);
}

/**
 * Blurs with a separable gaussian, pixels past an edge taken equal to the edge's.
 * @param values height·width·3 samples of any range, changed in place.
 * @param sigma in pixels, 0 or more.
 */
export function gaussianBlur(values: Float32Array, width: number, height: number, sigma: number): void {
  const taps = gaussianTaps(sigma);
  const radius = taps.length - 1;
  if (radius === 0) return;
  const stride = width * 3;

  const row = new Float32Array(stride + radius * 6);
  for (let y = 0; y < height; y++) {
    const start = y * stride;
    const last = start + stride - 3;
    row.set(values.subarray(start, start + stride), radius * 3);
    for (let i = 0; i < radius * 3; i++) {
      row[i] = values[start + i % 3];
      row[radius * 3 + stride + i] = values[last + i % 3];
    }
    for (let i = 0; i < stride; i++) {
      const centre = i + radius * 3;
      let sum = taps[0] * row[centre];
      for (let k = 1; k <= radius; k++) sum += taps[k] * (row[centre - 3 * k] + row[centre + 3 * k]);
      values[start + i] = sum;
    }
  }

  // Column by column in row order: each output row is a weighted sum of whole rows, which streams through memory.
  const source = values.slice();
  for (let y = 0; y < height; y++) {
    const start = y * stride;
    for (let i = 0; i < stride; i++) values[start + i] = taps[0] * source[start + i];
    for (let k = 1; k <= radius; k++) {
      const above = Math.max(y - k, 0) * stride;
      const below = Math.min(y + k, height - 1) * stride;
      const tap = taps[k];
      for (let i = 0; i < stride; i++) values[start + i] += tap * (source[above + i] + source[below + i]);
    }
  }
}
