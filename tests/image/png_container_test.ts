import { crc32, inflateSync } from "node:zlib";
import { assertEquals } from "../assert.ts";
import { pngContainer } from "../../src/image/png_container.ts";
import { randomPhoto } from "./photos.ts";

/** Chunks of a PNG file by type, checksums verified. */
function chunksOf(file: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < file.length;) {
    const length = view.getUint32(at);
    const data = file.subarray(at + 8, at + 8 + length);
    chunks.set(new TextDecoder().decode(file.subarray(at + 4, at + 8)), data);
    assertEquals(view.getUint32(at + 8 + length), crc32(file.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
  return chunks;
}

for (const bits of [8, 16] as const) {
  for (const alpha of [false, true]) {
    for (const grey of [false, true]) {
      // A row shorter than a step of the checksum; one of several such steps; rows that cross the blocks of the stream.
      for (const [width, height] of [[1, 1], [3, 5], [1501, 37]]) {
        Deno.test(`pngContainer() holds every sample and right checksums (${width}×${height}, ${bits} bits${alpha ? ", alpha" : ""}${grey ? ", grey" : ""})`, () => {
          const photo = randomPhoto({ seed: 70, width, height, bits, alpha, grey });
          // inflateSync() throws where the stream's own checksum, Adler-32, is wrong.
          const stream = new Uint8Array(inflateSync(chunksOf(pngContainer(photo)).get("IDAT")!));
          const expected: number[] = [];
          const put = (sample: number) =>
            bits === 16 ? expected.push(sample >> 8, sample & 255) : expected.push(sample);
          for (let y = 0; y < height; y++) {
            expected.push(0);
            for (let pixel = y * width; pixel < (y + 1) * width; pixel++) {
              for (let c = 0; c < (grey ? 1 : 3); c++) put(photo.rgb[3 * pixel + c]);
              if (alpha) put(photo.alpha![pixel]);
            }
          }
          assertEquals(stream, Uint8Array.from(expected));
        });
      }
    }
  }
}
