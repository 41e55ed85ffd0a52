/** Holds restored photos against their originals. */
import { UserError } from "../base/errors.ts";
import { cropReflected } from "../image/crop.ts";
import { enlargeSamples } from "../image/resample.ts";
import { channelShift, mse, psnrOfMse, psnrY, ssim } from "./metrics.ts";
import type { Pair, PairSource } from "./pairs.ts";
import type { Restorer } from "./restorer.ts";

/** How far a picture (or, on average, several) is from its original. */
export interface Scores {
  /** Mean squared error over RGB, units of 1/255 squared. */
  readonly mse: number;
  /** dB over RGB; Infinity for equal pictures. */
  readonly psnr: number;
  /** dB over luma (see {@link psnrY}), as tables of super-resolution and JPEG give it. */
  readonly psnrY: number;
  /** Structural similarity of luma, 1 for equal pictures. */
  readonly ssim: number;
  /** Mean signed difference of R, G and B, units of 1/255. */
  readonly channelShift: readonly [number, number, number];
  /** Of a mean: how many of the photos that its PSNR could be of are equal to their originals, and left out of it unless all are. Absent where there is none. */
  readonly exact?: number;
  /** The largest of the three by absolute value. The mean over pictures is the mean of these, so that opposite shifts do not cancel. */
  readonly shift: number;
}

/** Scores of one photo (or the mean of all): of the degraded one (where it is smaller, of its bicubic enlargement) and of each restorer's answer, in the restorers' order. */
export interface Comparison {
  readonly degraded: Scores;
  readonly restored: readonly Scores[];
}

/** One photo's outcome. */
export interface PhotoResult extends Comparison {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** The damage drawn for this photo; undefined where the pair came as files. */
  readonly damage?: string;
}

/** A photo left out, and why. */
export interface Failure {
  readonly name: string;
  readonly reason: string;
}

/** All that a report prints. */
export interface Evaluation {
  /** What was evaluated: the folder or folders. */
  readonly data: string;
  /** Recipe spelled out; undefined where the pairs came as files. */
  readonly recipe?: string;
  readonly seed: number;
  /** Names of the restorers. */
  readonly restorers: readonly string[];
  readonly photos: readonly PhotoResult[];
  readonly mean: Comparison;
  readonly failures: readonly Failure[];
  /** Files beside the photos that are photos of formats that are not taken, or results of `enhance`. */
  readonly skipped: readonly Failure[];
}

/** The pixels behind a photo's scores; height·width·3 samples each. */
export interface Pictures extends Pair {
  /** Each restorer's answer, in their order. */
  readonly restored: readonly Uint8Array[];
}

export interface EvaluateOptions {
  readonly restorers: readonly Restorer[];
  /** At most so many photos, the first by name. */
  readonly limit?: number;
  /** Called after each photo, failed ones included. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Receives each photo's pixels, e.g. for an illustrated report; waited for. */
  readonly onPictures?: (result: PhotoResult, pictures: Pictures) => void | Promise<void>;
}

/**
 * Scores of each pair of a source; one is in memory at a time. Where the degraded twins are smaller, restorers that do not enlarge get the
 * bicubic enlargement, and a border as wide as the scale is left out of all scores, as published tables of super-resolution have it.
 * @throws {UserError} where a restorer enlarges by another factor than the twins are smaller.
 */
