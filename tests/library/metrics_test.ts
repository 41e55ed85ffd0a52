import { degrade } from "../../src/library/degrade.ts";
import { evaluate, type ImagePair, psnr, ssim } from "../../src/library/metrics.ts";
import { degrade as degradeRgb } from "../../src/degrade/degrade.ts";
import { jpegThroughSharp } from "../../src/degrade/jpeg_sharp.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { psnr as psnrOfRgb, ssim as ssimOfRgb } from "../../src/evaluate/metrics.ts";
import type { Pixels } from "../../src/image/pixels.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../assert.ts";

function picture(seed: number, width = 30, height = 20): Pixels<Uint8Array> {
  const random = new Random(310, seed);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.below(256)) };
}

/** The same colours with random alpha. */
function withAlpha({ width, height, data }: Pixels, seed: number): Pixels<Uint8ClampedArray> {
  const random = new Random(311, seed);
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < rgba.length; i++) {
    rgba[i] = i % 4 === 3 ? random.below(256) : data[3 * Math.floor(i / 4) + i % 4];
  }
  return { width, height, data: rgba };
}

Deno.test("psnr() and ssim() of pictures are those of their colours, whatever their alpha", () => {
  const [a, b] = [picture(1), picture(2)];
  assertEquals(psnr(withAlpha(a, 3), withAlpha(b, 4)), psnrOfRgb(a.data, b.data));
  assertEquals(ssim(withAlpha(a, 5), b), ssimOfRgb(a.data, b.data, 30, 20));
  assertEquals(psnr(a, withAlpha(a, 6)), Infinity);
});

Deno.test("psnr() refuses pictures of different sizes, and of 16 bits", () => {
  assertThrows(() => psnr(picture(1), picture(1, 20, 30)), /30×20 pixels with one of 20×30/);
  const deep = { width: 1, height: 1, data: new Uint16Array(3) };
  assertThrows(() => ssim(deep, deep), /16-bit/);
});

Deno.test("degrade() does a recipe's steps to the colours, keeps alpha and kind, and repeats with its seed", async () => {
  const image = withAlpha(picture(7), 8);
  const before = image.data.slice();
  const recipe = "blur:0.5-1.5,jpeg:40";
  const damaged = await degrade(image, recipe, { seed: 9, jpeg: jpegThroughSharp });
  assert(damaged.data instanceof Uint8ClampedArray);
  assertEquals(image.data, before);
  assertEquals(damaged.data.filter((_, i) => i % 4 === 3), before.filter((_, i) => i % 4 === 3));
  const random = new Random(9);
  const steps = parseRecipe(recipe).sample(random);
  const expected = await degradeRgb(picture(7).data, 30, 20, steps, random, jpegThroughSharp);
  assertEquals([...damaged.data.filter((_, i) => i % 4 !== 3)], [...expected]);
  await assertRejects(() => degrade(image, "jpeg:40"), /no codec/);
  await assertRejects(() => degrade(image, "burl:1"), /no step 'burl'/);
});

Deno.test("evaluate() scores what a restorer makes of each pair, and averages", async () => {
  const originals = [picture(20), picture(21), picture(22)];
  async function* pairs(): AsyncGenerator<ImagePair> {
    for (const [i, original] of originals.entries()) {
      yield {
        name: i === 1 ? "second" : undefined,
        original,
        degraded: await degrade(original, "gaussian:20"),
      };
    }
  }
  // A restorer whose answer is known: half way to grey.
  const restorer = {
    enhance: ({ width, height, data }: Pixels) => ({
      width,
      height,
      data: data.map((value) => (value + 128) >> 1),
    }),
  };
  let calls = 0;
  const { pictures, mean } = await evaluate(restorer, pairs(), { onProgress: (done) => calls = done });
  assertEquals([calls, ...pictures.map(({ name }) => name)], [3, "1", "second", "3"]);
  const degraded = await degrade(originals[2], "gaussian:20");
  assertEquals(pictures[2].degraded.psnr, psnr(degraded, originals[2]));
  assertEquals(pictures[2].restored.psnr, psnr(restorer.enhance(degraded), originals[2]));
  assertEquals(pictures[2].restored.ssim, ssim(restorer.enhance(degraded), originals[2]));
  assertAllClose(
    [mean.restored.psnr],
    [pictures.reduce((sum, { restored }) => sum + restored.psnr, 0) / 3],
    1e-12,
  );

  await assertRejects(() => evaluate(restorer, []), /nothing to evaluate/);
  const stop = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => evaluate(restorer, pairs(), { signal: stop }), /enough/);
});
