import sharp from "sharp";
import { Random } from "../../src/base/random.ts";
import { UserError } from "../../src/base/errors.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { rawFormat } from "../../src/image/raw_files.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";

/** Entries by tag: short numbers, or a directory below this one. */
interface Directory {
  readonly [tag: number]: readonly number[] | Directory;
}

const WIDTH = 16;
const HEIGHT = 12;
/** Random colours, the one strip of every picture. */
const random = new Random(350);
const PIXELS = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, () => random.below(256));

/** The tags that a reader needs for a picture of these pixels, which stand behind the header of 16 bytes. */
const PICTURE: Directory = {
  ...{ 256: [WIDTH], 257: [HEIGHT], 258: [8, 8, 8], 259: [1], 262: [2], 273: [16], 277: [3] },
  ...{ 278: [HEIGHT], 279: [PIXELS.length] },
};

/** A TIFF file of directories that follow each other, and those below them. */
function tiff(directories: readonly Directory[], little = true, mark = ""): Uint8Array {
  const file = new Uint8Array(4096);
  const view = new DataView(file.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  file.set(new TextEncoder().encode(mark), 8);
  file.set(PIXELS, 16);
  let end = 16 + PIXELS.length;
  /** Lays a directory out with all below it. @returns where it stands, and where the offset of the next one goes. */
  const layOut = (directory: Directory): [number, number] => {
    const entries = Object.entries(directory).map(([tag, value]) => [Number(tag), value] as const);
    const start = end;
    end += 2 + 12 * entries.length + 4;
    view.setUint16(start, entries.length, little);
    for (const [i, [tag, value]] of entries.entries()) {
      const at = start + 2 + 12 * i;
      view.setUint16(at, tag, little);
      if (!Array.isArray(value)) {
        view.setUint16(at + 2, 4, little);
        view.setUint32(at + 4, 1, little);
        view.setUint32(at + 8, layOut(value as Directory)[0], little);
        continue;
      }
      view.setUint16(at + 2, 3, little);
      view.setUint32(at + 4, value.length, little);
      const from = value.length > 2 ? end : at + 8;
      if (value.length > 2) {
        view.setUint32(at + 8, from, little);
        end += 2 * value.length;
      }
      value.forEach((number, k) => view.setUint16(from + 2 * k, number, little));
    }
    return [start, start + 2 + 12 * entries.length];
  };
  let link = 4;
  for (const directory of directories) {
    const [start, next] = layOut(directory);
    view.setUint32(link, start, little);
    link = next;
  }
  return file.slice(0, end);
}

/** The sensor's mosaic. */
const MOSAIC = { ...PICTURE, 254: [0], 258: [8], 262: [32803], 277: [1] };
const PREVIEW = { 254: [1], ...PICTURE };

/** Raw files by what they should be called. */
const RAW: readonly (readonly [RegExp, (little: boolean) => Uint8Array])[] = [
  [/DNG/, (little) => tiff([{ ...PREVIEW, 330: MOSAIC, 50706: [0x0401, 0] }], little)],
  [/DNG/, (little) => tiff([{ ...PICTURE, 50706: [0x0401, 0] }], little)],
  [/CR2/, (little) => tiff([PICTURE, PICTURE], little, "CR\x02\0")],
  [/NEF or ARW/, (little) => tiff([{ ...PREVIEW, 330: { ...MOSAIC, 259: [34713] } }], little)],
  [/NEF or ARW/, (little) => tiff([{ ...PREVIEW, 330: PICTURE }], little)],
  [/NEF or ARW/, (little) => tiff([{ ...PICTURE, 330: { ...PICTURE, 259: [32767] } }], little)],
  [/NEF or ARW/, (little) => tiff([PICTURE, { ...PICTURE, 262: [34892] }], little)],
  [/NEF or ARW/, (little) => tiff([{ ...MOSAIC, 259: [65535] }], little)],
];

Deno.test("decodePhoto() refuses raw files in one line, though the library would read the preview in them", async () => {
  for (const [i, [name, make]] of RAW.entries()) {
    for (const little of [true, false]) {
      const file = make(little);
      // The last one has no preview.
      if (i < RAW.length - 1) assertEquals((await sharp(file).metadata()).width, WIDTH);
      await assertRejects(decodePhoto(file, { name: "x.tif" }), (error: unknown) => {
        assert(error instanceof UserError && error.exitCode === 1);
        assertMatch(
          error.message,
          /^Cannot read x\.tif: .*(raw).* is not supported; convert it to JPEG or PNG first$/,
        );
        assertMatch(error.message, name);
        return true;
      });
    }
  }
});

Deno.test("decodePhoto() reads TIFF photos that hold smaller copies of themselves, or pages", async () => {
  for (const little of [true, false]) {
    for (
      const directories of [
        [PICTURE],
        [{ 254: [0], ...PICTURE, 330: PREVIEW }],
        [{ 254: [2], ...PICTURE }, { 254: [2], ...PICTURE }],
        // Alone it is all that there is.
        [PREVIEW],
      ]
    ) {
      const file = tiff(directories, little);
      assertEquals(rawFormat(file), undefined);
      assertEquals((await decodePhoto(file)).rgb, PIXELS);
    }
  }
});

Deno.test("rawFormat() gets through cut and damaged files", () => {
  const damage = new Random(351);
  let found = 0;
  for (const [, make] of RAW) {
    const file = make(true);
    for (let length = 0; length < file.length; length += 7) rawFormat(file.slice(0, length));
    for (let i = 0; i < 300; i++) {
      const damaged = file.slice();
      for (let k = 0; k < 6; k++) damaged[damage.below(damaged.length)] = damage.below(256);
      if (rawFormat(damaged)) found++;
    }
  }
  assert(found > 1000, String(found));
});