export async function evaluatePairs(
  source: PairSource,
  options: EvaluateOptions,
): Promise<{ photos: PhotoResult[]; failures: Failure[] }> {
  const photos: PhotoResult[] = [];
  const failures: Failure[] = [];
  const total = Math.min(source.names.length, options.limit ?? Infinity);
  const { scale = 1 } = source;
  requireScale(source, options.restorers);
  for (let index = 0; index < total; index++) {
    const name = source.names[index];
    try {
      const pair = await source.load(index);
      const { width, height, original, damage, grey } = pair;
      const degraded = scale === 1
        ? pair.degraded
        : enlargeSamples(pair.degraded, width / scale, height / scale, scale, 3);
      const restored: Uint8Array[] = [];
      for (const restorer of options.restorers) {
        const answer = restorer.scale === scale
          ? await restorer.restore(pair.degraded, width / scale, height / scale)
          : await restorer.restore(degraded, width, height);
        if (answer.length !== degraded.length) {
          throw new Error(`Restorer ${restorer.name} made ${answer.length} samples of ${degraded.length}`);
        }
        restored.push(answer);
      }
      const shave = scale === 1 ? 0 : scale;
      const inner = { left: shave, top: shave, width: width - 2 * shave, height: height - 2 * shave };
      if (inner.width < 1 || inner.height < 1) {
        throw new UserError(`The photo '${name}' is too small: leave it out`);
      }
      const shaved = (picture: Uint8Array) => shave ? cropReflected(picture, width, height, inner) : picture;
      const goal = shaved(original);
      const scores = (picture: Uint8Array) =>
        scoresOf(shaved(picture), goal, inner.width, inner.height, grey);
      const result = {
        name,
        width,
        height,
        damage,
        degraded: scores(degraded),
        restored: restored.map(scores),
      };
      await options.onPictures?.(result, { ...pair, degraded, restored });
      photos.push(result);
    } catch (error) {
      // Only what is wrong with a photo is its own affair; a bug or a lost device must not pass for a bad file.
      if (!(error instanceof UserError)) throw error;
      failures.push({ name, reason: error.message });
    }
    options.onProgress?.(index + 1, total);
  }
  return { photos, failures };
}

/** @throws {UserError} where a restorer enlarges by another factor than the twins are smaller. */
export function requireScale(
  { scale = 1 }: Pick<PairSource, "scale">,
  restorers: readonly Pick<Restorer, "name" | "scale">[],
): void {
  for (const { name, scale: own = 1 } of restorers) {
    if (own === 1 || own === scale) continue;
    throw new UserError(
      `${name} enlarges ×${own}, but the photos to restore are ${
        scale === 1 ? "of full size" : `${scale} times smaller`
      }; degrade by shrink:${own}`,
      { exitCode: 2 },
    );
  }
}

/**
 * All scores of one picture against its original (height·width·3 samples each).
 * @param grey see {@link psnrY}.
 */
export function scoresOf(
  picture: Uint8Array,
  original: Uint8Array,
  width: number,
  height: number,
  grey = false,
): Scores {
  const error = mse(picture, original);
  const shifts = channelShift(picture, original);
  return {
    mse: error,
    psnr: psnrOfMse(error),
    psnrY: psnrY(picture, original, width, height, 0, grey),
    ssim: ssim(picture, original, width, height),
    channelShift: shifts,
    shift: Math.max(...shifts.map(Math.abs)),
  };
}

/**
 * Mean scores of several photos, at least one. PSNR is the mean of their decibels, as papers have it; photos that the recipe left unharmed
 * (infinite before) are left out of it unless all are such, or a single one would make the mean infinite. So are, of each method's mean, photos that it
 * gave back exact; `exact` counts those.
 */
export function meanOf(photos: readonly Comparison[]): Comparison {
  const harmed = photos.filter(isHarmed);
  const forPsnr = harmed.length > 0 ? harmed : photos;
  const mean = (pick: (photo: Comparison) => Scores): Scores => {
    const of = (value: (score: Scores) => number) =>
      photos.reduce((sum, photo) => sum + value(pick(photo)), 0) / photos.length;
    const decibels = (value: (score: Scores) => number) => {
      const all = forPsnr.map((photo) => value(pick(photo)));
      const finite = all.filter(Number.isFinite);
      return finite.length === 0 ? Infinity : finite.reduce((sum, each) => sum + each, 0) / finite.length;
    };
    const exact = forPsnr.filter((photo) => pick(photo).mse === 0).length;
    const shiftOf = (channel: 0 | 1 | 2) => of((score) => score.channelShift[channel]);
    return {
      mse: of((score) => score.mse),
      psnr: decibels((score) => score.psnr),
      psnrY: decibels((score) => score.psnrY),
      ssim: of((score) => score.ssim),
      channelShift: [shiftOf(0), shiftOf(1), shiftOf(2)],
      shift: of((score) => score.shift),
      ...(exact > 0 && { exact }),
    };
  };
  return {
    degraded: mean((photo) => photo.degraded),
    restored: photos[0].restored.map((_, i) => mean((photo) => photo.restored[i])),
  };
}

/** False where the degraded photo is equal to the original. */
export function isHarmed({ degraded }: Comparison): boolean {
  return degraded.mse > 0;
}
