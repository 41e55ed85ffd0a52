/** Chunks of PNG files (W3C PNG, third edition). */
import { crc32 } from "node:zlib";
import type { Photo } from "./photo.ts";

const SIGNATURE_BYTES = 8;
/** Of a chunk: length and type before its data, a checksum after. */
const FRAME_BYTES = 12;

export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The chunks before the picture's data, as far as they are whole. */
export function* pngChunks(file: Uint8Array): Generator<PngChunk> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= file.length;) {
    const type = new TextDecoder("latin1").decode(file.subarray(at + 4, at + 8));
    const end = at + FRAME_BYTES + view.getUint32(at);
    if (type === "IDAT" || end > file.length) return;
    yield { type, data: file.subarray(at + 8, end - 4) };
    at = end;
  }
}

/** A finished chunk. */
export function chunk(type: string, ...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(FRAME_BYTES + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  bytes.set(new TextEncoder().encode(type), 4);
  let offset = 8;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
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

/** A copy of a PNG file with more chunks, behind its header. */
export function pngWithChunks(file: Uint8Array, added: readonly Uint8Array[]): Uint8Array {
  const [{ data: header }] = pngChunks(file);
  let at = SIGNATURE_BYTES + FRAME_BYTES + header.length;
  const rest = file.subarray(at);
  const result = new Uint8Array(added.reduce((length, bytes) => length + bytes.length, file.length));
  result.set(file.subarray(0, at));
  for (const bytes of [...added, rest]) {
    result.set(bytes, at);
    at += bytes.length;
  }
  return result;
}
