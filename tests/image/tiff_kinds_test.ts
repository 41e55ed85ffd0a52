/** The kinds of TIFF that scanners, cameras and editors write. */
import sharp from "sharp";
import { assert, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { UserError } from "../../src/base/errors.ts";
import { decodeRgb } from "../../src/data/decode.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { randomPhoto } from "./photos.ts";
import { rawTiff } from "./raw_tiff.ts";

for (const bits of [8, 16] as const) {
  for (const planar of [false, true]) {
    for (const bigEndian of [false, true]) {
      for (const deflate of [false, true]) {
        const kind = `${bits} bits, ${planar ? "planar" : "interleaved"}, ${
          bigEndian ? "big-endian" : "little-endian"
        }, ${deflate ? "deflate" : "uncompressed"}`;
        Deno.test(`decodePhoto() and encodePhoto() keep every sample of a TIFF (${kind})`, async () => {
          const photo = randomPhoto({ seed: 60, width: 37, height: 23, bits });
          const file = rawTiff({ ...photo, planar, bigEndian, compression: deflate ? 8 : 1 });
          const notes: string[] = [];
          const read = await decodePhoto(file, { onNote: (note) => notes.push(note) });
          assertEquals([read.width, read.height, read.format, notes], [37, 23, "tiff", []]);
          assertEquals(read.rgb, photo.rgb);
          const again = await decodePhoto(await encodePhoto(read, { format: "tiff" }));
          assertEquals(again.rgb, photo.rgb);
        });
      }
    }
  }
  for (const compression of ["none", "lzw", "deflate", "packbits"] as const) {
    for (const tile of [false, true]) {
      const kind = `${bits} bits, ${compression}, ${tile ? "tiles" : "strips"}`;
      Deno.test(`decodePhoto() and encodePhoto() keep every sample of a TIFF (${kind})`, async () => {
        const photo = randomPhoto({ seed: 61, width: 157, height: 131, bits });
        const raw = { width: 157, height: 131, channels: 3 } as const;
        const file = await sharp(photo.rgb, { raw }).toColourspace(bits === 16 ? "rgb16" : "srgb")
          .tiff({ compression, tile, predictor: compression === "packbits" ? "none" : "horizontal" })
          .toBuffer();
        const read = await decodePhoto(new Uint8Array(file));
        assertEquals(read.rgb, photo.rgb);
        const again = await decodePhoto(await encodePhoto(read, { format: "tiff" }));
        assertEquals(again.rgb, photo.rgb);
      });
    }
  }
}

Deno.test("decodePhoto() says that a TIFF's compression is not supported, not that the file is damaged", async () => {
  const photo = randomPhoto({ seed: 62, width: 9, height: 8 });
  // ZSTD, LZMA, and one that nobody knows.
  for (const compression of [50000, 34925, 12345]) {
    await assertRejects(
      () => decodePhoto(rawTiff({ ...photo, compression }), { name: "scan.tif" }),
      (error) => {
        assert(error instanceof UserError);
        assertMatch(
          error.message,
          /^Cannot read scan\.tif: its compression \((ZSTD|LZMA|number 12345)\) is not supported; save it with deflate or LZW$/,
        );
        return true;
      },
    );
  }
});

/** Lab as 16-bit TIFF has it: lightness 0..65535 for 0..100, a and b times 256, with a sign. */
const lab = (l: number, a: number, b: number) => [l * 655.35, a * 256 & 65535, b * 256 & 65535];

Deno.test("decodePhoto() converts Lab of 16 bits to sRGB and says so", async () => {
  const colours = [lab(0, 0, 0), lab(100, 0, 0), lab(53.585, 0, 0), lab(53.24, 80.09, 67.2)];
  const rgb = Uint16Array.from(colours.flat(), Math.round);
  const notes: string[] = [];
  const photo = await decodePhoto(rawTiff({ width: 4, height: 1, rgb, photometric: 8 }), {
    name: "scan.tif",
    onNote: (note) => notes.push(note),
  });
  assertEquals(notes, ["scan.tif: colours converted from Lab to sRGB"]);
  assert(photo.rgb instanceof Uint16Array);
  const expected = [0, 0, 0, 255, 255, 255, 128, 128, 128, 255, 0, 0];
  photo.rgb.forEach((value, i) => assert(Math.abs(value / 257 - expected[i]) < 0.6, `${i}: ${value / 257}`));
});

Deno.test("Lab of 8 bits is refused as what it is, not as damaged", async () => {
  const { rgb } = randomPhoto({ seed: 63, width: 9, height: 8 });
  const file = rawTiff({ width: 9, height: 8, rgb, photometric: 8 });
  const reason = "Lab of 8 bits is not supported; convert it to RGB";
  await assertRejects(
    () => decodePhoto(file, { name: "a.tif" }),
    isUserError(new RegExp(`^Cannot read a.tif: ${reason}$`)),
  );
  await assertRejects(
    () => decodeRgb("a.tif", file),
    isUserError(new RegExp(`^Cannot read the photo 'a.tif': ${reason}$`)),
  );
});
