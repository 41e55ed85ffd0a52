/** Made-up photos for the tests of this folder. */
import { Random } from "../../src/base/random.ts";

/** Smooth colours with an edge, between 30 and 225, so that no pixel looks like an impulse. height·width·3 samples. */
export function smoothPicture(width: number, height: number, seed = 1): Uint8Array {
  const random = new Random(seed);
  const phases = Array.from({ length: 3 }, () => random.between(0, 6));
  const picture = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const wave = Math.sin(x / 7 + phases[channel]) * Math.cos(y / 9 - phases[channel]);
        const step = x + y > (width + height) / 2 ? 25 : -25;
        picture[(y * width + x) * 3 + channel] = Math.round(127 + 70 * wave + step);
      }
    }
  }
  return picture;
}

/** Writes 8-bit RGB as PNG. */
export async function writePng(path: string, rgb: Uint8Array, width: number, height: number): Promise<void> {
  const { default: sharp } = await import("sharp");
  await sharp(rgb, { raw: { width, height, channels: 3 } }).png().toFile(path);
}
