import { resampleBicubic } from "../../src/image/resample.ts";
import { degrade, degradeMargin } from "../../src/degrade/degrade.ts";
import { jpegThroughSharp } from "../../src/degrade/jpeg_sharp.ts";
import { parseRecipe, type Step } from "../../src/degrade/recipe.ts";
import { cropReflected } from "../../src/image/crop.ts";
import { Random } from "../../src/base/random.ts";
import { assertAllClose, assertEquals, assertRejects } from "../assert.ts";
import { testPixels } from "../data/photos.ts";

/**
 * imresize written anew from its documentation, in float64 and as a double sum over the whole picture: output pixel o (from 1) sits at
 * u = o/s + (1 − 1/s)/2; weights are s·h(s·(u − i)) when shrinking (s < 1), h(u − i) otherwise, made to sum to 1; h is Keys's cubic;
 * i runs past the edges, where pixels are mirrored with the edge repeated.
 */
function imresize(values: ArrayLike<number>, width: number, height: number, scale: number): Float64Array {
  const h = (x: number) => {
    const [a, a2, a3] = [Math.abs(x), x * x, Math.abs(x) ** 3];
    if (a <= 1) return 1.5 * a3 - 2.5 * a2 + 1;
    return a <= 2 ? -0.5 * a3 + 2.5 * a2 - 4 * a + 2 : 0;
  };
  const kernel = (x: number) => scale < 1 ? scale * h(scale * x) : h(x);
  const reach = scale < 1 ? 4 / scale : 4;
  const fold = (i: number, n: number): number => i < 1 ? fold(1 - i, n) : i > n ? fold(2 * n + 1 - i, n) : i;
  const taps = (n: number, o: number): [number, number][] => {
    const u = o / scale + 0.5 * (1 - 1 / scale);
    const found: [number, number][] = [];
    for (let i = Math.floor(u - reach / 2); i <= Math.ceil(u + reach / 2); i++) {
      found.push([fold(i, n) - 1, kernel(u - i)]);
    }
    const sum = found.reduce((total, [, weight]) => total + weight, 0);
    return found.map(([i, weight]) => [i, weight / sum]);
  };
  const [outWidth, outHeight] = [width * scale, height * scale];
  const result = new Float64Array(outWidth * outHeight * 3);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      for (const [row, down] of taps(height, y + 1)) {
        for (const [column, across] of taps(width, x + 1)) {
          for (let c = 0; c < 3; c++) {
            result[(y * outWidth + x) * 3 + c] += down * across * values[(row * width + column) * 3 + c];
          }
        }
      }
    }
  }
  return result;
}

for (const [width, height, scale] of [[12, 8, 0.5], [7, 5, 2], [12, 16, 0.25], [3, 2, 4], [9, 15, 1 / 3]]) {
  Deno.test(`resampleBicubic() gives what imresize gives, edges included: ${width}×${height} by ${scale}`, () => {
    const values = Float32Array.from(testPixels(width, height, 3));
    const [newWidth, newHeight] = [Math.round(width * scale), Math.round(height * scale)];
    const actual = resampleBicubic(values, width, height, newWidth, newHeight);
    assertAllClose(actual, imresize(values, width, height, scale), 1e-6, "samples");
  });
}

Deno.test("resampleBicubic() halves a row by the published weights of imresize", () => {
  // (−3, −9, 29, 111, 111, 29, −9, −3)/256 is the antialiased cubic at factor 2; the row is mirrored at its ends.
  const weights = [-3, -9, 29, 111, 111, 29, -9, -3].map((weight) => weight / 256);
  const row = [10, 200, 30, 70, 250, 5, 90, 120, 60, 180];
  const mirrored = [...row.slice(0, 3).reverse(), ...row, ...row.slice(-3).reverse()];
  const expected = row.slice(0, 5).map((_, o) =>
    weights.reduce((sum, weight, k) => sum + weight * mirrored[2 * o + k], 0)
  );
  assertAllClose(resampleBicubic(Float32Array.from(row), 10, 1, 5, 1, 1), expected, 1e-6, "row");
});

Deno.test("degrade() shrinks by imresize's filter, rounds, and leaves the photo small for the steps behind", async () => {
  const [width, height] = [24, 16];
  const rgb = testPixels(width, height, 1);
  const small = await degrade(
    rgb,
    width,
    height,
    parseRecipe("shrink:2").sample(new Random(1)),
    new Random(1),
  );
  const expected = imresize(rgb, width, height, 0.5);
  assertEquals(small.length, 12 * 8 * 3);
  small.forEach((value, i) => {
    const whole = Math.min(Math.max(expected[i], 0), 255);
    if (Math.abs(value - whole) > 0.5 + 1e-4) throw new Error(`sample ${i} is ${value}, expected ${whole}`);
  });
  const quarter = await degrade(
    rgb,
    width,
    height,
    parseRecipe("shrink:2,shrink:2,jpeg:90").sample(new Random(1)),
    new Random(1),
    jpegThroughSharp,
  );
  assertEquals(quarter.length, 6 * 4 * 3);
  await assertRejects(
    () => degrade(testPixels(9, 8, 0), 9, 8, [{ name: "shrink", strength: 2 }], new Random(1)),
    /Cannot shrink 9×8 by 2/,
  );
});

Deno.test("degradeMargin() of recipes that shrink makes a cut patch look as cut from the small photo", async () => {
  const [width, height] = [120, 96];
  const rgb = testPixels(width, height, 2);
  for (
    const steps of [
      [{ name: "shrink", strength: 2 }],
      [{ name: "shrink", strength: 2 }, { name: "blur", strength: 1 }],
      [{ name: "blur", strength: 0.8 }, { name: "shrink", strength: 4 }],
    ] as Step[][]
  ) {
    const scale = steps.find(({ name }) => name === "shrink")!.strength;
    const margin = degradeMargin(steps);
    assertEquals(margin % scale, 0);
    const [left, top, side] = [48, 40, 16];
    const area = {
      left: left - margin,
      top: top - margin,
      width: side + 2 * margin,
      height: side + 2 * margin,
    };
    const cut = cropReflected(rgb, width, height, area);
    const part = await degrade(cut, area.width, area.height, steps, new Random(1));
    const whole = await degrade(rgb, width, height, steps, new Random(1));
    const inner = { left: margin / scale, top: margin / scale, width: side / scale, height: side / scale };
    assertEquals(
      cropReflected(part, area.width / scale, area.height / scale, inner),
      cropReflected(whole, width / scale, height / scale, { ...inner, left: left / scale, top: top / scale }),
    );
  }
});
