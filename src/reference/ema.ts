/** Exponential moving average of the weights, float64. */

/** average ← decay·average + (1 − decay)·parameter, in place. */
export function emaStep(average: Float64Array, parameter: ArrayLike<number>, decay: number): void {
  for (let i = 0; i < average.length; i++) average[i] = decay * average[i] + (1 - decay) * parameter[i];
}
