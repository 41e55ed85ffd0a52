/** Segments of a JPEG file (ITU-T T.81, annex B), which hold what is said about the photo beside its pixels. */

/** Most bytes in a segment, without its marker and length. */
export const LARGEST_SEGMENT = 65533;

export interface Segment {
  /** E.g. 0xffe1 for APP1. */
  readonly marker: number;
  readonly data: Uint8Array;
}

const START_OF_SCAN = 0xffda;

/** The segments before the picture, as far as they are whole. */
export function* jpegSegments(file: Uint8Array): Generator<Segment> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 2; at + 4 <= file.length;) {
    const marker = view.getUint16(at);
    // Any number of these may stand before a marker.
    if (marker === 0xffff) {
      at++;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (marker < 0xff00 || marker === START_OF_SCAN || end < at + 4 || end > file.length) return;
    yield { marker, data: file.subarray(at + 4, end) };
    at = end;
  }
}

/** A copy of a JPEG file with more segments, before those that it has. */
export function jpegWithSegments(file: Uint8Array, added: readonly Segment[]): Uint8Array {
  const result = new Uint8Array(added.reduce((length, { data }) => length + 4 + data.length, file.length));
  const view = new DataView(result.buffer);
  let at = 2;
  result.set(file.subarray(0, at));
  for (const { marker, data } of added) {
    view.setUint16(at, marker);
    view.setUint16(at + 2, data.length + 2);
    result.set(data, at + 4);
    at += 4 + data.length;
  }
  result.set(file.subarray(2), at);
  return result;
}
