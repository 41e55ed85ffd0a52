import sharp from "sharp";
import { decodePhoto } from "../../src/image/decode.ts";
import { jpegQuality } from "../../src/image/jpeg_quality.ts";
import { jpegWithSegments } from "../../src/image/jpeg_segments.ts";
import { assert, assertEquals } from "../assert.ts";
import { randomPhoto } from "./photos.ts";

const { rgb } = randomPhoto({ width: 24, height: 16, seed: 1 });
const picture = () => sharp(rgb, { raw: { width: 24, height: 16, channels: 3 } });

Deno.test("jpegQuality() finds what libjpeg was asked for, to within one", async () => {
  for (let quality = 2; quality <= 100; quality++) {
    const found = jpegQuality(await picture().jpeg({ quality }).toBuffer())!;
    assert(Math.abs(found - quality) <= 1, `${quality} found as ${found}`);
  }
});

Deno.test("jpegQuality() reads tables of two bytes a step, and several in a segment", async () => {
  const file = await picture().jpeg({ quality: 30 }).toBuffer();
  const wide = (
    table: number,
    step: number,
  ) => [0x10 | table, ...Array(64).fill([step >> 8, step & 255]).flat()];
  const tables = (...data: number[]) =>
    jpegWithSegments(file, [{ marker: 0xffdb, data: Uint8Array.of(...data) }]);
  const chromaAlone = tables(...wide(1, 300));
  assertEquals(jpegQuality(chromaAlone), jpegQuality(file));
  const coarse = jpegQuality(tables(...wide(1, 300), ...wide(0, 200)))!;
  assert(coarse > 5 && coarse < 20, `${coarse}`);
  assertEquals(jpegQuality(tables(...wide(0, 300))), 1);
});

Deno.test("jpegQuality() says nothing of a file without tables, or with cut ones", () => {
  assertEquals(jpegQuality(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), undefined);
  assertEquals(
    jpegQuality(Uint8Array.of(0xff, 0xd8, 0xff, 0xdb, 0, 5, 0, 1, 2, 0xff, 0xda, 0, 2)),
    undefined,
  );
});

Deno.test("decodePhoto() tells the quality of JPEGs alone", async () => {
  assertEquals((await decodePhoto(await picture().jpeg({ quality: 35 }).toBuffer())).jpegQuality, 35);
  assertEquals((await decodePhoto(await picture().png().toBuffer())).jpegQuality, undefined);
});
