/** EXIF, XMP and IPTC to the byte, and what is said where they cannot be kept. */
import sharp from "sharp";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { jpegSegments, jpegWithSegments } from "../../src/image/jpeg_segments.ts";
import type { Photo } from "../../src/image/photo.ts";
import { assert, assertEquals } from "../assert.ts";
import { adobeRgbProfile, linearGreyProfile, randomPhoto } from "./photos.ts";

const [width, height] = [16, 12];
const photo = randomPhoto({ seed: 70, width, height, texture: "smooth" });
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A little-endian block of HostComputer, which fills it up to `length` bytes, Rating and a tag that nobody knows. */
function oddExif(length: number): Uint8Array {
  const block = new Uint8Array(length).fill(0x41);
  const view = new DataView(block.buffer);
  const entries = [[0x013c, 2, length - 50, 50], [0x4746, 3, 1, 4], [0xbeef, 4, 1, 77]];
  block.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, entries.length, 0]);
  entries.forEach(([tag, type, count, value], i) => {
    view.setUint16(10 + 12 * i, tag, true);
    view.setUint16(12 + 12 * i, type, true);
    view.setUint32(14 + 12 * i, count, true);
    view.setUint32(18 + 12 * i, value, true);
  });
  view.setUint32(10 + 12 * entries.length, 0, true);
  block[length - 1] = 0;
  return block;
}

/** Decodes with what is noted, without the name. */
async function decoded(file: Uint8Array): Promise<{ photo: Photo; notes: string[] }> {
  const notes: string[] = [];
  const back = await decodePhoto(file, { name: "x", onNote: (note) => notes.push(note.slice(3)) });
  return { photo: back, notes };
}

for (const format of ["jpeg", "png", "webp"] as const) {
  Deno.test(`encodePhoto() keeps EXIF to the byte in ${format}, and makes none up`, async () => {
    for (
      const [length, icc] of [[90, undefined], [91, adobeRgbProfile()], [
        30_000,
        linearGreyProfile(),
      ]] as const
    ) {
      const grey = length === 30_000 &&
        randomPhoto({ seed: 71, width, height, grey: true, texture: "smooth" });
      const source: Photo = { ...(grey || photo), icc, density: length === 90 ? 300 : undefined };
      const plain = await encodePhoto(source, { format });
      if (!source.density || format !== "webp") assertEquals((await sharp(plain).metadata()).exif, undefined);
      const xmp = bytes("<x:xmpmeta xmlns:x='adobe:ns:meta/'>hello</x:xmpmeta>");
      const file = await encodePhoto({ ...source, exif: oddExif(length), xmp }, { format });
      const back = await decoded(file);
      assertEquals([back.photo.exif, back.photo.xmp, back.notes], [oddExif(length), xmp, []]);
      assertEquals(back.photo.rgb, (await decodePhoto(plain)).rgb);
      assertEquals(back.photo.icc !== undefined, icc !== undefined);
      const bare = await encodePhoto({ ...source, exif: oddExif(length), xmp }, { format, strip: true });
      assertEquals((await sharp(bare).metadata()).exif, undefined);
    }
  });
}

const tooLong: [name: "exif" | "xmp" | "iptc", most: number, block: (length: number) => Uint8Array][] = [
  ["exif", 65527, oddExif],
  ["xmp", 65504, (length) => new Uint8Array(length).fill(0x20)],
  ["iptc", 65506, (length) => new Uint8Array(length).fill(0x1c)],
];
for (const [name, most, block] of tooLong) {
  Deno.test(`encodePhoto() says that ${name} is too long for jpeg, and keeps what is not`, async () => {
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const whole = await encodePhoto({ ...photo, [name]: block(most) }, { format: "jpeg", onNote });
    assertEquals([(await decodePhoto(whole))[name], notes], [block(most), []]);
    const lost = await encodePhoto({ ...photo, [name]: block(most + 1) }, { format: "jpeg", onNote });
    assertEquals((await decodePhoto(lost))[name], undefined);
    assertEquals(notes.length, 1);
    assert(notes[0].startsWith(`jpeg holds at most 65`) && notes[0].endsWith("are left out"), notes[0]);
  });
}

Deno.test("decodePhoto() reads IPTC from a second segment, and one that goes on in another", async () => {
  const jpeg = await encodePhoto(photo, { format: "jpeg" });
  const iptc = Uint8Array.from([0x1c, 2, 120, 0, 8, ...bytes("Low tide")]);
  const own = { marker: 0xffed, data: bytes("Photoshop 3.0\x008BIM\x04\x25\0\0\0\0\0\x02ab") };
  const [resources] = [...jpegSegments(await encodePhoto({ ...photo, iptc }, { format: "jpeg" }))]
    .filter(({ marker }) => marker === own.marker);
  const [first, rest] = [resources.data.slice(0, 30), resources.data.slice(30)];
  const split = [{ marker: own.marker, data: first }, {
    marker: own.marker,
    data: new Uint8Array([...bytes("Photoshop 3.0\0"), ...rest]),
  }];
  for (const segments of [[own, resources], split]) {
    const back = await decoded(jpegWithSegments(jpeg, segments));
    assertEquals([back.photo.iptc, back.notes], [iptc, []]);
  }
});

Deno.test("decodePhoto() says what of a JPEG it cannot keep: damaged EXIF, XMP beyond the first packet", async () => {
  const jpeg = await encodePhoto(photo, { format: "jpeg" });
  const beyond = { marker: 0xffe1, data: bytes("http://ns.adobe.com/xmp/extension/\0and so on") };
  const packet = (promise: string) =>
    bytes(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description${promise}/></x:xmpmeta>`);
  const xmp = packet(` xmpNote:HasExtendedXMP="0123456789ABCDEF"`);
  const extended = await decoded(
    jpegWithSegments(await encodePhoto({ ...photo, xmp }, { format: "jpeg" }), [beyond]),
  );
  assertEquals(extended.notes, ["XMP beyond its first packet (depth maps and their like) is left out"]);
  assertEquals(extended.photo.xmp, packet(""));
  const damaged = oddExif(90);
  damaged[4] = 99;
  const exif = { marker: 0xffe1, data: new Uint8Array([...bytes("Exif\0\0"), ...damaged]) };
  const back = await decoded(jpegWithSegments(jpeg, [exif]));
  assertEquals([back.photo.exif, back.notes], [undefined, ["its EXIF is damaged and left out"]]);
});

Deno.test("jpegSegments() ends where the file does, wherever it is cut", async () => {
  const jpeg = await encodePhoto({ ...photo, exif: oddExif(90), density: 300 }, { format: "jpeg" });
  const all = [...jpegSegments(jpeg)].length;
  for (let length = 0; length < 300; length++) assert([...jpegSegments(jpeg.slice(0, length))].length <= all);
  const filled = new Uint8Array([...jpeg.subarray(0, 2), 0xff, 0xff, ...jpeg.subarray(2)]);
  assertEquals([...jpegSegments(filled)].length, all);
});
