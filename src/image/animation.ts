/** Photos of one size to an animated GIF, through sharp (libvips). */
import type { Photo } from "./photo.ts";
import { pngContainer } from "./png_container.ts";

/**
 * Encodes frames that are shown in turn, for ever. Colours are converted to sRGB, because GIF has no profile.
 *
 * @param delay milliseconds that each frame is seen; viewers count in hundredths of a second.
 * @throws {RangeError} where there is no frame or their sizes differ.
 */
export async function encodeAnimation(frames: readonly Photo[], delay: number): Promise<Uint8Array> {
  const [{ width, height } = { width: 0, height: 0 }] = frames;
  if (frames.length === 0 || frames.some((frame) => frame.width !== width || frame.height !== height)) {
    throw new RangeError("Cannot encode an animation: it needs frames, all of one size");
  }
  const { default: sharp } = await import("sharp");
  const stacked = new Uint8Array(frames.length * width * height * 3);
  for (const [index, frame] of frames.entries()) {
    const pixels = await sharp(pngContainer(frame), { limitInputPixels: false })
      .toColourspace("srgb").removeAlpha().raw().toBuffer();
    stacked.set(pixels, index * width * height * 3);
  }
  const raw = { width, height: height * frames.length, channels: 3, pageHeight: height } as const;
  const gif = await sharp(stacked, { raw, limitInputPixels: false })
    .gif({ delay: frames.map(() => delay), loop: 0, effort: 7, interFrameMaxError: 0 }).toBuffer();
  return new Uint8Array(gif.buffer, gif.byteOffset, gif.length);
}
