/**
 * Cameras' raw files that are TIFF files as well. The image library reads the first picture in them, which is a small preview or the sensor's mosaic, so they
 * have to be told from photos. TIFF 6.0, TIFF/EP (ISO 12234-2) and Adobe's DNG 1.7 name the tags.
 */

const NEW_SUBFILE_TYPE = 254;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const SUB_DIRECTORIES = 330;
const DNG_VERSION = 50706;
/** Values of `PHOTOMETRIC`: a mosaic of colour filters, and DNG's linear raw. */
const RAW_PHOTOMETRICS: readonly number[] = [32803, 34892];
/** Values of `COMPRESSION` that cameras alone write: Sony, Samsung, Nikon, Kodak, Pentax. */
const RAW_COMPRESSIONS: readonly number[] = [32767, 32770, 34713, 65000, 65535];
/** Bounds that no camera's file reaches, so that a damaged one cannot cost much time. */
const MOST_ENTRIES = 512;
const MOST_DIRECTORIES = 16;

/** What of a directory is looked at: whole numbers by tag. */
type Tags = ReadonlyMap<number, readonly number[]>;

/** Name of the raw format; undefined for everything else, TIFF photos with smaller copies of themselves included. */
export function rawFormat(file: Uint8Array): string | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 12) return undefined;
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return undefined;
  // Canon writes CR and a version behind the header of TIFF.
  if (view.getUint16(8) === 0x4352) return "Canon's raw format CR2";
  const directories = readDirectories(view, little);
  if (directories[0]?.has(DNG_VERSION)) return "the raw format DNG";
  const isRaw = (tags: Tags) =>
    RAW_PHOTOMETRICS.includes(tags.get(PHOTOMETRIC)?.[0] ?? 0) ||
    RAW_COMPRESSIONS.includes(tags.get(COMPRESSION)?.[0] ?? 0);
  // The first picture of a photo is the photo itself; in NEF, ARW and their like it is a reduced copy of one further down.
  const previewFirst = ((directories[0]?.get(NEW_SUBFILE_TYPE)?.[0] ?? 0) & 1) === 1 &&
    directories.length > 1;
  return previewFirst || directories.some(isRaw) ? "a camera's raw file (such as NEF or ARW)" : undefined;
}

/** The first directory, those behind it and those below them; as many as are whole. */
function readDirectories(view: DataView, little: boolean): Tags[] {
  const directories: Tags[] = [];
  const offsets = [view.getUint32(4, little)];
  const seen = new Set<number>();
  for (const offset of offsets) {
    if (offset === 0 || seen.has(offset) || seen.size === MOST_DIRECTORIES) continue;
    seen.add(offset);
    try {
      const { tags, next } = readDirectory(view, offset, little);
      directories.push(tags);
      offsets.push(...tags.get(SUB_DIRECTORIES) ?? [], next);
    } catch (error) {
      // It reaches past the end of the file.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return directories;
}

/** @throws {RangeError} where it reaches past the end. */
function readDirectory(view: DataView, start: number, little: boolean): { tags: Tags; next: number } {
  const tags = new Map<number, readonly number[]>();
  const count = view.getUint16(start, little);
  if (count > MOST_ENTRIES) throw new RangeError("more entries than a photo has");
  for (let at = start + 2; at < start + 2 + 12 * count; at += 12) {
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const values = Math.min(view.getUint32(at + 4, little), MOST_DIRECTORIES);
    const bytes = [1, 1, 2, 4][[1, 7, 3, 4].indexOf(type)] ?? (type === 13 ? 4 : 0);
    if (bytes === 0) continue;
    const from = bytes * values <= 4 ? at + 8 : view.getUint32(at + 8, little);
    const read = (i: number) =>
      bytes === 4
        ? view.getUint32(from + 4 * i, little)
        : bytes === 2
        ? view.getUint16(from + 2 * i, little)
        : view.getUint8(from + i);
    // Tables of strips and the like are not wanted here and may be cut short.
    if ([NEW_SUBFILE_TYPE, COMPRESSION, PHOTOMETRIC, SUB_DIRECTORIES, DNG_VERSION].includes(tag)) {
      tags.set(tag, Array.from({ length: values }, (_, i) => read(i)));
    }
  }
  return { tags, next: view.getUint32(start + 2 + 12 * count, little) };
}
