/** The pictures that trials are tested on: squares from the middle of the test photos, damaged by a trial's recipe. */
import { jpegThroughSharp } from "../degrade/jpeg_sharp.ts";
import { crc32 } from "../base/crc32.ts";
import { Random } from "../base/random.ts";
import { degrade } from "../degrade/degrade.ts";
import type { PhotoSource } from "../data/photo_source.ts";
import { parseRecipe } from "../degrade/recipe.ts";
import type { PairSource } from "../evaluate/pairs.ts";

/** Keeps the test's random numbers apart from the training's. */
const TEST_STREAM = 0x7e57;

/**
 * Pairs for `evaluatePairs`. Of a source of pairs the low side is damaged further, of plain photos a copy. The damage of a photo depends on
 * the seed and its name alone, so that every network meets the same pictures.
 * @param indices numbers of the photos in the source.
 * @param size side of the square in pixels; a photo that is smaller in a direction is taken whole there.
 */
export function testPairs(
  source: PhotoSource,
  indices: readonly number[],
  { recipe: text, seed, size }: { readonly recipe: string; readonly seed: number; readonly size: number },
): PairSource {
  const recipe = parseRecipe(text);
  return {
    names: indices.map((index) => source.photos[index].name),
    recipe: recipe.text,
    async load(place) {
      const { name, width, height, grey } = source.photos[indices[place]];
      const { high, low = high } = await source.load(indices[place]);
      const [across, down] = [Math.min(size, width), Math.min(size, height)];
      const cut = (pixels: Uint8Array) => middle(pixels, width, height, across, down);
      const random = new Random(seed, TEST_STREAM, crc32(new TextEncoder().encode(name)));
      const steps = recipe.sample(random);
      const degraded = await degrade(cut(low), across, down, steps, random, jpegThroughSharp);
      const damage = steps.map(({ name, strength }) => `${name}:${Number(strength.toPrecision(2))}`);
      return {
        width: across,
        height: down,
        original: cut(high),
        degraded,
        ...(grey && { grey }),
        damage: damage.join(",") || "none",
      };
    },
  };
}

/** The middle of a picture; across·down·3 samples. */
function middle(
  rgb: Uint8Array,
  width: number,
  height: number,
  across: number,
  down: number,
): Uint8Array {
  const left = Math.floor((width - across) / 2);
  const top = Math.floor((height - down) / 2);
  const result = new Uint8Array(across * down * 3);
  for (let y = 0; y < down; y++) {
    const from = ((top + y) * width + left) * 3;
    result.set(rgb.subarray(from, from + across * 3), y * across * 3);
  }
  return result;
}
