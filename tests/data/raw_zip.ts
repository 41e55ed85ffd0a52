/** Zip archives byte by byte (PKWARE's APPNOTE 6.3), so that they can lie. */
import { deflateRawSync } from "node:zlib";
import { crc32 } from "../../src/base/crc32.ts";

export interface RawEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** 8: deflated, 0: stored; others are only claimed. 8 by default. */
  readonly method?: number;
  /** Bit 0: encrypted. */
  readonly flags?: number;
  /** Unix mode; a plain file by default. */
  readonly mode?: number;
  /** What the archive's directory claims, in place of the truth. */
  readonly crc?: number;
  readonly bytes?: number;
  /** Use the data of the entry of this number. */
  readonly shares?: number;
}

/** @param zip64 write sizes, offsets and counts in zip64's fields. */
export function rawZip(entries: readonly RawEntry[], zip64 = false): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    length += bytes.length;
  };
  const packed = entries.map(({ data, method = 8 }) =>
    method === 8 ? new Uint8Array(deflateRawSync(data)) : data
  );
  const offsets: number[] = [];
  for (const [i, { name, method = 8, flags = 0, data, shares }] of entries.entries()) {
    if (shares !== undefined) {
      offsets.push(offsets[shares]);
      continue;
    }
    offsets.push(length);
    const text = new TextEncoder().encode(name);
    put(fields([4, 0x04034b50], [2, 20], [2, flags | 0x800], [2, method], [4, 0], [4, crc32(data)]));
    put(fields([4, packed[i].length], [4, data.length], [2, text.length], [2, 0]));
    put(text);
    put(packed[i]);
  }
  const start = length;
  for (const [i, entry] of entries.entries()) {
    const { name, method = 8, flags = 0, data, mode = 0o100644, shares } = entry;
    const { crc = crc32(data), bytes = data.length } = entry;
    const text = new TextEncoder().encode(name);
    const size = packed[shares ?? i].length;
    const extra = zip64 ? fields([2, 1], [2, 24], [8, bytes], [8, size], [8, offsets[i]]) : new Uint8Array();
    const or64 = (value: number) => zip64 ? 0xffffffff : value;
    put(
      fields([4, 0x02014b50], [2, 3 << 8 | 45], [2, 45], [2, flags | 0x800], [2, method], [4, 0], [4, crc]),
    );
    put(
      fields([4, or64(size)], [4, or64(bytes)], [2, text.length], [2, extra.length], [2, 0], [2, 0], [2, 0]),
    );
    put(fields([4, mode * 65536], [4, or64(offsets[i])]));
    put(text);
    put(extra);
  }
  const [count, directory] = [entries.length, length - start];
  if (zip64) {
    const at = length;
    put(fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]));
    put(fields([8, directory], [8, start], [4, 0x07064b50], [4, 0], [8, at], [4, 1]));
    put(
      fields([4, 0x06054b50], [2, 0], [2, 0], [2, 65535], [2, 65535], [4, 0xffffffff], [4, 0xffffffff], [
        2,
        0,
      ]),
    );
  } else {
    put(fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, directory], [4, start], [2, 0]));
  }
  const zip = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    zip.set(part, at);
    at += part.length;
  }
  return zip;
}

/** Little-endian whole numbers: [bytes, value] each. */
function fields(...values: readonly (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([width, value]) =>
      Array.from({ length: width }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256)
    ),
  );
}
