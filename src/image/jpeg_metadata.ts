/**
 * EXIF, XMP, IPTC and density in JPEG files. The image library reads them, but for parts, and writes them otherwise than they were or not at
 * all: it re-codes EXIF, to which it adds the density, drops long XMP without a word and has no IPTC.
 */
import { concatBytes } from "../base/concat_bytes.ts";
import { iptcDatasets, iptcResources } from "./iptc.ts";
import { jpegSegments, jpegWithSegments, LARGEST_SEGMENT, type Segment } from "./jpeg_segments.ts";
import type { Photo } from "./photo.ts";

const [APP0, APP1, APP13] = [0xffe0, 0xffe1, 0xffed];
const text = new TextEncoder();
/** What stands first in a segment says whose it is (CIPA DC-008; XMP part 3; Adobe Photoshop File Formats). */
const JFIF = text.encode("JFIF\0");
const EXIF = text.encode("Exif\0\0");
const XMP = text.encode("http://ns.adobe.com/xap/1.0/\0");
const XMP_EXTENSION = text.encode("http://ns.adobe.com/xmp/extension/\0");
const PHOTOSHOP = text.encode("Photoshop 3.0\0");

/** The IPTC datasets of a file, whose resources may go on from segment to segment. */
export function iptcOfJpeg(file: Uint8Array): Uint8Array | undefined {
  const parts = dataBehind(file, APP13, PHOTOSHOP);
  return iptcDatasets(concatBytes(parts));
}

/** True where JFIF's segment has pixels an inch or a centimetre, and not just the shape of a pixel. */
export function jfifHasDensity(file: Uint8Array): boolean {
  return dataBehind(file, APP0, JFIF).some(([, , unit]) => unit === 1 || unit === 2);
}

/** A copy of the one XMP packet of a file; the library takes whatever XMP comes first for it. */
export function xmpOfJpeg(file: Uint8Array): Uint8Array | undefined {
  const [packet] = dataBehind(file, APP1, XMP);
  return packet && new Uint8Array(packet);
}

/** True where the file has XMP beyond its one packet. */
export function hasXmpExtension(file: Uint8Array): boolean {
  return dataBehind(file, APP1, XMP_EXTENSION).length > 0;
}

/**
 * A copy of a file that has none of these with a photo's density, EXIF, XMP and IPTC, each in a segment of its own.
 * @param onNote receives one line for each that is too long for a segment.
 */
export function jpegWithMetadata(
  file: Uint8Array,
  { density, exif, xmp, iptc }: Pick<Photo, "density" | "exif" | "xmp" | "iptc">,
  onNote: (note: string) => void,
): Uint8Array {
  const added: Segment[] = density ? [{ marker: APP0, data: jfif(density) }] : [];
  const add = (name: string, marker: number, header: Uint8Array, block?: Uint8Array) => {
    if (!block) return;
    const room = LARGEST_SEGMENT - header.length;
    if (block.length <= room) added.push({ marker, data: concatBytes([header, block]) });
    else onNote(`jpeg holds at most ${room} bytes of ${name}: the photo's ${block.length} are left out`);
  };
  add("EXIF", APP1, EXIF, exif);
  add("XMP", APP1, XMP, xmp);
  add("IPTC", APP13, PHOTOSHOP, iptc && iptcResources(iptc));
  return added.length > 0 ? jpegWithSegments(file, added) : file;
}

/** The segment of JFIF (ITU-T T.871), version 1.02, with so many pixels an inch and no thumbnail. */
function jfif(density: number): Uint8Array {
  const data = new Uint8Array(14);
  const view = new DataView(data.buffer);
  data.set(concatBytes([JFIF, Uint8Array.of(1, 2, 1)]));
  const whole = Math.min(Math.max(Math.round(density), 1), 65535);
  view.setUint16(8, whole);
  view.setUint16(10, whole);
  return data;
}

/** What the segments with this marker hold behind such a header. */
function dataBehind(file: Uint8Array, marker: number, header: Uint8Array): Uint8Array[] {
  return [...jpegSegments(file)]
    .filter((segment) => segment.marker === marker && header.every((byte, i) => segment.data[i] === byte))
    .map(({ data }) => data.subarray(header.length));
}
