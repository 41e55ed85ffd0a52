/**
 * Writes protocol-buffer messages (https://protobuf.dev/programming-guides/encoding/), as far as ONNX models need them. The usual
 * library makes functions from text, which a page's Content-Security-Policy forbids, and is larger than all the rest of the page.
 */
import { concatBytes } from "../base/concat_bytes.ts";

/** A message, or part of one, already encoded. Parts of a message in any order are that message. */
export type Encoded = Uint8Array;

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

/** A whole number from 0 to 2⁵³−1 (int32, int64, enum). */
export function wholeField(field: number, value: number): Encoded {
  return Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]);
}

/** A float. */
export function floatField(field: number, value: number): Encoded {
  return concatBytes([
    Uint8Array.from(varint(field * 8 + FIXED32)),
    new Uint8Array(Float32Array.of(value).buffer),
  ]);
}

/** A string. */
export function textField(field: number, text: string): Encoded {
  return bytesField(field, new TextEncoder().encode(text));
}

/** Bytes. */
export function bytesField(field: number, bytes: Uint8Array): Encoded {
  return concatBytes([Uint8Array.from([...varint(field * 8 + LENGTH), ...varint(bytes.length)]), bytes]);
}

/** A message inside another, of these parts. */
export function messageField(field: number, parts: readonly Encoded[]): Encoded {
  return bytesField(field, concatBytes(parts));
}

/** Seven bits a byte, the low ones first; all but the last byte have their high bit set. */
function varint(value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot encode ${value}: only whole numbers from 0 to 2^53 - 1 are written`);
  }
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}
