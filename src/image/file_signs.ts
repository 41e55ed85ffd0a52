/** What a file's first bytes say that the image library does not. */
import { pngChunks } from "./png_chunks.ts";

const latin1 = new TextDecoder("latin1");

/** First bytes of formats that are known and cannot be read. */
const SIGNS: readonly (readonly [string, string])[] = [
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\0\x0cjP  ", "JPEG 2000"],
  ["\xff\x4f\xff\x51", "JPEG 2000"],
  ["BM", "BMP"],
  ["8BPS", "Photoshop's PSD"],
  ["FUJIFILMCCD-RAW", "Fuji's raw format RAF"],
  ["IIU\0", "Panasonic's raw format RW2"],
  ["IIRO", "Olympus's raw format ORF"],
  ["IIRS", "Olympus's raw format ORF"],
  ["MMOR", "Olympus's raw format ORF"],
  ["FOVb", "Sigma's raw format X3F"],
  ["%PDF", "PDF"],
];

/** Name of a photo format that is known and cannot be read; undefined for all others. */
export function foreignFormat(file: Uint8Array): string | undefined {
  const start = latin1.decode(file.subarray(0, 64));
  if (start.slice(4, 8) === "ftyp") {
    // The box lists the brand first, then after four bytes all that it is compatible with (ISO/IEC 14496-12).
    const length = Math.min(64, new DataView(file.buffer, file.byteOffset).getUint32(0));
    const brands = [start.slice(8, 12), ...(start.slice(16, length).match(/.{4}/gs) ?? [])];
    if (brands.some((brand) => /^(heic|heix|hevc|hevx|heim|heis)$/.test(brand))) return "HEIC";
    if (brands[0] === "crx ") return "Canon's raw format CR3";
    if (brands.includes("avif") || brands.includes("avis")) return undefined;
    return "this kind of HEIF or video";
  }
  return SIGNS.find(([sign]) => start.startsWith(sign))?.[1];
}

/** Frames of an animated PNG (chunk acTL, W3C PNG third edition), of which the image library reads one; 1 for all others. */
export function framesOfPng(file: Uint8Array): number {
  for (const { type, data } of pngChunks(file)) {
    if (type === "acTL" && data.length >= 4) return new DataView(data.buffer, data.byteOffset).getUint32(0);
  }
  return 1;
}
