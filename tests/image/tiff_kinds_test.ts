/** The kinds of TIFF that scanners, cameras and editors write. */
import sharp from "sharp";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { UserError } from "../../src/base/errors.ts";
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
