/** What the optimiser is told at each step of a training. */
import type { AdamOptions } from "../ops/adam.ts";
import { learningRate } from "./schedule.ts";

/** What makes steps of gradients: src/ops/adam.ts or src/ops/muon.ts. */
export type Optimiser = "adam" | "muon";
export const OPTIMISERS: readonly Optimiser[] = ["adam", "muon"];

const LARGEST_EMA = 0.999;
const LONGEST_WARMUP = 500;

/** Adam's options at a step, counted from 1: warm-up over a twentieth of the steps, 500 at most, then a cosine to zero. */
export function optimiserAt(
  step: number,
  { peak, steps, decay = 0 }: { peak: number; steps: number; decay?: number },
): AdamOptions {
  const warmup = Math.min(LONGEST_WARMUP, Math.ceil(steps / 20));
  return {
    ...{ beta1: 0.9, beta2: 0.99, maxNorm: 1, step, decay },
    learningRate: learningRate(step, { peak, warmup, steps }),
    ema: averageShare(step),
  };
}

/**
 * Share of the old average that stays at a step: the usual 0.999, less in the first steps, or the average of a short
 * training would hardly leave its start (Abadi et al. 2016, TensorFlow's `num_updates`).
 */
function averageShare(step: number): number {
  return Math.min((1 + step) / (10 + step), LARGEST_EMA);
}
