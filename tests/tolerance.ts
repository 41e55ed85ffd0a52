/** How far a float32 result may lie from the exact one. */

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
