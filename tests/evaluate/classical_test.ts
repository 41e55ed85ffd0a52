import { degrade } from "../../src/degrade/degrade.ts";
import { jpegThroughSharp } from "../../src/degrade/jpeg_sharp.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { bilateral, estimateNoise, unsharpMask } from "../../src/evaluate/classical.ts";
import { switchingMean, switchingMedian } from "../../src/evaluate/impulses.ts";
import { median3x3, medianOf } from "../../src/evaluate/median.ts";
import { psnr } from "../../src/evaluate/metrics.ts";
import { nonLocalMeans } from "../../src/evaluate/non_local_means.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { smoothPicture } from "./pictures.ts";

/** The first channel's values as a grey picture. */
const grey = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value, value, value]));
const channel = (rgb: Uint8Array, index: number) => rgb.filter((_, i) => i % 3 === index);

async function damaged(
  rgb: Uint8Array,
  width: number,
  height: number,
  recipe: string,
  seed = 3,
): Promise<Uint8Array> {
  const random = new Random(seed);
  return await degrade(rgb, width, height, parseRecipe(recipe).sample(random), random, jpegThroughSharp);
}

/** Minimum gain of a filter over a damaged picture, in dB. */
function assertGain(
  restored: Uint8Array,
  input: Uint8Array,
  original: Uint8Array,
  gain: number,
  what: string,
): void {
  const [before, after] = [psnr(input, original), psnr(restored, original)];
  assert(
    after >= before + gain,
    `${what}: ${before.toFixed(2)} dB became ${after.toFixed(2)} dB, wanted +${gain}`,
  );
}

Deno.test("medianOf() gives the middle, or the mean of the two middle ones", () => {
  assertEquals(medianOf(Uint8Array.of(9)), 9);
  assertEquals(medianOf(Uint8Array.of(200, 3, 7)), 7);
  assertEquals(medianOf(Uint8Array.of(200, 3, 7, 12)), 10);
});

Deno.test("median3x3() gives the exact medians, per channel, edges repeated", () => {
  const picture = Uint8Array.from([1, 9, 4, 7, 255, 2, 3, 8, 6].flatMap((value) => [value, 255 - value, 10]));
  const result = median3x3(picture, 3, 3);
  // Corner (0,0): 1 1 9, 1 1 9, 7 7 255 → 7; the centre: 1 2 3 4 6 7 8 9 255 → 6.
  assertEquals([...channel(result, 0)], [7, 4, 4, 7, 6, 6, 7, 6, 6]);
  assertEquals([...channel(result, 1)], [248, 251, 251, 248, 249, 249, 248, 249, 249]);
  assertEquals(channel(result, 2), new Uint8Array(9).fill(10));
  assertEquals(median3x3(Uint8Array.of(5, 6, 7), 1, 1), Uint8Array.of(5, 6, 7));
});

Deno.test("switchingMedian() and switchingMean() fill a hole from its neighbours and keep the rest", () => {
  const around = [10, 20, 30, 40, 255, 60, 70, 80, 90];
  const expected = (value: number) => grey(...around.with(4, value));
  assertEquals(switchingMedian(grey(...around), 3, 3), expected(50));
  // Inverse distance^6: four neighbours at 1 (20, 40, 60, 80), four at √2 (10, 30, 70, 90) with the weight 1/8.
  assertEquals(switchingMean(grey(...around), 3, 3), expected(Math.round((200 + 200 / 8) / 4.5)));
  const skewed = grey(10, 10, 10, 10, 0, 100, 10, 10, 10);
  assertEquals(switchingMean(skewed, 3, 3)[12], Math.round((130 + 40 / 8) / 4.5));
});

Deno.test("switchingMean() and switchingMedian() treat as holes only pixels that are wholly black or white", () => {
  const picture = smoothPicture(6, 5);
  picture.set([255, 255, 0, 255, 0, 0, 0, 0, 1, 254, 255, 255], 21);
  assertEquals(switchingMean(picture, 6, 5), picture);
  assertEquals(switchingMedian(picture, 6, 5), picture);
});

