import { enlargeTo } from "../../src/data/enlarge.ts";
import { resampleBicubic } from "../../src/image/resample.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { testPixels } from "./photos.ts";

Deno.test("resampleBicubic() gives Pillow's values, enlarging and reducing", () => {
  // Pillow 12.3.0: Image.fromarray(a, mode="F").resize(…, Image.BICUBIC) of a[y, x] = (7xx + 13yy + 5xy) % 200, 16×12.
  // Places away from the edges, which Pillow weighs otherwise.
  const a = Float32Array.from({ length: 16 * 12 * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % 16, y = Math.floor(i / 48);
    return (7 * x * x + 13 * y * y + 5 * x * y) % 200;
  });
  const at = (width: number, height: number, places: [number, number][]) => {
    const values = resampleBicubic(a, 16, 12, width, height);
    return places.map(([y, x]) => values[(y * width + x) * 3 + 1]);
  };
  assertAllClose(
    at(48, 36, [[10, 12], [17, 31], [20, 25], [24, 40]]),
    [58.703704833984375, 69.77777862548828, 163.51852416992188, 126.9259262084961],
    1e-6,
  );
  assertAllClose(
    at(40, 30, [[10, 12], [17, 31], [20, 25], [24, 33]]),
    [55.73875045776367, 47.37000274658203, 143.76809692382812, 39.95604705810547],
    1e-6,
  );
  assertAllClose(at(8, 6, [[2, 3], [3, 4]]), [102.8055419921875, 122.3724365234375], 1e-6);
});

Deno.test("enlargeTo() takes what a reduction by one factor leaves, rounded either way, and nothing else", () => {
  const picture = (width: number, height: number) => ({ width, height, rgb: testPixels(width, height, 1) });
  // Sizes that come about: 33×25 halved by rounding up, down, and to nearest; by 8 from 51×35; by 2.5.
  for (const [width, height] of [[17, 13], [16, 12], [17, 12], [16, 13]]) {
    const large = enlargeTo("x", picture(width, height), 33, 25);
    assertEquals([large.width, large.height, large.rgb.length], [33, 25, 33 * 25 * 3]);
  }
  for (const [width, height] of [[7, 5], [6, 4], [7, 4]]) enlargeTo("x", picture(width, height), 51, 35);
  enlargeTo("x", picture(40, 20), 100, 50);
  enlargeTo("x", picture(1, 1), 5, 4);
  for (const [width, height] of [[13, 17], [33, 12], [16, 25], [34, 26], [40, 20], [20, 12]]) {
    assertThrows(() => enlargeTo("low/x.png", picture(width, height), 33, 25), (error: unknown) => {
      assert(
        error instanceof UserError && error.message.includes(`${width}×${height}`),
        `${width}×${height}`,
      );
      return true;
    });
  }
  const same = picture(33, 25);
  assertEquals(enlargeTo("x", same, 33, 25), same);
});
