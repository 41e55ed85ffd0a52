/** Adam and AdamW, float64. */

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Added to √v̂, outside the root. */
  readonly epsilon: number;
  /** Decoupled decay λ; 0 is plain Adam. */
  readonly weightDecay: number;
}

/** Running means of a parameter's gradient and of its square; zeros before the first step. */
export interface AdamState {
  readonly m: Float64Array;
  readonly v: Float64Array;
}

export function adamState(size: number): AdamState {
  return { m: new Float64Array(size), v: new Float64Array(size) };
}

/**
 * Changes `parameter` and `state` in place. t = `step`, counted from 1:
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ),
 * θ ← θ − lr·(m̂/(√v̂ + ε) + λθ).
 * Source: Kingma & Ba 2015 (Adam, algorithm 1); Loshchilov & Hutter 2019 (AdamW: λ beside the step, not in g; scaled by lr
 * as every framework does).
 */
export function adamStep(
  parameter: Float64Array,
  gradient: ArrayLike<number>,
  { m, v }: AdamState,
  step: number,
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamOptions,
): void {
  for (let i = 0; i < parameter.length; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
    v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2;
    const mHat = m[i] / (1 - beta1 ** step);
    const vHat = v[i] / (1 - beta2 ** step);
    parameter[i] -= learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + weightDecay * parameter[i]);
  }
}