Deno.test("switchingMean() and switchingMedian() leave black and white areas alone", () => {
  const half = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => Math.floor(i / 3) % 16 < 8 ? 255 : 0);
  const white = new Uint8Array(9 * 9 * 3).fill(255);
  for (const fill of [switchingMean, switchingMedian]) {
    assertEquals(fill(white, 9, 9), white);
    // All are holes, so nothing is good to fill from, wherever the areas meet.
    assertEquals(fill(half, 16, 16), half);
  }
});

Deno.test("switchingMean() and switchingMedian() look for good pixels as far as 19 away, and no farther", () => {
  const size = 41;
  // Black and white in turn, so that no area is saturated, and one good pixel in the middle.
  const noise = grey(...Array.from({ length: size * size }, (_, i) => (i + Math.floor(i / size)) % 2 * 255));
  const middle = (size * size - 1) / 2;
  noise.set([50, 60, 70], 3 * middle);
  for (const fill of [switchingMean, switchingMedian]) {
    const result = fill(noise, size, size);
    for (const [x, y] of [[20, 1], [1, 39], [38, 20], [17, 23]]) {
      assertEquals([...result.subarray(3 * (y * size + x)).subarray(0, 3)], [50, 60, 70], `${x}, ${y}`);
    }
    for (const [x, y] of [[20, 0], [0, 20], [40, 40], [40, 5]]) {
      const at = 3 * (y * size + x);
      assertEquals(result.slice(at, at + 3), noise.slice(at, at + 3), `${x}, ${y}`);
    }
  }
});

Deno.test("the switching filters restore salt-and-pepper noise far better than a plain median", async () => {
  const [width, height] = [64, 48];
  const original = smoothPicture(width, height);
  for (const [share, least] of [[0.02, 10], [0.3, 12]]) {
    const input = await damaged(original, width, height, `salt-pepper:${share}`);
    const median = median3x3(input, width, height);
    assertGain(median, input, original, 5, `median at ${share}`);
    for (const [name, fill] of [["mean", switchingMean], ["median", switchingMedian]] as const) {
      const restored = fill(input, width, height);
      assertGain(restored, input, original, least, `switching ${name} at ${share}`);
      assertGain(restored, median, original, 2, `switching ${name} against the median at ${share}`);
    }
  }
});

Deno.test("unsharpMask() gives x + amount·(x − blurred), clipped", () => {
  const sigma = 0.4; // taps of a radius of two
  const taps = [0, 1, 2].map((d) => Math.exp(-(d * d) / (2 * sigma * sigma)));
  const sum = taps[0] + 2 * taps[1] + 2 * taps[2];
  const row = [50, 50, 50, 90, 50, 50, 50];
  const result = channel(unsharpMask(grey(...row), 7, 1, sigma, 1.5), 1);
  const expected = row.map((value, x) => {
    let blurred = 0;
    for (let d = -2; d <= 2; d++) blurred += taps[Math.abs(d)] / sum * row[Math.min(6, Math.max(0, x + d))];
    return Math.round(value + 1.5 * (value - blurred));
  });
  assertEquals([...result], expected);
  assertEquals([...channel(unsharpMask(grey(0, 0, 255, 255), 4, 1, 1, 5), 0)], [0, 0, 255, 255]);
});

Deno.test("unsharpMask() sharpens a blurred picture, and an amount of 0 leaves it as it is", async () => {
  const original = Uint8Array.from(
    smoothPicture(48, 40),
    (value, i) => value + (Math.floor(i / 15) % 2 ? 12 : -12),
  );
  const input = await damaged(original, 48, 40, "blur:1.2");
  assertGain(unsharpMask(input, 48, 40, 1, 2), input, original, 2, "unsharp");
  assertEquals(unsharpMask(input, 48, 40, 1, 0), input);
});

Deno.test("estimateNoise() finds the noise's sigma", async () => {
  const original = smoothPicture(160, 120);
  for (const sigma of [5, 12, 25]) {
    const estimate = estimateNoise(await damaged(original, 160, 120, `gaussian:${sigma}`), 160, 120);
    assert(Math.abs(estimate / sigma - 1) < 0.08, `${estimate} for ${sigma}`);
  }
  assert(estimateNoise(original, 160, 120) < 0.5);
  assertEquals(estimateNoise(Uint8Array.of(1, 2, 3), 1, 1), 0);
});

