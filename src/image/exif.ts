/** EXIF blocks (CIPA DC-008, TIFF 6.0 structure): just what must change when a photo has been turned upright. */

const ORIENTATION = 0x0112;
const SHORT = 3;

/** The TIFF structure of an EXIF block, without the `Exif\0\0` that JPEG puts before it. */
export function withoutExifHeader(exif: Uint8Array): Uint8Array {
  const header = [0x45, 0x78, 0x69, 0x66, 0, 0];
  return header.every((byte, i) => exif[i] === byte) ? exif.subarray(6) : exif;
}

/**
 * A copy of an EXIF block whose orientation is upright (1) and which has no thumbnail: the old one shows the photo as it was.
 * @param exif with or without the `Exif\0\0` header; the result has none.
 * @returns undefined where the block is too damaged to be kept.
 */
export function uprightExif(exif: Uint8Array): Uint8Array | undefined {
  // The library hands over Buffers, whose slice() is no copy.
  const block = new Uint8Array(withoutExifHeader(exif));
  if (block.length < 14) return undefined;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const little = view.getUint16(0) === 0x4949;
  if ((!little && view.getUint16(0) !== 0x4d4d) || view.getUint16(2, little) !== 42) return undefined;
  const directory = view.getUint32(4, little);
  if (directory < 8 || directory + 2 > block.length) return undefined;
  const count = view.getUint16(directory, little);
  const end = directory + 2 + 12 * count;
  if (end > block.length) return undefined;
  for (let entry = directory + 2; entry < end; entry += 12) {
    if (view.getUint16(entry, little) !== ORIENTATION) continue;
    view.setUint16(entry + 2, SHORT, little);
    view.setUint32(entry + 4, 1, little);
    view.setUint32(entry + 8, 0, little);
    view.setUint16(entry + 8, 1, little);
  }
  if (end + 4 > block.length) return block;
  // The link to the second directory, which holds the thumbnail.
  const second = view.getUint32(end, little);
  view.setUint32(end, 0, little);
  return block.subarray(0, blankThumbnail(view, second, little));
}

const [THUMBNAIL_OFFSET, THUMBNAIL_LENGTH] = [0x0201, 0x0202];

/** Blanks a thumbnail that stands behind its directory, as cameras have it. @returns how many of the block's bytes are needed still. */
function blankThumbnail(view: DataView, directory: number, little: boolean): number {
  if (directory < 8 || directory + 2 > view.byteLength) return view.byteLength;
  const end = directory + 2 + 12 * view.getUint16(directory, little);
  if (end > view.byteLength) return view.byteLength;
  let [from, length] = [0, 0];
  for (let entry = directory + 2; entry < end; entry += 12) {
    const tag = view.getUint16(entry, little);
    if (tag === THUMBNAIL_OFFSET) from = view.getUint32(entry + 8, little);
    if (tag === THUMBNAIL_LENGTH) length = view.getUint32(entry + 8, little);
  }
  if (from < end || from + length > view.byteLength) return view.byteLength;
  new Uint8Array(view.buffer, view.byteOffset + from, length).fill(0);
  // What pads it to an even number of bytes goes too.
  return view.byteLength - (from + length) < 2 ? from : view.byteLength;
}

const [X_RESOLUTION, RESOLUTION_UNIT] = [0x011a, 0x0128];
const CENTIMETRE = 3;

/** Pixels an inch (XResolution with its unit) that an EXIF block without header tells, rounded; undefined where it tells none. */
export function exifDensity(exif: Uint8Array): number | undefined {
  if (exif.length < 14) return undefined;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.length);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory < 8 || directory + 2 > exif.length) return undefined;
  const end = directory + 2 + 12 * view.getUint16(directory, little);
  if (end > exif.length) return undefined;
  let [resolution, unit] = [0, 2];
  for (let entry = directory + 2; entry < end; entry += 12) {
    const tag = view.getUint16(entry, little);
    if (tag === RESOLUTION_UNIT) unit = view.getUint16(entry + 8, little);
    if (tag !== X_RESOLUTION) continue;
    const at = view.getUint32(entry + 8, little);
    if (at + 8 <= exif.length) resolution = view.getUint32(at, little) / view.getUint32(at + 4, little);
  }
  const density = Math.round(unit === CENTIMETRE ? 2.54 * resolution : resolution);
  return unit !== 1 && density > 0 && Number.isFinite(density) ? density : undefined;
}

/** Tags that tell a photo's width and height: ImageWidth and ImageLength of TIFF, PixelXDimension and PixelYDimension of EXIF. */
const WIDTHS: readonly number[] = [0x0100, 0xa002];
const HEIGHTS: readonly number[] = [0x0101, 0xa003];
const EXIF_DIRECTORY = 0x8769;
const LONG = 4;

/**
 * A copy of an EXIF block that tells another size of the photo, where it tells one.
 * @param exif without the `Exif\0\0` header, as {@link uprightExif} gives it; one that cannot be read is returned as it is.
 */
export function resizedExif(exif: Uint8Array, width: number, height: number): Uint8Array {
  const block = exif.slice();
  if (block.length < 14) return block;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const little = view.getUint16(0) === 0x4949;
  const visit = (directory: number): void => {
    if (directory < 8 || directory + 2 > block.length) return;
    const end = directory + 2 + 12 * view.getUint16(directory, little);
    if (end > block.length) return;
    for (let entry = directory + 2; entry < end; entry += 12) {
      const tag = view.getUint16(entry, little);
      const value = WIDTHS.includes(tag) ? width : HEIGHTS.includes(tag) ? height : undefined;
      if (value !== undefined) {
        // A LONG, whatever it was: a SHORT ends at 65,535.
        view.setUint16(entry + 2, LONG, little);
        view.setUint32(entry + 4, 1, little);
        view.setUint32(entry + 8, value, little);
      } else if (tag === EXIF_DIRECTORY && directory === first) visit(view.getUint32(entry + 8, little));
    }
  };
  const first = view.getUint32(4, little);
  visit(first);
  return block;
}
