/** Small trainers for tests, and what they are trained on. */
import { normalValues } from "../cases/inputs.ts";
import { unetTopology } from "../../src/nn/topology.ts";

export const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
export const OPTIONS = { topology, batch: 2, patch: 16, loss: "mse" } as const;
export const ADAM = { learningRate: 3e-3, beta1: 0.9, beta2: 0.99, maxNorm: 1, ema: 0.9 };

/** Smooth pictures as targets, and the same with noise as inputs: [count, size, size, 3]. */
export function noisyPatches(seed: number, count = 2, size = 16, sigma = 0.1) {
  const target = Float32Array.from({ length: count * size * size * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    return 0.5 + 0.3 * Math.sin(seed + c + x / 4) * Math.cos(seed + y / 5);
  });
  const noise = normalValues(target.length, seed, sigma);
  return { target, input: target.map((value, i) => value + noise[i]) };
}

/** As the paper counts it: the mean of the patches' decibels, each at most 60, of outputs clipped to 0..1. */
export function meanPsnr(output: Float32Array, target: Float32Array, count: number): number {
  const length = target.length / count;
  let sum = 0;
  for (let patch = 0; patch < count; patch++) {
    let squares = 0;
    for (let i = patch * length; i < (patch + 1) * length; i++) {
      squares += (Math.min(Math.max(output[i], 0), 1) - target[i]) ** 2;
    }
    sum += Math.min(10 * Math.log10(length / squares), 60);
  }
  return sum / count;
}
