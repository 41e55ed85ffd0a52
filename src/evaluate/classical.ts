/** Classical filters that a network is held against: sharpening and smoothing (impulses are in impulses.ts). */
import { gaussianBlur } from "../degrade/blur.ts";

/**
 * Unsharp mask: x + amount·(x − gaussian(x, sigma)), clipped and rounded to 8 bits.
 * @param rgb height·width·3 samples; not changed.
 * @param sigma of the gaussian, pixels, above 0.
 * @param amount 0 leaves the picture as it is.
 */
export function unsharpMask(
  rgb: Uint8Array,
  width: number,
  height: number,
  sigma: number,
  amount: number,
): Uint8Array {
  const smooth = Float32Array.from(rgb);
  gaussianBlur(smooth, width, height, sigma);
  const result = new Uint8ClampedArray(rgb.length);
  for (let i = 0; i < rgb.length; i++) result[i] = rgb[i] + amount * (rgb[i] - smooth[i]);
  return new Uint8Array(result.buffer);
}

/**
 * Standard deviation of the gaussian noise in a picture, in units of 1/255: the median of the absolute diagonal differences
 * (a − b − c + d)/2 of 2×2 blocks, over 0.6745 (Donoho and Johnstone 1994, on the finest Haar band). Texture adds to it.
 */
export function estimateNoise(rgb: Uint8Array, width: number, height: number): number {
  const histogram = new Uint32Array(511);
  let count = 0;
  for (let y = 0; y + 1 < height; y += 2) {
    for (let x = 0; x + 1 < width; x += 2) {
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * width + x) * 3 + channel;
        const below = at + width * 3;
        histogram[Math.abs(rgb[at] - rgb[at + 3] - rgb[below] + rgb[below + 3])]++;
        count++;
      }
    }
  }
  if (count === 0) return 0;
  let seen = 0;
  let value = -1;
  while (seen * 2 < count) seen += histogram[++value];
  // Differences are whole numbers: the median lies within the bin ±½, in proportion to how many of it are below.
  const inside = (count / 2 - (seen - histogram[value])) / histogram[value];
  const median = value === 0 ? inside / 2 : value - 0.5 + inside;
  return median / 2 / 0.6745;
}

/**
 * Bilateral filter (Tomasi and Manduchi 1998): mean of the neighbours weighted by a gaussian of their distance and one of their
 * difference in colour (Euclidean over RGB, per channel on average).
 * @param rgb height·width·3 samples; not changed.
 * @param range sigma of the difference, units of 1/255; twice the noise's sigma is usual.
 * @param spatial sigma of the distance, pixels; the window reaches to ⌈2·spatial⌉.
 */
export function bilateral(
  rgb: Uint8Array,
  width: number,
  height: number,
  range: number,
  spatial = 2,
): Uint8Array {
  if (range === 0) return rgb.slice();
  const radius = Math.ceil(2 * spatial);
  const near = Float64Array.from({ length: radius + 1 }, (_, d) => Math.exp(-(d * d) / (2 * spatial ** 2)));
  const alike = Float64Array.from(
    { length: 3 * 255 ** 2 + 1 },
    (_, square) => Math.exp(-square / 3 / (2 * range ** 2)),
  );
  const result = new Uint8ClampedArray(rgb.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      let r = 0, g = 0, b = 0, total = 0;
      for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
        const weightOfRow = near[Math.abs(row - y)];
        for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++) {
          const from = (row * width + column) * 3;
          const square = (rgb[from] - rgb[at]) ** 2 + (rgb[from + 1] - rgb[at + 1]) ** 2 +
            (rgb[from + 2] - rgb[at + 2]) ** 2;
          const weight = weightOfRow * near[Math.abs(column - x)] * alike[square];
          r += weight * rgb[from];
          g += weight * rgb[from + 1];
          b += weight * rgb[from + 2];
          total += weight;
        }
      }
      result[at] = r / total;
      result[at + 1] = g / total;
      result[at + 2] = b / total;
    }
  }
  return new Uint8Array(result.buffer);
}
