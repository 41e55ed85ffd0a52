import { forEachTextPixel, GLYPH_HEIGHT } from "../../src/batch/bitmap_font.ts";
import { compareSheet } from "../../src/batch/compare_sheet.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { randomPhoto, swappedProfile } from "../image/photos.ts";

Deno.test("compareSheet() shows both photos pixel by pixel, side by side, with their profile", async () => {
  const before = { ...randomPhoto({ seed: 140, width: 400, height: 90 }), icc: swappedProfile() };
  const after = randomPhoto({ seed: 141, width: 400, height: 90 });
  const sheet = await compareSheet(before, after);
  assertEquals(sheet.icc, before.icc);
  const find = (rgb: ArrayLike<number>) => {
    for (let y = 0; y < sheet.height; y++) {
      for (let x = 0; x + 400 <= sheet.width; x++) {
        const at = 3 * (y * sheet.width + x);
        let i = 0;
        while (i < 1200 && sheet.rgb[at + i] === rgb[i]) i++;
        if (i === 1200) return [x, y];
      }
    }
  };
  const [left, right] = [find(before.rgb), find(after.rgb)];
  assert(left && right && left[1] === right[1] && right[0] >= left[0] + 400, `${left} ${right}`);
});

Deno.test("compareSheet() enlarges the spot that changed most", async () => {
  const before = randomPhoto({ seed: 142, width: 1500, height: 1300 });
  const rgb = before.rgb.slice();
  for (let y = 900; y < 960; y++) {
    for (let x = 1200; x < 1260; x++) {
      rgb.set([255, 0, 255], 3 * (y * 1500 + x));
      before.rgb.set([0, 255, 0], 3 * (y * 1500 + x));
    }
  }
  const sheet = await compareSheet(before, { ...before, rgb });
  const count = (r: number, g: number, b: number) => {
    let pixels = 0;
    for (let i = 0; i < sheet.rgb.length; i += 3) {
      if (sheet.rgb[i] === r && sheet.rgb[i + 1] === g && sheet.rgb[i + 2] === b) pixels++;
    }
    return pixels;
  };
  // 30×30 in the halved whole and 180×180 in the detail.
  assertEquals(count(255, 0, 255), 900 + 32400);
  assertEquals(count(0, 255, 0), 900 + 32400);
});

Deno.test("compareSheet() takes any size, grey, 16 bits and alpha, and writes labels", async () => {
  for (
    const [width, height] of [[1, 1], [1, 500], [500, 1], [7, 7], [1001, 3], [2100, 2], [2, 2100], [
      640,
      2300,
    ]]
  ) {
    const kind = { width, height, bits: 16, grey: width === 7, alpha: true } as const;
    const before = randomPhoto({ seed: 143, ...kind });
    const after = randomPhoto({ seed: 144, ...kind });
    const sheet = await compareSheet(before, after, { labels: ["0 %", "ünï×"] });
    assert(sheet.rgb instanceof Uint8Array && sheet.rgb.length === 3 * sheet.width * sheet.height);
    assert(sheet.height < 3600 && sheet.width >= 640 && sheet.width < 2100, `${sheet.width}×${sheet.height}`);
    let ink = 0;
    for (let i = 0; i < 3 * sheet.width * 34; i += 3) {
      if (sheet.rgb[i] === 0xf0 && sheet.rgb[i + 2] === 0xf0) ink++;
    }
    assert(ink > 100, "no label");
  }
  const small = randomPhoto({ seed: 145, width: 3, height: 3 });
  await assertRejects(compareSheet(small, randomPhoto({ seed: 146, width: 3, height: 4 })), /sizes differ/);
});

Deno.test("forEachTextPixel() draws each character differently and a question mark for what it lacks", () => {
  const drawn = (text: string) => {
    const pixels: string[] = [];
    forEachTextPixel(text, (x, y) => {
      assert(x >= 0 && x < 5 && y >= 0 && y < GLYPH_HEIGHT);
      pixels.push(`${x},${y}`);
    });
    return pixels.join(" ");
  };
  const characters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-+/%()?"];
  assertEquals(new Set(characters.map(drawn)).size, characters.length);
  assertEquals(drawn("a"), drawn("A"));
  assertEquals(drawn("→"), drawn("?"));
  assertEquals(drawn(" "), "");
});

Deno.test("compareSheet() shows a photo that is thinner than what one pixel of the sheet stands for", async () => {
  for (const [width, height] of [[2100, 2], [2, 2100]]) {
    const grey = (value: number) => ({
      ...randomPhoto({ seed: 145, width, height }),
      rgb: new Uint8Array(3 * width * height).fill(value),
    });
    const { rgb } = await compareSheet(grey(90), grey(150));
    for (const value of [90, 150]) {
      // 700 of the whole, and more in the detail.
      let pixels = 0;
      for (let i = 0; i < rgb.length; i += 3) if (rgb[i] === value && rgb[i + 2] === value) pixels++;
      assert(pixels >= 700, `${pixels} pixels of ${value} in ${width}×${height}`);
    }
  }
});
