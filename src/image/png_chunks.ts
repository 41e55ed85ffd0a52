/** Chunks of PNG files (W3C PNG, third edition). */
import { crc32 } from "node:zlib";
import { concatBytes } from "../base/concat_bytes.ts";
import type { Photo } from "./photo.ts";

const SIGNATURE_BYTES = 8;
/** Of a chunk: length and type before its data, a checksum after. */
const FRAME_BYTES = 12;

export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
}

/** The chunks before the picture's data, as far as they are whole. */
export function* pngChunks(file: Uint8Array): Generator<PngChunk> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= file.length;) {
    const type = new TextDecoder("latin1").decode(file.subarray(at + 4, at + 8));
    const end = at + FRAME_BYTES + view.getUint32(at);
    if (type === "IDAT" || end > file.length) return;
    yield { type, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) };
    at = end;
  }
}

/** A finished chunk. */
export function chunk(type: string, ...parts: Uint8Array[]): Uint8Array {
  const bytes = concatBytes([new Uint8Array(8), ...parts, new Uint8Array(4)]);
  const length = bytes.length - FRAME_BYTES;
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  bytes.set(new TextEncoder().encode(type), 4);
  view.setUint32(8 + length, crc32(bytes.subarray(4, 8 + length)));
  return bytes;
}

/** A photo's EXIF and XMP. */
export function describingChunks({ exif, xmp }: Pick<Photo, "exif" | "xmp">): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  if (exif) chunks.push(chunk("eXIf", exif));
  if (xmp) chunks.push(chunk("iTXt", new TextEncoder().encode("XML:com.adobe.xmp\0\0\0\0\0"), xmp));
  return chunks;
}

/** A copy of a PNG file with more chunks behind its header, and without those of some type. */
export function pngWithChunks(file: Uint8Array, added: readonly Uint8Array[], dropped?: string): Uint8Array {
  const [header, ...others] = pngChunks(file);
  const before = others.reduce((length, { whole }) => length + whole.length, header.whole.length);
  const kept = others.filter(({ type }) => type !== dropped).map(({ whole }) => whole);
  const signature = file.subarray(0, SIGNATURE_BYTES);
  const picture = file.subarray(SIGNATURE_BYTES + before);
  return concatBytes([signature, header.whole, ...added, ...kept, picture]);
}
