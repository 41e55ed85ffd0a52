/** Learning-rate schedule: linear warm-up, then a cosine to zero (Loshchilov and Hutter 2017, one cycle). */

export interface Schedule {
  /** Largest learning rate, reached at the end of the warm-up. */
  readonly peak: number;
  /** Steps of warm-up. */
  readonly warmup: number;
  /** Steps of the whole training. */
  readonly steps: number;
}

/** Learning rate of a step, counted from 1; the last step's is just above zero. */
export function learningRate(step: number, { peak, warmup, steps }: Schedule): number {
  if (step <= warmup) return peak * step / warmup;
  const progress = Math.min((step - warmup) / (steps - warmup + 1), 1);
  return peak * 0.5 * (1 + Math.cos(Math.PI * progress));
}
