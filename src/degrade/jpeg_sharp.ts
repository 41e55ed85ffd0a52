/** The `jpeg` step where native code runs: through sharp (libvips, mozjpeg's libjpeg). */

/**
 * Encodes as JPEG with chroma halved both ways (4:2:0, as most cameras do) and decodes again.
 * @param rgb height·width·3 samples, sRGB-encoded, 0..255.
 * @param quality 1..100.
 *
 * @example
 * ```ts
 * import { degrade } from "@clairnet/clairnet";
 * import { jpegThroughSharp } from "@clairnet/clairnet/native";
 *
 * const clean = { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, (_, i) => (i * 7) % 256) };
 * const compressed = await degrade(clean, "jpeg:30", { jpeg: jpegThroughSharp });
 * console.log(compressed.data.length); // 3072
 * ```
 */
export async function jpegThroughSharp(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const file = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer();
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3 || info.width !== width || info.height !== height) {
    throw new Error(`Cannot decode the JPEG just made: got ${info.width}×${info.height}×${info.channels}`);
  }
  return data;
}
