/** Measuring pictures, for an application. */
import { UserError } from "../base/errors.ts";
import { type Comparison, meanOf, type Scores, scoresOf } from "../evaluate/evaluate.ts";
import { psnr as psnrOfRgb, ssim as ssimOfRgb } from "../evaluate/metrics.ts";
import { type Pixels, rgb8 } from "../image/pixels.ts";

/**
 * Peak signal-to-noise ratio over RGB: −10·log₁₀(mean squared error), of samples scaled to 0..1. Alpha does not count.
 *
 * @param actual 8-bit RGB or RGBA.
 * @param original of the same size.
 * @returns dB; more is nearer, Infinity for equal pictures.
 * @throws {UserError} where sizes differ, samples do not fit the size, or have 16 bits.
 *
 * @example
 * ```ts
 * import { psnr } from "@clairnet/clairnet";
 *
 * const picture = (value: number) => ({ width: 4, height: 4, data: new Uint8Array(48).fill(value) });
 * console.log(psnr(picture(100), picture(110)).toFixed(2)); // 28.13
 * ```
 */
export function psnr(actual: Pixels, original: Pixels): number {
  const [a, b] = sameSize(actual, original);
  return psnrOfRgb(a, b);
}

/**
 * Structural similarity of luma (Wang et al. 2004: gaussian window of 11×11, sigma 1.5), mean over the picture.
 *
 * @param actual 8-bit RGB or RGBA.
 * @param original of the same size.
 * @returns −1..1; 1 for equal pictures.
 * @throws {UserError} as {@linkcode psnr}.
 *
 * @example
 * ```ts
 * import { ssim } from "@clairnet/clairnet";
 *
 * const picture = { width: 16, height: 16, data: Uint8Array.from({ length: 768 }, (_, i) => (i * 7) % 256) };
 * console.log(ssim(picture, picture)); // 1
 * ```
 */
export function ssim(actual: Pixels, original: Pixels): number {
  const [a, b] = sameSize(actual, original);
  return ssimOfRgb(a, b, actual.width, actual.height);
}

/** A picture and what damage made of it. */
export interface ImagePair {
  /** What to call it in the results; its number, from 1, by default. */
  readonly name?: string;
  /** The good one, 8 bits. */
  readonly original: Pixels;
  /** The damaged one, of the same size. */
  readonly degraded: Pixels;
}

/**
 * What is measured: anything that makes pictures better, an `Enhancer` among them.
 *
 * @example Doing nothing, which every method has to beat
 * ```ts
 * import { evaluate, type ImageRestorer } from "@clairnet/clairnet";
 *
 * const nothing: ImageRestorer = { enhance: (image) => image };
 * const original = { width: 16, height: 16, data: new Uint8Array(768).map((_, i) => i % 200) };
 * const degraded = { ...original, data: original.data.map((value) => value + 5) };
 * const { mean } = await evaluate(nothing, [{ original, degraded }]);
 * console.log(mean.restored.psnr === mean.degraded.psnr); // true
 * ```
 */
export interface ImageRestorer {
  /** Returns a picture of the same size. */
  enhance(image: Pixels): Pixels | Promise<Pixels>;
}

/** Scores of one picture, or the mean of several. */
export interface ImageScores {
  /** The damaged picture against the original. */
  readonly degraded: Scores;
  /** The restored picture against the original. */
  readonly restored: Scores;
}

/** What {@linkcode evaluate} found. */
export interface ImageEvaluation {
  /** Each picture, in order. */
  readonly pictures: readonly (ImageScores & { readonly name: string })[];
  /** The means; of PSNR over the pictures that were damaged at all and did not come back exact, which `exact` counts. */
  readonly mean: ImageScores;
}

/**
 * Restores damaged pictures and holds the results against the originals. Pairs may come from a generator, so that only one is in memory.
 *
 * @param restorer an `Enhancer`, or any object with such an `enhance`.
 * @param pairs at least one.
 * @param options `onProgress` is called after each pair, `signal` stops before the next one.
 * @throws {UserError} where there is no pair, or two pictures differ in size.
 * @throws the signal's reason where it is aborted.
 *
 * @example
 * ```ts
 * import { degrade, Enhancer, evaluate } from "@clairnet/clairnet";
 *
 * const data = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => 128 + 90 * Math.sin(i / 600));
 * const original = { width: 32, height: 32, data };
 * const degraded = await degrade(original, "gaussian:25");
 *
 * using enhancer = await Enhancer.create();
 * const { mean } = await evaluate(enhancer, [{ original, degraded }]);
 * console.log(`${mean.degraded.psnr.toFixed(1)} → ${mean.restored.psnr.toFixed(1)} dB`);
 * ```
 */
export async function evaluate(
  restorer: ImageRestorer,
  pairs: Iterable<ImagePair> | AsyncIterable<ImagePair>,
  options: { readonly onProgress?: (done: number) => void; readonly signal?: AbortSignal } = {},
): Promise<ImageEvaluation> {
  const names: string[] = [];
  const results: Comparison[] = [];
  for await (const { name, original, degraded } of pairs) {
    options.signal?.throwIfAborted();
    const { width, height } = original;
    const [before, reference] = sameSize(degraded, original);
    const [after] = sameSize(await restorer.enhance(degraded), original);
    results.push({
      degraded: scoresOf(before, reference, width, height),
      restored: [scoresOf(after, reference, width, height)],
    });
    names.push(name ?? String(results.length));
    options.onProgress?.(results.length);
  }
  if (results.length === 0) throw new UserError("There is nothing to evaluate: give at least one pair");
  const single = ({ degraded, restored }: Comparison): ImageScores => ({ degraded, restored: restored[0] });
  return {
    pictures: results.map((result, i) => ({ name: names[i], ...single(result) })),
    mean: single(meanOf(results)),
  };
}

function sameSize(actual: Pixels, original: Pixels): [Uint8Array, Uint8Array] {
  if (actual.width !== original.width || actual.height !== original.height) {
    throw new UserError(
      `Cannot compare a picture of ${actual.width}×${actual.height} pixels with one of ${original.width}×${original.height}`,
      { exitCode: 2 },
    );
  }
  return [rgb8(actual, "compare"), rgb8(original, "compare")];
}
