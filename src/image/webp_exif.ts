/** EXIF in WebP files (RFC 9649), whose chunks are those of RIFF. */

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;

/** A copy of a WebP file with another EXIF block in place of the one that it has; the file itself where it has none. */
export function webpWithExif(file: Uint8Array, exif: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= file.length;) {
    const end = at + CHUNK_HEADER_BYTES + even(view.getUint32(at + 4, true));
    if (new TextDecoder("latin1").decode(file.subarray(at, at + 4)) !== "EXIF") {
      at = end;
      continue;
    }
    const start = at + CHUNK_HEADER_BYTES;
    const result = new Uint8Array(file.length - (end - start) + even(exif.length));
    result.set(file.subarray(0, start));
    result.set(exif, start);
    result.set(file.subarray(end), start + even(exif.length));
    const written = new DataView(result.buffer);
    written.setUint32(at + 4, exif.length, true);
    written.setUint32(4, result.length - 8, true);
    return result;
  }
  return file;
}

/** Chunks are padded to an even number of bytes. */
function even(length: number): number {
  return length + length % 2;
}
