import sharp from "sharp";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { exifDensity } from "../../src/image/exif.ts";
import type { Photo } from "../../src/image/photo.ts";
import { assertEquals } from "../assert.ts";
import { cameraExif, randomPhoto } from "./photos.ts";

const FORMATS = ["png", "jpeg", "webp", "tiff", "avif"] as const;
const photo = randomPhoto({ seed: 80, width: 16, height: 12, texture: "smooth" });

/** A little-endian block of XResolution and its unit. */
function resolutionExif(numerator: number, denominator: number, unit: number): Uint8Array {
  const block = new Uint8Array(46);
  const view = new DataView(block.buffer);
  block.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0]);
  const entry = (at: number, tag: number, type: number, value: number) => {
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  };
  entry(10, 0x011a, 5, 38);
  entry(22, 0x0128, 3, unit);
  view.setUint32(38, numerator, true);
  view.setUint32(42, denominator, true);
  return block;
}

Deno.test("exifDensity() reads pixels an inch or a centimetre, and none where there are none", () => {
  assertEquals(exifDensity(resolutionExif(300, 1, 2)), 300);
  assertEquals(exifDensity(resolutionExif(1181, 10, 3)), 300);
  assertEquals(exifDensity(resolutionExif(1, 1, 1)), undefined);
  assertEquals(exifDensity(resolutionExif(300, 0, 2)), undefined);
  assertEquals(exifDensity(cameraExif(1)), undefined);
  const whole = resolutionExif(300, 1, 2);
  for (let length = 0; length < whole.length; length++) {
    assertEquals(exifDensity(whole.slice(0, length)), undefined, `${length}`);
  }
});

for (const from of FORMATS) {
  for (const to of FORMATS) {
    Deno.test(`The density passes from ${from} to ${to}, and none is made up`, async () => {
      const pass = async (source: Photo) => {
        const first = await decodePhoto(await encodePhoto(source, { format: from }));
        return await decodePhoto(await encodePhoto(first, { format: to }));
      };
      assertEquals((await pass({ ...photo, density: 240 })).density, 240);
      assertEquals((await pass(photo)).density, undefined);
      // These two are written with the density beside EXIF, or instead.
      if (from === "tiff" || from === "avif") return;
      assertEquals((await pass({ ...photo, exif: resolutionExif(240, 1, 2) })).density, 240);
    });
  }
}

Deno.test("encodePhoto() writes TIFF without a unit, and PNG without pHYs, where there is no density", async () => {
  const tiff = await encodePhoto(photo, { format: "tiff" });
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const directory = view.getUint32(4, true);
  const values = new Map<number, number>();
  for (let i = 0; i < view.getUint16(directory, true); i++) {
    const at = directory + 2 + 12 * i;
    values.set(view.getUint16(at, true), view.getUint32(at + 8, true));
  }
  const ratio = values.get(282)!;
  assertEquals([values.get(296), view.getUint32(ratio, true), view.getUint32(ratio + 4, true)], [1, 1, 1]);
  const png = await encodePhoto(photo, { format: "png" });
  assertEquals(new TextDecoder("latin1").decode(png).includes("pHYs"), false);
  assertEquals([...await sharp(png).raw().toBuffer()], [...photo.rgb]);
});
