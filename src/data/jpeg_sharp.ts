/** `jpegRoundTrip` through sharp. */
import sharp from "sharp";

export async function encodeAndDecode(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Promise<Uint8Array> {
  const file = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer();
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3 || info.width !== width || info.height !== height) {
    throw new Error(`Cannot decode the JPEG just made: got ${info.width}×${info.height}×${info.channels}`);
  }
  return data;
}
