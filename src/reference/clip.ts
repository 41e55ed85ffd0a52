/** Clipping of all gradients together by their joint norm, float64. */

/** √ of the sum of squares of every element of every gradient. */
export function globalNorm(gradients: Iterable<ArrayLike<number>>): number {
  let sum = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) sum += gradient[i] ** 2;
  }
  return Math.sqrt(sum);
}

/** What every gradient is multiplied by so that their joint norm stays within `maxNorm`: min(1, maxNorm/norm) (Pascanu et al. 2013). */
export function clipScale(norm: number, maxNorm: number): number {
  return norm > maxNorm ? maxNorm / norm : 1;
}
