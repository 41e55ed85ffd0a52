/** Colour spaces that a file names by numbers (ITU-T H.273) in place of a profile: AVIF's box `colr` of type nclx, PNG's chunk cICP. */
import { pngChunks } from "./png_chunks.ts";

/** Primaries and transfer function, numbered as in H.273. */
export interface CodePoints {
  readonly primaries: number;
  readonly transfer: number;
}

const UNSPECIFIED = 2;
const DISPLAY_P3 = 12;
const PRIMARIES: Readonly<Record<number, string>> = {
  1: "BT.709",
  9: "BT.2020",
  11: "DCI-P3",
  12: "Display P3",
};
const TRANSFERS: Readonly<Record<number, string>> = { 8: "linear", 13: "sRGB", 16: "PQ", 18: "HLG" };
/** BT.709 and its like, which still pictures are marked with that were made for sRGB. */
const SRGB_LIKE: readonly number[] = [1, UNSPECIFIED, 6, 13, 14, 15];

/** What a PNG or AVIF file says; undefined where it says nothing. */
export function codePointsOf(file: Uint8Array, format: string): CodePoints | undefined {
  if (format === "heif") return nclxOf(file);
  if (format !== "png") return undefined;
  for (const { type, data } of pngChunks(file)) {
    if (type === "cICP" && data.length >= 4) return { primaries: data[0], transfer: data[1] };
  }
  return undefined;
}

/** True where the samples are sRGB, or taken for it by everybody. */
export function meansSrgb({ primaries, transfer }: CodePoints): boolean {
  return (primaries === 1 || primaries === UNSPECIFIED) && SRGB_LIKE.includes(transfer);
}

/** True for what phones and cameras write beside sRGB. */
export function meansDisplayP3({ primaries, transfer }: CodePoints): boolean {
  return primaries === DISPLAY_P3 && SRGB_LIKE.includes(transfer);
}

/** As a person calls it, e.g. `BT.2020, PQ`. */
export function spaceName({ primaries, transfer }: CodePoints): string {
  return `${PRIMARIES[primaries] ?? `primaries ${primaries}`}, ${
    TRANSFERS[transfer] ?? `transfer ${transfer}`
  }`;
}

/** Boxes on the way to the one that is wanted (ISO/IEC 14496-12, 23008-12). */
const PATH = ["meta", "iprp", "ipco"];
const BOX_HEADER_BYTES = 8;
/** Version and flags, which `meta` has before the boxes in it. */
const VERSION_BYTES = 4;

function nclxOf(file: Uint8Array): CodePoints | undefined {
  let boxes = file;
  for (const name of PATH) {
    const inner = boxesIn(boxes).find(({ type }) => type === name);
    if (!inner) return undefined;
    boxes = name === "meta" ? inner.data.subarray(VERSION_BYTES) : inner.data;
  }
  for (const { type, data } of boxesIn(boxes)) {
    if (type !== "colr" || data.length < 10 || latin1(data.subarray(0, 4)) !== "nclx") continue;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    return { primaries: view.getUint16(4), transfer: view.getUint16(6) };
  }
  return undefined;
}

/** As far as they are whole; one of more than 4 GB, or without a length, ends the list. */
function boxesIn(bytes: Uint8Array): { readonly type: string; readonly data: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const boxes = [];
  for (let at = 0; at + BOX_HEADER_BYTES <= bytes.length;) {
    const end = at + view.getUint32(at);
    if (end < at + BOX_HEADER_BYTES || end > bytes.length) break;
    const type = latin1(bytes.subarray(at + 4, at + 8));
    boxes.push({ type, data: bytes.subarray(at + BOX_HEADER_BYTES, end) });
    at = end;
  }
  return boxes;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
