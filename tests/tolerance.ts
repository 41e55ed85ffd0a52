/** How far a float32 result may lie from the exact one. */
import type { ConvRole, SettledVariant } from "../src/ops/conv2d_variant.ts";

/** Distance of 1 to the next float32: twice the largest relative rounding error. */
const FLOAT32_EPSILON = 2 ** -23;

/**
 * Largest error allowed, relative to the largest value of the tensor, for float32 sums of `terms` products in any order:
 * ε·(4 + √terms). Rounding errors of a sum walk at random, so they grow with the root of its length; 4 covers the
 * roundings of the inputs' products, the bias and the activation. For 3×3×64 terms that is 3.3e-6.
 */
export function sumTolerance(terms: number): number {
  return FLOAT32_EPSILON * (4 + Math.sqrt(terms));
}

/** The same against another float32 result, which has an error of its own. */
export function sumToleranceBetween(terms: number): number {
  return 2 * sumTolerance(terms);
}

/** Half of the distance of 1 to the next float16: its unit roundoff, the largest relative error of rounding to it. */
export const FLOAT16_ROUNDOFF = 2 ** -11;

/**
 * Largest error allowed, relative to the largest value of the tensor, of a result that is stored as float16 after float32 sums of `terms`
 * products of float16 inputs. `stored` counts how often what makes up a result was rounded to float16 on the way, the last time
 * included; errors of independent roundings add up as their squares do.
 */
export function halfTolerance(terms: number, stored = 1): number {
  return FLOAT16_ROUNDOFF * Math.sqrt(stored) + sumTolerance(terms);
}

/** Rows of the three matrices of F(2×2, 3×3) and F(4×4, 3×3) (Lavin & Gray, 2015): Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A. */
const WINOGRAD = {
  2: {
    B: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    G: [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
    A: [[1, 1, 1, 0], [0, 1, -1, -1]],
  },
  4: {
    B: [
      [4, 0, -5, 0, 1, 0],
      [0, -4, -4, 1, 1, 0],
      [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0],
      [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ],
    G: [
      [1 / 4, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6],
      [0, 0, 1],
    ],
    A: [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
  },
} as const;

const squared = (row: readonly number[]) => row.reduce((sum, value) => sum + value ** 2, 0);

/**
 * How many times larger rounding errors are in the worst pixel of a Winograd tile than in a direct sum: 1.7 of F(2×2, 3×3), 31 of
 * F(4×4, 3×3). Of independent values of one variance, a transformed one has the square of its row's norm as variance, so the error of a
 * result, which gathers the products i with the weights A, is the root of Σ A² |G|² |B|² to that of a direct sum, √3 in each direction.
 */
export function winogradAmplification(tile: 2 | 4): number {
  const { A, B, G } = WINOGRAD[tile];
  const variances = A.map((row) =>
    row.reduce<number>((sum, value, i) => sum + value ** 2 * squared(G[i]) * squared(B[i]), 0) / 3
  );
  // The root of each direction's factor, times that of the other.
  return Math.max(...variances);
}

/** How much larger the rounding errors of a version of a convolution's kernels are than those of a direct sum, in the role it was settled for. */
export function amplificationOf(variant: SettledVariant, role: ConvRole): number {
  if (role === "weight-gradient") return variant.startsWith("winograd") ? winogradWeightAmplification() : 1;
  return variant === "winograd2"
    ? winogradAmplification(2)
    : variant.startsWith("winograd4")
    ? winogradAmplification(4)
    : 1;
}

/**
 * The same of the worst tap of a weight gradient by F(4×4, 3×3), dg = Gᵀ [(Bᵀ d B) ⊙ (A dY Aᵀ)] G: 24. A tile's share of a tap is a sum of 4 products
 * in each direction; a transformed gradient's variance is the square of its column of Aᵀ.
 */
export function winogradWeightAmplification(): number {
  const { A, B, G } = WINOGRAD[4];
  const column = (i: number) => squared(A.map((row) => row[i]));
  const variances = [0, 1, 2].map((tap) =>
    G.reduce((sum, row, i) => sum + row[tap] ** 2 * squared(B[i]) * column(i), 0) / 4
  );
  return Math.max(...variances);
}
