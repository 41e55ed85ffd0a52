import { resizedExif, uprightExif } from "../../src/image/exif.ts";
import { resizedXmp } from "../../src/image/xmp.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { enlargeBicubic } from "../../src/enhance/enlarge.ts";
import { assert, assertEquals } from "../assert.ts";
import { cameraExif, randomPhoto } from "./photos.ts";

/** A block with ImageWidth (SHORT), the Exif directory and in it PixelXDimension (SHORT) and PixelYDimension (LONG). */
function sizedExif(little: boolean): Uint8Array {
  const bytes = new Uint8Array(8 + 2 + 2 * 12 + 4 + 2 + 2 * 12 + 4);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(little ? "II" : "MM"));
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  const entry = (at: number, tag: number, type: number, value: number) => {
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, 1, little);
    if (type === 3) view.setUint16(at + 8, value, little);
    else view.setUint32(at + 8, value, little);
  };
  view.setUint16(8, 2, little);
  entry(10, 0x0100, 3, 40);
  entry(22, 0x8769, 4, 38);
  view.setUint16(38, 2, little);
  entry(40, 0xa002, 3, 40);
  entry(52, 0xa003, 4, 30);
  return bytes;
}

/** Values of the tags of a block, whatever their type. */
function valuesOf(exif: Uint8Array): Map<number, number> {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.length);
  const little = view.getUint16(0) === 0x4949;
  const found = new Map<number, number>();
  const visit = (directory: number) => {
    for (let i = 0; i < view.getUint16(directory, little); i++) {
      const at = directory + 2 + 12 * i;
      const tag = view.getUint16(at, little);
      const short = view.getUint16(at + 2, little) === 3;
      const value = short ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
      found.set(tag, value);
      if (tag === 0x8769) visit(value);
    }
  };
  visit(view.getUint32(4, little));
  return found;
}

for (const little of [false, true]) {
  Deno.test(`resizedExif() tells the new size, beyond 65,535 too, ${little ? "little" : "big"}-endian`, () => {
    const source = sizedExif(little);
    const before = source.slice();
    const values = valuesOf(resizedExif(source, 80000, 60));
    assertEquals([values.get(0x0100), values.get(0xa002), values.get(0xa003)], [80000, 80000, 60]);
    assertEquals(source, before);
  });
}

Deno.test("resizedExif() leaves blocks without a size, and damaged ones, as they are", () => {
  assertEquals(resizedExif(cameraExif(1), 9, 9), cameraExif(1));
  const source = sizedExif(true);
  for (let length = 0; length < source.length; length++) resizedExif(source.slice(0, length), 1, 1);
  for (let at = 0; at < source.length; at++) {
    const bad = source.slice();
    bad[at] ^= 0xff;
    assertEquals(resizedExif(bad, 1, 1).length, bad.length);
  }
});

Deno.test("resizedXmp() tells the new size as attribute and as element, and leaves other packets alone", () => {
  const packet = (w: number, h: number) =>
    `<rdf:Description tiff:ImageWidth="${w}" exif:PixelYDimension='${h}'><tiff:ImageLength>${h}</tiff:ImageLength></rdf:Description>`;
  const encode = (text: string) => new TextEncoder().encode(text);
  assertEquals(resizedXmp(encode(packet(40, 30)), 80, 60), encode(packet(80, 60)));
  const other = encode("<x tiff:Make='40'/>");
  assertEquals(resizedXmp(other, 80, 60), other);
});

for (const format of ["jpeg", "png", "tiff", "webp"] as const) {
  Deno.test(`An enlarged photo's EXIF tells its own size in ${format}`, async () => {
    const photo = {
      ...randomPhoto({ seed: 31, width: 40, height: 30, texture: "smooth" }),
      exif: sizedExif(true),
    };
    const back = await decodePhoto(await encodePhoto(enlargeBicubic(photo, 2), { format }));
    assertEquals([back.width, back.height], [80, 60]);
    const values = valuesOf(back.exif!);
    assert(values.has(0xa002), "the tag is lost");
    assertEquals([values.get(0xa002), values.get(0xa003)], [80, 60]);
  });
}

for (const little of [false, true]) {
  Deno.test(`uprightExif() says upright and drops the old thumbnail, ${little ? "little" : "big"}-endian`, () => {
    const source = sizedExif(little);
    const view = new DataView(source.buffer);
    view.setUint16(10, 0x0112, little); // the first tag: Orientation, 40 there
    view.setUint32(34, 38, little); // a second directory, where cameras keep the thumbnail
    const before = source.slice();
    const upright = uprightExif(source)!;
    assertEquals(source, before);
    assertEquals(valuesOf(upright).get(0x0112), 1);
    assertEquals(new DataView(upright.buffer, upright.byteOffset).getUint32(34, little), 0);
    // All else stays.
    upright.set(before.subarray(18, 22), 18);
    upright.set(before.subarray(34, 38), 34);
    assertEquals(upright, before);
    assertEquals(uprightExif(source.subarray(0, 13)), undefined);
    view.setUint32(4, 200, little); // its directory lies past the end
    assertEquals(uprightExif(source), undefined);
  });
}

for (const atEnd of [true, false]) {
  Deno.test(`uprightExif() leaves no byte of the old thumbnail ${atEnd ? "at the end" : "amid the block"}`, () => {
    const head = sizedExif(true);
    const second = new Uint8Array(2 + 2 * 12 + 4);
    const thumbnail = new TextEncoder().encode("thumbnail");
    const block = new Uint8Array([...head, ...second, ...thumbnail, 0, ...(atEnd ? [] : [7, 8, 9])]);
    const view = new DataView(block.buffer);
    view.setUint32(34, head.length, true);
    const at = head.length;
    const from = at + second.length;
    view.setUint16(at, 2, true);
    view.setUint16(at + 2, 0x0201, true);
    view.setUint32(at + 10, from, true);
    view.setUint16(at + 14, 0x0202, true);
    view.setUint32(at + 22, thumbnail.length, true);
    const upright = uprightExif(block)!;
    assertEquals(upright.length, atEnd ? from : block.length);
    assertEquals(new TextDecoder("latin1").decode(upright).includes("thumb"), false);
    if (!atEnd) assertEquals([...upright.subarray(-3)], [7, 8, 9]);
    // One that is said to stand before its directory, or to reach past the end, is no reason to blank anything.
    for (const [field, value] of [[at + 10, 8], [at + 22, 5000]]) {
      const odd = block.slice();
      new DataView(odd.buffer).setUint32(field, value, true);
      const kept = uprightExif(odd)!;
      odd.fill(0, 34, 38);
      assertEquals(kept, odd);
    }
  });
}
