/** Photo files made for tests. */
import sharp from "sharp";
import { Random } from "../../src/base/random.ts";

/** A photo-like picture: a gradient, shapes and texture; every seed another. height·width·3 samples. */
export function testPixels(width: number, height: number, seed: number): Uint8Array {
  const random = new Random(seed, width, height);
  const [fx, fy, shift] = [random.between(3, 20), random.between(3, 20), random.between(0, 6)];
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width, y = Math.floor(i / 3 / width);
    return 120 + 50 * Math.sin(x / fx + (i % 3) + shift) + 40 * Math.cos(y / fy) + random.between(-20, 20);
  });
}

/** Writes pixels in the format that the name's extension says (lossless unless JPEG), its folders made where missing. */
export async function writeTestPhoto(
  path: string,
  width: number,
  height: number,
  pixels: Uint8Array,
): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  await (path.endsWith(".webp") ? image.webp({ lossless: true }) : image).toFile(path);
}

/** Runs with a fresh folder that is removed afterwards. */
export async function withFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
