/**
 * EXIF in TIFF files. An EXIF block has the structure of a TIFF file, and in TIFF its directories stand among the picture's own. The image library
 * neither reads nor writes them there, so they are moved here: description, camera, date, author, and the Exif and GPS directories.
 */
import { withoutExifHeader } from "./exif.ts";

const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
const INTEROPERABILITY_DIRECTORY = 0xa005;
const DIRECTORIES: readonly number[] = [EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY];
/** ImageDescription, Make, Model, Software, DateTime, Artist, Copyright: what describes the photo and not its samples. */
const DESCRIPTIVE: readonly number[] = [0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x8298];
/** Bytes of a value of each type, TIFF 6.0 page 15; index 0 is no type, 13 is a pointer to a directory. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const LONG = 4;
/** Bounds that no camera's directory reaches, so that a damaged one cannot cost much memory. */
const MOST_ENTRIES = 512;
const LARGEST_VALUE = 1 << 16;

/** Entries by tag; a directory in place of values where the tag points to one. */
type Directory = Map<number, Entry | Directory>;

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Little-endian values. */
  readonly data: Uint8Array;
}

/** The EXIF block of a TIFF file, without orientation; undefined where it has none or is no classic TIFF. */
export function exifFromTiff(file: Uint8Array): Uint8Array | undefined {
  const directory = descriptive(readStructure(file));
  return directory && new Uint8Array(writeStructure(directory));
}

/**
 * A copy of a little-endian TIFF file with the directories of an EXIF block added.
 * @returns the file itself where the block holds nothing to add or cannot be read.
 */
export function tiffWithExif(file: Uint8Array, exif: Uint8Array): Uint8Array {
  const added = descriptive(readStructure(withoutExifHeader(exif)));
  const own = file[0] === 0x49 ? readStructure(file) : undefined;
  if (!added || !own) return file;
  // Values of the picture's own directory stay where they are; only its entries move to the end, where there is room for more.
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const start = view.getUint32(4, true);
  const count = view.getUint16(start, true);
  const kept: Placed[] = [];
  for (let at = start + 2; at < start + 2 + 12 * count; at += 12) {
    const tag = view.getUint16(at, true);
    if (!added.has(tag)) kept.push({ tag, bytes: file.slice(at, at + 12) });
  }
  const offset = file.length + file.length % 2;
  const tail = layOut(added, offset, kept, view.getUint32(start + 2 + 12 * count, true));
  const result = new Uint8Array(offset + tail.bytes.length);
  result.set(file);
  result.set(tail.bytes, offset);
  new DataView(result.buffer).setUint32(4, tail.directory, true);
  return result;
}

function descriptive(directory: Directory | undefined): Directory | undefined {
  if (!directory) return undefined;
  const wanted = [...directory].filter(([tag]) => DESCRIPTIVE.includes(tag) || DIRECTORIES.includes(tag));
  return wanted.length > 0 ? new Map(wanted) : undefined;
}

/** The first directory of a TIFF structure; undefined where it is damaged or a BigTIFF. */
function readStructure(bytes: Uint8Array): Directory | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const little = view.getUint16(0) === 0x4949;
    if (!little && view.getUint16(0) !== 0x4d4d) return undefined;
    return view.getUint16(2, little) === 42
      ? readDirectory(view, view.getUint32(4, little), little, 0)
      : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @throws {RangeError} where it reaches past the end. */
function readDirectory(view: DataView, start: number, little: boolean, depth: number): Directory {
  const directory: Directory = new Map();
  const count = view.getUint16(start, little);
  if (count > MOST_ENTRIES) throw new RangeError("more entries than a photo has");
  for (let at = start + 2; at < start + 2 + 12 * count; at += 12) {
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const values = view.getUint32(at + 4, little);
    if (DIRECTORIES.includes(tag) && depth < 2) {
      directory.set(tag, readDirectory(view, view.getUint32(at + 8, little), little, depth + 1));
      continue;
    }
    const length = (TYPE_BYTES[type] ?? 0) * values;
    // The picture's own large tables (strip offsets) are not wanted here.
    if (length === 0 || length > LARGEST_VALUE) continue;
    const from = length <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (from + length > view.byteLength) throw new RangeError("a value reaches past the end");
    const data = new Uint8Array(view.buffer, view.byteOffset + from, length).slice();
    const unit = type === 5 || type === 10 ? 4 : TYPE_BYTES[type];
    if (!little && unit > 1) { for (let i = 0; i < length; i += unit) data.subarray(i, i + unit).reverse(); }
    directory.set(tag, { type, count: values, data });
  }
  return directory;
}

function writeStructure(directory: Directory): Uint8Array {
  const { bytes, directory: start } = layOut(directory, 8, [], 0);
  const file = new Uint8Array(8 + bytes.length);
  file.set([0x49, 0x49, 42, 0]);
  new DataView(file.buffer).setUint32(4, start, true);
  file.set(bytes, 8);
  return file;
}

/** A finished entry of 12 bytes. */
interface Placed {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/** Values and directories as they stand from `offset` on, and where the outer directory stands, in bytes from the file's start. */
function layOut(directory: Directory, offset: number, kept: readonly Placed[], next: number) {
  const parts: Uint8Array[] = [];
  let end = offset;
  const append = (bytes: Uint8Array): number => {
    const at = end;
    parts.push(bytes);
    end += bytes.length;
    if (end % 2) {
      parts.push(new Uint8Array(1));
      end++;
    }
    return at;
  };
  const entries = [...kept];
  for (const [tag, value] of directory) {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, tag, true);
    if (value instanceof Map) {
      const inner = layOut(value, end, [], 0);
      append(inner.bytes);
      view.setUint16(2, LONG, true);
      view.setUint32(4, 1, true);
      view.setUint32(8, inner.directory, true);
    } else {
      view.setUint16(2, value.type, true);
      view.setUint32(4, value.count, true);
      if (value.data.length <= 4) bytes.set(value.data, 8);
      else view.setUint32(8, append(value.data), true);
    }
    entries.push({ tag, bytes });
  }
  entries.sort((a, b) => a.tag - b.tag);
  const table = new Uint8Array(2 + 12 * entries.length + 4);
  const view = new DataView(table.buffer);
  view.setUint16(0, entries.length, true);
  entries.forEach(({ bytes }, i) => table.set(bytes, 2 + 12 * i));
  view.setUint32(2 + 12 * entries.length, next, true);
  const start = append(table);
  const bytes = new Uint8Array(end - offset);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, directory: start };
}
