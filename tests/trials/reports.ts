/** Made-up outcomes of trials, to see what is said and drawn of them. */
import type { PhotoResult, Scores } from "../../src/evaluate/evaluate.ts";
import {
  type MethodResult,
  summaryOf,
  type TrialResult,
  type TrialsReport,
} from "../../src/trials/results.ts";

/** Scores of a PSNR; SSIM and shift are made to go with it unless given. */
export function scores(psnr: number, more: Partial<Scores> = {}): Scores {
  const mse = psnr === Infinity ? 0 : 255 ** 2 / 10 ** (psnr / 10);
  return { mse, psnr, psnrY: psnr, ssim: Math.min(1, psnr / 50), channelShift: [0, 0, 0], shift: 0, ...more };
}

export interface MadeUpTrial {
  /** PSNR of the low side and of the methods: U-Net, Isomap, PCA + neighbours, neighbours, neighbours by the original. */
  readonly low: number;
  readonly network: number;
  readonly patches?: readonly [number, number, number, number];
  readonly shift?: readonly [number, number, number];
  readonly ssim?: readonly [number, number];
  readonly seconds?: readonly [number, number];
  readonly kept?: number;
}

const NAMES = ["U-Net", "Isomap", "PCA + neighbours", "neighbours"];

function trialOf(made: MadeUpTrial, number: number): TrialResult {
  const { low, network, patches, shift = [0, 0, 0], ssim, seconds = [2, 20], kept = 0.5 } = made;
  const figures = [network, ...(patches ?? []).slice(0, 3)];
  // Three photos around the mean that is asked for.
  const photos: PhotoResult[] = [-1, 0, 1].map((off) => ({
    name: `photo <${off + 2}>.jpg`,
    width: 8,
    height: 6,
    damage: "blur:1.5",
    degraded: scores(low + off, ssim ? { ssim: ssim[0] } : {}),
    restored: figures.map((psnr, i) =>
      scores(psnr + off, i === 0 ? { channelShift: [...shift], ...(ssim ? { ssim: ssim[1] } : {}) } : {})
    ),
  }));
  const methods = figures.map((_, i): MethodResult => ({
    name: NAMES[i],
    summary: summaryOf(photos, photos.map(({ restored }) => restored[i])),
    cost: { prepareSeconds: 10 + i, secondsPerMegapixel: seconds[Math.min(i, 1)], macsPerPixel: 20_000 + i },
  }));
  return {
    number,
    title: `title ${number} & more`,
    recipe: number === 1 ? "none" : "blur:1-2",
    residual: number === 4,
    steps: 100 * number,
    history: [10, 20, 30].map((step) => ({
      step,
      loss: 1 / step,
      learningRate: 1e-3,
      gradientNorm: 1,
      psnr: step === 20 ? undefined : 20 + step / 10,
    })),
    low: summaryOf(photos, photos.map(({ degraded }) => degraded)),
    methods,
    ...(patches
      ? {
        informed: summaryOf(photos, photos.map((_, i) => scores(patches[3] + i - 1))),
        isomap: { connected: 1, kept },
      }
      : {}),
    photos,
  };
}

/** A report of four trials. `transfer[n][d]`: the network of trial n on the damage of trial d; from the trials' own figures if left out. */
export function reportOf(
  trials: readonly [MadeUpTrial, MadeUpTrial, MadeUpTrial, MadeUpTrial],
  transfer?: readonly (readonly number[])[],
): TrialsReport {
  return {
    version: 1,
    created: "2020-02-02T02:02:02.000Z",
    ...{ data: "holiday <photos>", seed: 1, preset: "cpu", adapter: "an adapter", device: "a device" },
    network: { widths: [16, 32], parameters: 12345 },
    ...{ batch: 4, patch: 64, testSize: 160, patches: 1500, patchSize: 8, paired: false },
    split: { train: ["a", "b"], validation: ["c"], test: ["d", "e", "f"] },
    trials: trials.map((made, i) => trialOf(made, i + 1)),
    transfer: transfer ??
      trials.map((_, n) => trials.map(({ low, network }, d) => n === d ? network : low - 1)),
    failures: [],
  };
}
