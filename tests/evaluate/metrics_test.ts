import { channelShift, mse, psnr, psnrY, ssim } from "../../src/evaluate/metrics.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

function randomRgb(width: number, height: number, seed: number): Uint8Array {
  const random = new Random(seed);
  // Smooth ramps with noise: pure noise would make every similarity tiny.
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width;
    return Math.min(255, Math.max(0, 40 + 5 * x + 20 * (i % 3) + 12 * random.normal()));
  });
}

/** SSIM straight from the paper: one sum over the 121 weights of each window, no separability, no running sums. */
function ssimByDefinition(
  a: Uint8Array,
  b: Uint8Array,
  width: number,
  height: number,
  windowX = 11,
  windowY = 11,
): number {
  const grey = (rgb: Uint8Array, i: number) =>
    0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
  const weights: number[] = [];
  for (let v = 0; v < windowY; v++) {
    for (let u = 0; u < windowX; u++) {
      weights.push(Math.exp(-((u - (windowX - 1) / 2) ** 2 + (v - (windowY - 1) / 2) ** 2) / (2 * 1.5 ** 2)));
    }
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let mean = 0;
  let count = 0;
  for (let y = 0; y + windowY <= height; y++) {
    for (let x = 0; x + windowX <= width; x++) {
      const at = weights.map((_, k) => (y + Math.floor(k / windowX)) * width + x + k % windowX);
      const sum = (term: (i: number) => number) =>
        weights.reduce((s, weight, k) => s + weight / total * term(at[k]), 0);
      const ma = sum((i) => grey(a, i));
      const mb = sum((i) => grey(b, i));
      const va = sum((i) => (grey(a, i) - ma) ** 2);
      const vb = sum((i) => (grey(b, i) - mb) ** 2);
      const cov = sum((i) => (grey(a, i) - ma) * (grey(b, i) - mb));
      const c1 = (0.01 * 255) ** 2;
      const c2 = (0.03 * 255) ** 2;
      mean += (2 * ma * mb + c1) * (2 * cov + c2) / ((ma ** 2 + mb ** 2 + c1) * (va + vb + c2));
      count++;
    }
  }
  return mean / count;
}

Deno.test("mse() and psnr() give the exact values of a tiny picture", () => {
  const original = Uint8Array.of(0, 10, 255, 100, 100, 100);
  const actual = Uint8Array.of(3, 10, 251, 100, 105, 100);
  assertEquals(mse(actual, original), (9 + 16 + 25) / 6);
  assertEquals(psnr(actual, original), 10 * Math.log10(255 * 255 / (50 / 6)));
  assertEquals(psnr(Uint8Array.of(255, 255, 255), Uint8Array.of(0, 0, 0)), 0);
  assertEquals(psnr(original, original), Infinity);
});

Deno.test("channelShift() gives the signed mean of each channel", () => {
  const original = Uint8Array.of(0, 10, 255, 100, 100, 100);
  const actual = Uint8Array.of(3, 10, 251, 102, 94, 100);
  assertEquals(channelShift(actual, original), [2.5, -3, -2]);
});

Deno.test("ssim() agrees with a direct computation of the paper's definition", () => {
  for (const [width, height] of [[11, 11], [17, 13], [12, 24]]) {
    const a = randomRgb(width, height, width);
    const b = randomRgb(width, height, height + 100);
    const expected = ssimByDefinition(a, b, width, height);
    const actual = ssim(a, b, width, height);
    assert(expected > 0.05 && expected < 0.95, `a picture that tells nothing: ${expected}`);
    assert(Math.abs(actual - expected) < 1e-10, `${width}×${height}: ${actual}, not ${expected}`);
  }
});

Deno.test("ssim() gives the paper's closed form for two flat pictures, and 1 for equal ones", () => {
  const flat = (value: number) => new Uint8Array(13 * 12 * 3).fill(value);
  const c1 = (0.01 * 255) ** 2;
  const expected = (2 * 60 * 90 + c1) / (60 ** 2 + 90 ** 2 + c1);
  assert(Math.abs(ssim(flat(60), flat(90), 13, 12) - expected) < 1e-9);
  const photo = randomRgb(20, 15, 3);
  assert(Math.abs(ssim(photo, photo, 20, 15) - 1) < 1e-12);
});

Deno.test("ssim() shrinks its window to a picture smaller than it", () => {
  for (const [width, height] of [[1, 1], [3, 20], [10, 4]]) {
    const a = randomRgb(width, height, 7);
    const b = randomRgb(width, height, 8);
    const expected = ssimByDefinition(a, b, width, height, Math.min(11, width), Math.min(11, height));
    assert(Math.abs(ssim(a, b, width, height) - expected) < 1e-10, `${width}×${height}`);
  }
});

Deno.test("mse(), channelShift() and ssim() refuse pictures of different sizes", () => {
  const [a, b] = [new Uint8Array(12), new Uint8Array(15)];
  assertThrows(() => mse(a, b), RangeError);
  assertThrows(() => channelShift(a, b), RangeError);
  assertThrows(() => ssim(a, a, 3, 1), RangeError);
});

Deno.test("psnrY() is the PSNR of rgb2ycbcr's first channel", () => {
  // MATLAB's rgb2ycbcr gives white 235 and black 16; the primaries are 65.481, 128.553 and 24.966 above 16.
  const colour = (r: number, g: number, b: number) =>
    Uint8Array.from({ length: 12 }, (_, i) => [r, g, b][i % 3]);
  const off = (luma: number) => 20 * Math.log10(255 / luma);
  for (const [r, g, b, share] of [[255, 0, 0, 65.481], [0, 255, 0, 128.553], [0, 0, 255, 24.966]]) {
    assert(Math.abs(psnrY(colour(255, 255, 255), colour(r, g, b)) - off(219 - share)) < 1e-9);
    assert(Math.abs(psnrY(colour(0, 0, 0), colour(r, g, b)) - off(share)) < 1e-9);
  }
  assertEquals(psnrY(colour(9, 8, 7), colour(9, 8, 7)), Infinity);
  // Differences that cancel in luma do not show; over RGB they do.
  const [a, c] = [Uint8Array.of(100, 120, 100), Uint8Array.of(100 + 11, 120, 100 - 29)];
  assert(psnrY(c, a) > 70 && psnr(c, a) < 30);
});

Deno.test("psnrY() compares the grey itself where it is asked to", () => {
  const original = randomRgb(8, 6, 3).map((_, i, all) => all[i - i % 3]);
  const other = original.map((value) => value + 5);
  assert(Math.abs(psnrY(other, original, true) - psnr(other, original)) < 1e-9);
});
