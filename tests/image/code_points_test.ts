import sharp from "sharp";
import { codePointsOf } from "../../src/image/code_points.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { chunk, pngWithChunks } from "../../src/image/png_chunks.ts";
import { assert, assertEquals } from "../assert.ts";
import { meanDifference, randomPhoto, swappedProfile } from "./photos.ts";

const photo = randomPhoto({ seed: 90, width: 24, height: 16, texture: "smooth" });
const raw = { width: 24, height: 16, channels: 3 } as const;
const profileBox = new TextEncoder().encode("colrrICC");

/** A file of these samples that names its space by code points. */
async function marked(format: "png" | "avif", primaries: number, transfer: number): Promise<Uint8Array> {
  if (format === "png") {
    const png = await encodePhoto(photo, { format });
    return pngWithChunks(png, [chunk("cICP", Uint8Array.of(primaries, transfer, 0, 1))]);
  }
  // A profile's box becomes one of code points, with bytes left over behind them.
  const avif = await encodePhoto({ ...photo, icc: swappedProfile() }, { format, quality: 90 });
  const at = avif.findIndex((_, i) => profileBox.every((byte, j) => avif[i + j] === byte));
  avif.set([...new TextEncoder().encode("nclx"), 0, primaries, 0, transfer, 0, 6, 0x80], at + 4);
  return avif;
}

for (const format of ["png", "avif"] as const) {
  const read = async (primaries: number, transfer: number) => {
    const notes: string[] = [];
    const file = await marked(format, primaries, transfer);
    return { ...await decodePhoto(file, { name: "x", onNote: (note) => notes.push(note) }), notes };
  };

  Deno.test(`decodePhoto() takes Display P3 from the code points of ${format}`, async () => {
    const p3 = await read(12, 13);
    assertEquals(p3.notes, []);
    assert(meanDifference(p3.rgb, photo.rgb) < 2);
    const shown = await sharp(photo.rgb, { raw }).withIccProfile("p3").png().toBuffer();
    assertEquals(p3.icc, new Uint8Array((await sharp(shown).metadata()).icc!));
    const again = await decodePhoto(await encodePhoto(p3, { format }));
    assertEquals(again.icc, p3.icc);
  });

  Deno.test(`decodePhoto() says which code points of ${format} it cannot keep`, async () => {
    for (const [primaries, transfer] of [[1, 13], [1, 1], [2, 2]]) {
      const plain = await read(primaries, transfer);
      assertEquals([plain.icc, plain.notes], [undefined, []]);
    }
    const named = [[9, 16, "BT.2020, PQ"], [9, 18, "BT.2020, HLG"], [12, 16, "Display P3, PQ"], [
      1,
      8,
      "BT.709, linear",
    ], [
      22,
      4,
      "primaries 22, transfer 4",
    ]] as const;
    for (const [primaries, transfer, space] of named) {
      const { icc, notes } = await read(primaries, transfer);
      const note = `x: its colour space (${space}) cannot be kept: its colours are taken for sRGB`;
      assertEquals([icc, notes], [undefined, [note]]);
    }
  });

  Deno.test(`codePointsOf() answers for ${format} wherever it is cut`, async () => {
    const file = await marked(format, 12, 13);
    const name = format === "avif" ? "heif" : format;
    for (let length = 0; length <= Math.min(file.length, 600); length++) {
      const points = codePointsOf(file.slice(0, length), name);
      if (points) assertEquals([points.primaries, points.transfer], [12, 13]);
    }
    assertEquals(codePointsOf(file, name), { primaries: 12, transfer: 13 });
  });
}
