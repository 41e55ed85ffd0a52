/**
 * IPTC captions and keywords (IPTC-IIM 4.2). In JPEG and TIFF they stand in Photoshop's image resources (Adobe Photoshop File Formats
 * Specification), which the image library hands over as they are.
 */

const HEADER = new TextEncoder().encode("Photoshop 3.0\0");
const RESOURCE = new TextEncoder().encode("8BIM");
const IPTC_RESOURCE = 0x0404;
/** First byte of each IIM dataset. */
const DATASET = 0x1c;

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

/** Image resources that hold these datasets and nothing else. */
export function iptcResources(datasets: Uint8Array): Uint8Array {
  const resources = new Uint8Array(12 + datasets.length + datasets.length % 2);
  const view = new DataView(resources.buffer);
  resources.set(RESOURCE);
  view.setUint16(4, IPTC_RESOURCE);
  view.setUint32(8, datasets.length);
  resources.set(datasets, 12);
  return resources;
}

function startsWith(bytes: Uint8Array, offset: number, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[offset + i] === byte);
}
