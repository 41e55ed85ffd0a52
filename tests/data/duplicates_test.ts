import sharp from "sharp";
import { printOf, Prints } from "../../src/data/duplicates.ts";
import { assert, assertEquals } from "../assert.ts";
import { pieceOf } from "./trees.ts";

const SIZE = 256;
const raw = { raw: { width: SIZE, height: SIZE, channels: 3 } } as const;

Deno.test("Prints finds a photo again after JPEG and after a change of size, and takes no other for it", async () => {
  const prints = new Prints();
  const photos = await Promise.all(Array.from({ length: 8 }, (_, i) => pieceOf(200 + i, SIZE, SIZE)));
  photos.forEach((rgb, i) => {
    assertEquals(prints.find(printOf(rgb, SIZE)), undefined, `photo ${i} is new`);
    prints.add(printOf(rgb, SIZE), 1000 + i);
  });
  for (const [i, rgb] of photos.entries()) {
    const jpeg = await sharp(rgb, raw).jpeg({ quality: 75 }).toBuffer();
    const again = new Uint8Array(await sharp(jpeg).raw().toBuffer());
    assert(again.some((value, k) => value !== rgb[k]));
    const large = { raw: { ...raw.raw, width: 590, height: 590 } };
    const double = await sharp(await sharp(rgb, raw).resize(590, 590).raw().toBuffer(), large)
      .resize(SIZE, SIZE).raw().toBuffer();
    assertEquals([prints.find(printOf(again, SIZE)), prints.find(printOf(double, SIZE))], [
      1000 + i,
      1000 + i,
    ]);
  }
});

Deno.test("Prints takes two shots of one scene for one photo up to a difference of 1.5 of 255 on average", async () => {
  const photo = await pieceOf(300, SIZE, SIZE);
  const prints = new Prints();
  prints.add(printOf(photo, SIZE), 7);
  // Something passes through a part of the scene, darker or brighter by turns, so that the mean colours stay.
  const shot = (strength: number) =>
    photo.map((value, i) => {
      const [x, y] = [Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE)];
      const sign = (Math.floor(x / 16) + Math.floor(y / 16)) % 2 ? 1 : -1;
      return Math.min(Math.max(value + sign * strength, 0), 255);
    });
  const own = printOf(photo, SIZE);
  const difference = (rgb: Uint8Array) =>
    printOf(rgb, SIZE).reduce((sum, value, i) => sum + Math.abs(value - own[i]), 0) / own.length;
  const [near, far] = [shot(1), shot(3)];
  assert(difference(near) < 1.4 && difference(far) > 1.6, `${difference(near)}, ${difference(far)}`);
  assertEquals(prints.find(printOf(near, SIZE)), 7);
  assertEquals(prints.find(printOf(far, SIZE)), undefined);
});

Deno.test("Prints finds flat pictures again where they are equal, and takes similar ones for others", () => {
  const flat = (r: number, g: number, b: number, size: number) =>
    printOf(Uint8Array.from({ length: size * size * 3 }, (_, i) => [r, g, b][i % 3]), size);
  for (const size of [8, 16, 37]) {
    const prints = new Prints();
    [flat(10, 20, 30, size), flat(10, 20, 31, size), flat(10, 20, 30, size)].forEach((print, i) =>
      prints.add(print, i)
    );
    assertEquals(prints.find(flat(10, 20, 30, size)), 0);
    assertEquals(prints.find(flat(10, 20, 31, size)), 1);
    assertEquals(prints.find(flat(10, 20, 32, size)), undefined);
    assertEquals(prints.find(flat(30, 20, 10, size)), undefined);
  }
  const black = new Prints();
  black.add(flat(0, 0, 0, 16), 3);
  assertEquals([black.find(flat(0, 0, 0, 16)), black.find(flat(255, 255, 255, 16))], [3, undefined]);
});
