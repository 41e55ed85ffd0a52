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
