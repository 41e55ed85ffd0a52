/** Picture files of the comparison. */
import sharp from "sharp";
import { writeFileAtomically } from "../../../src/base/write_file.ts";

export async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

/**
 * Writes a picture as an 8-bit PNG.
 * @param pixels height·width·channels samples.
 * @param channels 3, or 1 for a grey one.
 */
export async function writePng(
  path: string,
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 = 3,
): Promise<void> {
  const image = sharp(pixels, { raw: { width, height, channels } });
  if (channels === 1) image.toColourspace("b-w");
  await writeFileAtomically(path, new Uint8Array(await image.png().toBuffer()));
}

/** Samples as bytes, clipped and rounded as a canvas does it. */
export function toBytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Uint8ClampedArray.from(values).buffer);
}
