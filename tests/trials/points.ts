/** Made-up points. */
import { Random } from "../../src/base/random.ts";
import type { Points } from "../../src/trials/nearest.ts";

/** Points from rows of coordinates. */
export function pointsOf(rows: readonly (readonly number[])[]): Points {
  return { values: Float32Array.from(rows.flat()), count: rows.length, dims: rows[0].length };
}

/** Points with coordinates between −1 and 1. */
export function randomPoints(count: number, dims: number, seed: number): Points {
  const random = new Random(seed, count, dims);
  return { values: Float32Array.from({ length: count * dims }, () => random.between(-1, 1)), count, dims };
}

/** One point's coordinates. */
export function pointAt({ values, dims }: Points, index: number): Float32Array {
  return values.slice(index * dims, (index + 1) * dims);
}

export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/** Pearson's correlation coefficient. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let product = 0, squareA = 0, squareB = 0;
  a.forEach((value, i) => {
    product += (value - meanA) * (b[i] - meanB);
    squareA += (value - meanA) ** 2;
    squareB += (b[i] - meanB) ** 2;
  });
  return product / Math.sqrt(squareA * squareB);
}
