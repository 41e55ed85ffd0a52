import { channelShift, mse, psnr, psnrOfMse, psnrY, ssim } from "../../src/evaluate/metrics.ts";
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

/**
 * Two pictures of 32×24 that any language makes of whole numbers: with y, x, c = numpy.mgrid[0:24, 0:32, 0:3],
 * a = 40 + 3x + 2y + 15c + (7xx + 13yy + 5xy(c+1)) % 31 and b = a + (11x + 17yy + 29c + 3xy) % 23 − 11. The figures below are those of
 * scikit-image 0.26.0 (numpy 2.4.6) for them, printed in full.
 */
const [WIDTH, HEIGHT] = [32, 24];
function formula(of: (x: number, y: number, c: number) => number): number[] {
  return Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return of(pixel % WIDTH, Math.floor(pixel / WIDTH), i % 3);
  });
}
const PLAIN = formula((x, y, c) =>
  40 + 3 * x + 2 * y + 15 * c + (7 * x * x + 13 * y * y + 5 * x * y * (c + 1)) % 31
);
const CHANGED = formula((x, y, c) => (11 * x + 17 * y * y + 29 * c + 3 * x * y) % 23 - 11).map((d, i) =>
  PLAIN[i] + d
);
/** (3a + 7x + 11yc) % 256: next to nothing is left of a. */
const ROUGH = formula((x, y, c) => (3 * PLAIN[(y * WIDTH + x) * 3 + c] + 7 * x + 11 * y * c) % 256);

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert(Math.abs(actual - expected) <= tolerance * expected, `${actual}, not ${expected}`);

Deno.test("mse() and psnr() give scikit-image's values with R = 255, 1 and 65535", () => {
  const [a, b, rough] = [PLAIN, CHANGED, ROUGH].map((values) => Uint8Array.from(values));
  // skimage.metrics.mean_squared_error(a, b), peak_signal_noise_ratio(a, b, data_range=255)
  near(mse(a, b), 44.58897569444444);
  near(psnr(a, b), 31.63852865090631);
  near(psnr(a, b, 255), 31.63852865090631);
  near(mse(a, rough), 6507.751736111111);
  near(psnr(a, rough), 9.996493841651017);
  // of a / 255 and b / 255, data_range=1
  const [a1, b1] = [PLAIN, CHANGED].map((values) => Float64Array.from(values, (value) => value / 255));
  near(mse(a1, b1), 0.000685720502798069);
  near(psnr(a1, b1, 1), 31.63852865090631);
  near(psnr(Float32Array.from(a1), Float32Array.from(b1), 1), 31.63852865090631, 1e-6);
  // of 257·a + 5x + 3y + c and 257·b, both uint16, data_range=65535
  const ramp = formula((x, y, c) => 5 * x + 3 * y + c);
  const a16 = Uint16Array.from(PLAIN, (value, i) => 257 * value + ramp[i]);
  const b16 = Uint16Array.from(CHANGED, (value) => 257 * value);
  near(mse(a16, b16), 2963449.7747395835);
  near(psnr(a16, b16, 65535), 31.61149036420552);
});

Deno.test("psnr() wants its range said for anything but bytes, and refuses one that cannot be", () => {
  const [floats, words, bytes] = [Float32Array.of(0, 0.5), Uint16Array.of(1, 2), Uint8Array.of(1, 2)];
  // @ts-expect-error the compiler asks for it too
  assertThrows(() => psnr(floats, floats), /say the range/);
  // @ts-expect-error the compiler asks for it too
  assertThrows(() => psnr(words, words), /say the range/);
  assertThrows(() => psnr(words, words, 255), RangeError);
  assertThrows(() => psnr(bytes, bytes, 1), RangeError);
  assertThrows(() => psnr(floats, floats, 0), RangeError);
});

Deno.test("psnr(), psnrY() and psnrOfMse() give infinity for equal pictures", () => {
  const bytes = Uint8Array.from(PLAIN);
  assertEquals([psnr(bytes, bytes), psnrY(bytes, bytes, WIDTH, HEIGHT, 2)], [Infinity, Infinity]);
  assertEquals(psnr(Float32Array.of(0.25), Float32Array.of(0.25), 1), Infinity);
  assertEquals([psnrOfMse(0), psnrOfMse(0, 1), psnrOfMse(1, 10), psnrOfMse(1)], [
    Infinity,
    Infinity,
    20,
    20 * Math.log10(255),
  ]);
});

Deno.test("psnrY() gives scikit-image's PSNR of rgb2ycbcr's first channel, border left out", () => {
  const [a, b] = [PLAIN, CHANGED].map((values) => Uint8Array.from(values));
  // Y = skimage.color.rgb2ycbcr(…)[..., 0]; peak_signal_noise_ratio(Ya, Yb, data_range=255), and of Y[2:-2, 2:-2]
  near(psnrY(a, b, WIDTH, HEIGHT), 37.84031421609598);
  near(psnrY(a, b, WIDTH, HEIGHT, 2), 37.75969240632564);
  // White against black in studio range is 235 − 16 = 219.
  near(psnrY(new Uint8Array(27).fill(255), new Uint8Array(27), 3, 3), 20 * Math.log10(255 / 219));
  for (const border of [-1, 12, Number.NaN]) {
    assertThrows(() => psnrY(a, b, WIDTH, HEIGHT, border), RangeError);
  }
});

Deno.test("ssim() gives scikit-image's value for Wang et al.'s settings", () => {
  const [a, b, rough] = [PLAIN, CHANGED, ROUGH].map((values) => Uint8Array.from(values));
  // structural_similarity(a @ [.299, .587, .114], b @ …, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
  near(ssim(a, b, WIDTH, HEIGHT), 0.9267665713509015);
  near(ssim(a, rough, WIDTH, HEIGHT), 0.12370463038809136);
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

Deno.test("mse(), channelShift(), psnrY() and ssim() refuse pictures of different sizes", () => {
  const [a, b] = [new Uint8Array(12), new Uint8Array(15)];
  assertThrows(() => mse(a, b), RangeError);
  assertThrows(() => channelShift(a, b), RangeError);
  assertThrows(() => ssim(a, a, 3, 1), RangeError);
  assertThrows(() => psnrY(a, a, 3, 1), RangeError);
});

Deno.test("psnrY() compares the grey itself where it is asked to", () => {
  const original = randomRgb(8, 6, 3).map((_, i, all) => all[i - i % 3]);
  const other = original.map((value) => value + 5);
  assert(Math.abs(psnrY(other, original, 8, 6, 0, true) - psnr(other, original)) < 1e-9);
  // A restored picture may hold colours: its grey is the mean of the three, each with the same share.
  for (const channel of [0, 1, 2]) {
    const tinted = original.map((value, i) => i % 3 === channel ? value + 30 : value);
    const expected = 20 * Math.log10(255 / 10);
    assert(Math.abs(psnrY(tinted, original, 8, 6, 0, true) - expected) < 1e-9, `channel ${channel}`);
  }
});
