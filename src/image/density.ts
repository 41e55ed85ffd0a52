/** Pixels an inch, as far as a file says: the image library answers with 72 or 25.4 where it does not. */
import type { Metadata } from "sharp";
import { exifDensity } from "./exif.ts";
import { jfifHasDensity } from "./jpeg_metadata.ts";
import { pngChunks } from "./png_chunks.ts";

const METRE = 1;

/** Of a file with this EXIF block, if any; undefined where neither says. */
export function densityOf(
  { format, density }: Metadata,
  file: Uint8Array,
  exif: Uint8Array | undefined,
): number | undefined {
  const own = format === "png"
    ? [...pngChunks(file)].some(({ type, data }) => type === "pHYs" && data[8] === METRE)
    : format === "jpeg"
    ? jfifHasDensity(file)
    : format === "tiff";
  return (own ? density : undefined) ?? (exif && exifDensity(exif));
}
