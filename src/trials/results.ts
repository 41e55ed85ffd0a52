/** What the trials found: all that the report shows and `trials.json` holds. */
import { isHarmed, type PhotoResult, type Scores } from "../evaluate/evaluate.ts";
import type { HistoryRow } from "../train/history.ts";

/** Mean and standard deviation (over n) of a figure over the photos. Infinity and 0 where every photo has it infinite. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** Scores of one picture kind over the test photos. */
export interface Summary {
  /** dB; photos that the damage left untouched are left out unless all are such. */
  readonly psnr: Spread;
  readonly mse: Spread;
  readonly ssim: Spread;
  /** Mean signed change of R, G and B, units of 1/255. */
  readonly channelShift: readonly [number, number, number];
}

/** What a way to restore costs. */
export interface Cost {
  /** Once: training, or drawing patches and embedding them; seconds as measured. */
  readonly prepareSeconds: number;
  /** Multiply-adds of the training steps; undefined where preparing is not training. */
  readonly trainingMacs?: number;
  /** Per picture: seconds a megapixel as measured, and multiply-adds a pixel by count (at most so many for neighbour searches). */
  readonly secondsPerMegapixel: number;
  readonly macsPerPixel: number;
}

export interface MethodResult {
  readonly name: string;
  readonly summary: Summary;
  readonly cost: Cost;
}

export interface TrialResult {
  readonly number: number;
  readonly title: string;
  /** The added damage, spelled out. */
  readonly recipe: string;
  readonly residual: boolean;
  readonly steps: number;
  readonly history: readonly HistoryRow[];
  /** The degraded pictures against the originals. */
  readonly low: Summary;
  /** The U-Net first, then the methods by patches. */
  readonly methods: readonly MethodResult[];
  /** The best that blends of the remembered patches allow: neighbours chosen by looking at the original. Undefined without patch methods. */
  readonly informed?: Summary;
  /** Of Isomap's embedding: shares of the patches it connects, and of each patch's neighbours it keeps. */
  readonly isomap?: { readonly connected: number; readonly kept: number };
  /** `restored` in the order of `methods`. */
  readonly photos: readonly PhotoResult[];
}

export interface TrialsReport {
  readonly version: 1;
  /** ISO 8601. */
  readonly created: string;
  readonly data: string;
  readonly seed: number;
  readonly preset: string;
  /** What it was trained on, and what restored the test photos. */
  readonly adapter: string;
  readonly device: string;
  readonly network: { readonly widths: readonly number[]; readonly parameters: number };
  readonly batch: number;
  readonly patch: number;
  readonly testSize: number;
  /** Remembered patches and their side; 0 without patch methods. */
  readonly patches: number;
  readonly patchSize: number;
  /** True where the source brought degraded pictures of its own. */
  readonly paired: boolean;
  /** Names of the photos. */
  readonly split: {
    readonly train: readonly string[];
    readonly validation: readonly string[];
    readonly test: readonly string[];
  };
  readonly trials: readonly TrialResult[];
  /** `transfer[n][d]`: mean PSNR of the network of trial n+1 on the damage of trial d+1, dB. */
  readonly transfer: readonly (readonly number[])[];
  /** Test photos that could not be used, and why. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

/** Mean and standard deviation; infinite values are left out unless there are no others. */
export function spreadOf(values: readonly number[]): Spread {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { mean: values[0] ?? NaN, deviation: 0 };
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const variance = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / finite.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Scores of the photos' pictures of one kind, in the photos' order, taken together. */
export function summaryOf(photos: readonly PhotoResult[], scores: readonly Scores[]): Summary {
  const harmed = scores.filter((_, i) => isHarmed(photos[i]));
  const channel = (number: 0 | 1 | 2) =>
    scores.reduce((sum, { channelShift }) => sum + channelShift[number], 0) / scores.length;
  return {
    psnr: spreadOf((harmed.length > 0 ? harmed : scores).map(({ psnr }) => psnr)),
    mse: spreadOf(scores.map(({ mse }) => mse)),
    ssim: spreadOf(scores.map(({ ssim }) => ssim)),
    channelShift: [channel(0), channel(1), channel(2)],
  };
}

/** As JSON; infinite figures, which JSON has not, become strings. */
export function formatTrialsJson(report: TrialsReport): string {
  return JSON.stringify(
    report,
    (_, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    2,
  ) + "\n";
}
