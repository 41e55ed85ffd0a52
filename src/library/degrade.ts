/** Damaging pictures, for an application. */
import { UserError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { degrade as degradeRgb } from "../degrade/degrade.ts";
import type { JpegRoundTrip } from "../degrade/jpeg_canvas.ts";
import { parseRecipe } from "../degrade/recipe.ts";
import { photoOf, type Pixels, pixelsOf, rgb8, type Samples } from "../image/pixels.ts";

/** How {@linkcode degrade} draws and encodes. */
export interface DegradeOptions {
  /** Seed of what the recipe draws and of the noise, a whole number; 1 by default. The same seed gives the same bytes. */
  readonly seed?: number;
  /** What does the `jpeg` steps: a page's own codec by default; `jpegThroughSharp` of `@clairnet/clairnet/native` elsewhere. */
  readonly jpeg?: JpegRoundTrip;
}

/**
 * Damages a picture as a recipe says: to make training pairs, or to measure how well a model undoes the damage.
 *
 * @param image 8-bit RGB or RGBA; not changed. Alpha is kept.
 * @param recipe steps in order, e.g. `blur:0.5-2,salt-pepper:0.01`, a `mix(…)`, or a preset's name such as `photo`.
 * @returns a new picture of the same size and kind.
 * @throws {UserError} where the recipe is wrong, the samples do not fit the size or have 16 bits, a `jpeg` step has no codec, or a
 *   step is `shrink`.
 *
 * @example Noise of sigma 25 (of 255)
 * ```ts
 * import { degrade, psnr } from "@clairnet/clairnet";
 *
 * const clean = { width: 64, height: 64, data: new Uint8Array(3 * 64 * 64).fill(128) };
 * const noisy = await degrade(clean, "gaussian:25", { seed: 7 });
 * console.log(psnr(noisy, clean).toFixed(1)); // about 20.2 dB
 * ```
 */
export async function degrade<D extends Samples>(
  image: Pixels<D>,
  recipe: string,
  options: DegradeOptions = {},
): Promise<Pixels<D>> {
  const { seed = 1, jpeg } = options;
  const random = new Random(seed);
  const steps = parseRecipe(recipe).sample(random);
  const rgb = rgb8(image, "degrade");
  const { width, height } = image;
  const degraded = await degradeRgb(rgb, width, height, steps, random, jpeg);
  if (degraded.length !== rgb.length) {
    throw new UserError(
      "Cannot degrade: a step of the recipe makes the picture smaller (shrink); leave it out",
    );
  }
  return pixelsOf({ ...photoOf(image), rgb: degraded }, image);
}
