/**
 * IPTC captions and keywords (IPTC-IIM 4.2). In JPEG they stand in Photoshop's image resources (APP13, Adobe Photoshop File Formats
 * Specification); the image library hands these over as they are and cannot write them by itself.
 */

const HEADER = new TextEncoder().encode("Photoshop 3.0\0");
const RESOURCE = new TextEncoder().encode("8BIM");
const IPTC_RESOURCE = 0x0404;
/** First byte of each IIM dataset. */
const DATASET = 0x1c;
/** Most bytes in a JPEG segment, without its marker and length. */
const LARGEST_SEGMENT = 65533;

/** The IIM datasets in what a file holds, bare or within image resources; undefined where there are none. */
export function iptcDatasets(block: Uint8Array): Uint8Array | undefined {
  if (block[0] === DATASET) return block.slice();
  let at = startsWith(block, 0, HEADER) ? HEADER.length : 0;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  while (at + 12 <= block.length && startsWith(block, at, RESOURCE)) {
    const id = view.getUint16(at + 4);
    // A name with its length in front, padded to an even number of bytes.
    const sizeAt = at + 6 + 2 * Math.floor((block[at + 6] + 2) / 2);
    if (sizeAt + 4 > block.length) return undefined;
    const size = view.getUint32(sizeAt);
    const end = sizeAt + 4 + size;
    if (end > block.length) return undefined;
    if (id === IPTC_RESOURCE) return size > 0 ? block.slice(sizeAt + 4, end) : undefined;
    at = end + size % 2;
  }
  return undefined;
}

/** A copy of a JPEG file with the datasets added; the file itself where they are too many for a segment. */
export function jpegWithIptc(file: Uint8Array, datasets: Uint8Array): Uint8Array {
  const padded = datasets.length + datasets.length % 2;
  const length = HEADER.length + 12 + padded;
  if (length > LARGEST_SEGMENT) return file;
  const segment = new Uint8Array(4 + length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, 0xffed);
  view.setUint16(2, length + 2);
  segment.set(HEADER, 4);
  const at = 4 + HEADER.length;
  segment.set(RESOURCE, at);
  view.setUint16(at + 4, IPTC_RESOURCE);
  view.setUint32(at + 8, datasets.length);
  segment.set(datasets, at + 12);

  // Behind the segments that must come first: JFIF, EXIF, profile.
  const source = new DataView(file.buffer, file.byteOffset, file.length);
  let offset = 2;
  while (
    offset + 4 <= file.length && source.getUint16(offset) >= 0xffe0 && source.getUint16(offset) <= 0xffef
  ) {
    offset += 2 + source.getUint16(offset + 2);
  }
  const result = new Uint8Array(file.length + segment.length);
  result.set(file.subarray(0, offset));
  result.set(segment, offset);
  result.set(file.subarray(offset), offset + segment.length);
  return result;
}

function startsWith(bytes: Uint8Array, offset: number, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[offset + i] === byte);
}