Deno.test("bilateral() gives the exact weighted mean of a row", () => {
  const row = [40, 60, 200, 190, 30, 45, 52, 70];
  const range = 30;
  for (const [spatial, radius] of [[0.5, 1], [1, 2], [1.6, 4]]) {
    const expected = row.map((value, x) => {
      let sum = 0, total = 0;
      for (let k = Math.max(0, x - radius); k <= Math.min(row.length - 1, x + radius); k++) {
        const weight = Math.exp(
          -((k - x) ** 2) / (2 * spatial ** 2) - (row[k] - value) ** 2 / (2 * range ** 2),
        );
        sum += weight * row[k];
        total += weight;
      }
      return Math.round(sum / total);
    });
    const result = bilateral(grey(...row), row.length, 1, range, spatial);
    assertEquals([...channel(result, 2)], expected, `sigma ${spatial}`);
  }
});

/** Non-local means as its formula says, pixel by pixel. */
function nonLocalMeansByDefinition(
  rgb: Uint8Array,
  width: number,
  height: number,
  sigma: number,
): Float64Array {
  const result = new Float64Array(rgb.length);
  const [h, radius] = sigma <= 25 ? [0.55 * sigma, 1] : [0.4 * sigma, 2];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weights: [number, number][] = [];
      for (let v = Math.max(0, y - 10); v <= Math.min(height - 1, y + 10); v++) {
        for (let u = Math.max(0, x - 10); u <= Math.min(width - 1, x + 10); u++) {
          if (u === x && v === y) continue;
          let sum = 0, cells = 0;
          for (let dy = -radius; dy <= radius; dy++) {
            for (let dx = -radius; dx <= radius; dx++) {
              const inside = [[x + dx, y + dy], [u + dx, v + dy]].every(([a, b]) =>
                a >= 0 && a < width && b >= 0 && b < height
              );
              if (!inside) continue;
              cells += 3;
              for (let c = 0; c < 3; c++) {
                sum +=
                  (rgb[((y + dy) * width + x + dx) * 3 + c] - rgb[((v + dy) * width + u + dx) * 3 + c]) ** 2;
              }
            }
          }
          weights.push([(v * width + u) * 3, Math.exp(-Math.max(sum / cells - 2 * sigma ** 2, 0) / h ** 2)]);
        }
      }
      const own = Math.max(...weights.map(([, weight]) => weight));
      weights.push([(y * width + x) * 3, own]);
      const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
      for (let c = 0; c < 3; c++) {
        result[(y * width + x) * 3 + c] = weights.reduce((sum, [at, weight]) =>
          sum + weight * rgb[at + c], 0) / total;
      }
    }
  }
  return result;
}

Deno.test("nonLocalMeans() agrees with its formula evaluated pixel by pixel", async () => {
  const [width, height] = [25, 14];
  // Patches are larger above 25.
  for (const sigma of [12, 25, 26, 40]) {
    const input = await damaged(smoothPicture(width, height), width, height, `gaussian:${sigma}`);
    const expected = nonLocalMeansByDefinition(input, width, height, sigma);
    const actual = nonLocalMeans(input, width, height, sigma);
    // Rounded to whole numbers.
    assertAllClose(actual, expected, 0.51 / Math.max(...expected), `non-local means at ${sigma}`);
  }
});

Deno.test("nonLocalMeans() and bilateral() take gaussian noise away, and survive the smallest pictures", async () => {
  const [width, height] = [56, 40];
  const original = smoothPicture(width, height);
  for (const sigma of [15, 35]) {
    const input = await damaged(original, width, height, `gaussian:${sigma}`);
    assertGain(nonLocalMeans(input, width, height, sigma), input, original, 6, `nlm at ${sigma}`);
    assertGain(bilateral(input, width, height, 2 * sigma), input, original, 5, `bilateral at ${sigma}`);
  }
  for (const [w, h] of [[1, 1], [2, 1], [1, 5]]) {
    const tiny = smoothPicture(w, h);
    assertEquals(nonLocalMeans(tiny, w, h, 10).length, tiny.length);
    assertEquals(bilateral(tiny, w, h, 20).length, tiny.length);
  }
  assertEquals(nonLocalMeans(Uint8Array.of(1, 2, 3), 1, 1, 10), Uint8Array.of(1, 2, 3));
  assertEquals(nonLocalMeans(original, width, height, 0), original);
  assertEquals(bilateral(original, width, height, 0), original);
});
