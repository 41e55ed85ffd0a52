/**
 * Pixels and metadata as an uncompressed PNG in memory (W3C PNG, third edition). The image library takes metadata only from a file that it reads,
 * so this is how ICC, EXIF, XMP and density get into every format that it writes.
 */
import { crc32, deflateSync } from "node:zlib";
import { colourChannelsOf, type Photo } from "./photo.ts";
import { chunk, describingChunks } from "./png_chunks.ts";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** Most bytes in a stored block of a zlib stream (RFC 1951). */
const BLOCK = 65535;
const ADLER_MODULUS = 65521;
const METRES_PER_INCH = 0.0254;

/** A photo as an uncompressed PNG: one or three colour channels, 16 bits where the samples have them, alpha where there is some. */
export function pngContainer(photo: Photo): Uint8Array {
  const { width, height, icc, density } = photo;
  const text = new TextEncoder();
  const chunks = [header(photo)];
  if (icc) chunks.push(chunk("iCCP", text.encode("ICC profile\0\0"), deflateSync(icc)));
  if (density) {
    const physical = new DataView(new ArrayBuffer(9));
    const perMetre = Math.round(density / METRES_PER_INCH);
    physical.setUint32(0, perMetre);
    physical.setUint32(4, perMetre);
    physical.setUint8(8, 1);
    chunks.push(chunk("pHYs", new Uint8Array(physical.buffer)));
  }
  chunks.push(...describingChunks(photo));
  const end = chunk("IEND");

  const rowBytes = 1 + width * channelsOf(photo) * photo.rgb.BYTES_PER_ELEMENT;
  const bytes = rowBytes * height;
  const streamBytes = 2 + bytes + 5 * Math.ceil(bytes / BLOCK) + 4;
  const before = SIGNATURE.length + chunks.reduce((sum, part) => sum + part.length, 0);
  const file = new Uint8Array(before + 12 + streamBytes + end.length);
  file.set(SIGNATURE);
  let offset = SIGNATURE.length;
  for (const part of chunks) {
    file.set(part, offset);
    offset += part.length;
  }
  const data = file.subarray(offset, offset + 12 + streamBytes);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  view.setUint32(0, streamBytes);
  data.set(text.encode("IDAT"), 4);
  storeRows(photo, rowBytes, data.subarray(8, 8 + streamBytes));
  view.setUint32(8 + streamBytes, crc32(data.subarray(4, 8 + streamBytes)));
  file.set(end, offset + data.length);
  return file;
}

function channelsOf(photo: Photo): number {
  return colourChannelsOf(photo) + (photo.alpha ? 1 : 0);
}

function header(photo: Photo): Uint8Array {
  const view = new DataView(new ArrayBuffer(13));
  view.setUint32(0, photo.width);
  view.setUint32(4, photo.height);
  view.setUint8(8, 8 * photo.rgb.BYTES_PER_ELEMENT);
  view.setUint8(9, [0, 4, 2, 6][colourChannelsOf(photo) - 1 + (photo.alpha ? 1 : 0)]);
  return chunk("IHDR", new Uint8Array(view.buffer));
}

/** Writes the zlib stream of all rows, each with filter 0, in stored blocks: one pass, no second copy of the photo. */
function storeRows(photo: Photo, rowBytes: number, stream: Uint8Array): void {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const row = new Uint8Array(rowBytes);
  stream.set([0x78, 0x01]);
  let left = rowBytes * photo.height;
  let offset = 2;
  let room = 0;
  let a = 1;
  let b = 0;
  for (let y = 0; y < photo.height; y++) {
    fillRow(photo, y, row);
    for (let from = 0; from < rowBytes;) {
      if (room === 0) {
        room = Math.min(left, BLOCK);
        view.setUint8(offset, left === room ? 1 : 0);
        view.setUint16(offset + 1, room, true);
        view.setUint16(offset + 3, ~room & 0xffff, true);
        offset += 5;
      }
      const count = Math.min(room, rowBytes - from);
      stream.set(row.subarray(from, from + count), offset);
      from += count;
      offset += count;
      room -= count;
      left -= count;
    }
    [a, b] = adler32(row, a, b);
  }
  view.setUint16(offset, b);
  view.setUint16(offset + 2, a);
}

/** Both sums of Adler-32 (RFC 1950), gone on with over some bytes. Eight at a time: a byte by itself is a chain of two additions each. */
function adler32(bytes: Uint8Array, a: number, b: number): [a: number, b: number] {
  // So many cannot leave the range of small integers, with which engines are much faster.
  const most = 2048;
  for (let from = 0; from < bytes.length; from += most) {
    const to = Math.min(from + most, bytes.length);
    let i = from;
    for (; i + 8 <= to; i += 8) {
      const c = bytes[i];
      const d = bytes[i + 1];
      const e = bytes[i + 2];
      const f = bytes[i + 3];
      const g = bytes[i + 4];
      const h = bytes[i + 5];
      const j = bytes[i + 6];
      const k = bytes[i + 7];
      b += 8 * (a + c) + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * j + k;
      a += c + d + e + f + g + h + j + k;
    }
    for (; i < to; i++) {
      a += bytes[i];
      b += a;
    }
    a %= ADLER_MODULUS;
    b %= ADLER_MODULUS;
  }
  return [a, b];
}

/** One row, filter byte first, samples big-endian; a grey photo gives its red channel. */
function fillRow(photo: Photo, y: number, row: Uint8Array): void {
  const { width, rgb, alpha } = photo;
  const colours = colourChannelsOf(photo);
  const deep = rgb.BYTES_PER_ELEMENT === 2;
  let at = 1;
  if (colours === 3 && !deep && !alpha) return row.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), at);
  for (let x = 0; x < width; x++) {
    const pixel = y * width + x;
    for (let c = 0; c < colours; c++) {
      const sample = rgb[3 * pixel + c];
      if (deep) row[at++] = sample >> 8;
      row[at++] = sample & 255;
    }
    if (alpha) {
      if (deep) row[at++] = alpha[pixel] >> 8;
      row[at++] = alpha[pixel] & 255;
    }
  }
}
