/** Before and after one after the other, in an animation that any browser or viewer shows. */
import { encodeAnimation } from "../image/animation.ts";
import type { Photo } from "../image/photo.ts";
import { forEachTextPixel, GLYPH_HEIGHT, GLYPH_WIDTH } from "./bitmap_font.ts";
import { averaged, reduced } from "./compare_sheet.ts";

export interface CompareAnimationOptions {
  readonly labels?: readonly [string, string];
  /** Longest side that the photos get, pixels; larger ones are averaged down. */
  readonly maxSide?: number;
  /** How long each of the two is seen, milliseconds. */
  readonly delay?: number;
}

const TEXT_SCALE = 2;
const MARGIN = 6;
const STRIP_HEIGHT = GLYPH_HEIGHT * TEXT_SCALE + 2 * MARGIN;
const BACKGROUND = 0x202020ff;
const TEXT = 0xf0f0f0ff;

/**
 * A GIF of two frames, each below a strip with its label, in the size of the larger photo. GIF has 256 colours a frame and no profile: colours
 * are converted to sRGB and dithered.
 *
 * @returns the file's bytes.
 */
export async function compareAnimation(
  before: Photo,
  after: Photo,
  options: CompareAnimationOptions = {},
): Promise<Uint8Array> {
  const { labels = ["before", "after"], maxSide = 800, delay = 1200 } = options;
  const shrink = Math.max(1, Math.ceil(Math.max(after.width, after.height) / maxSide));
  const [width, height] = [after.width, after.height].map((side) => reduced(side, shrink));
  const longest = Math.max(...labels.map((label) => [...label].length));
  const canvas = {
    width: Math.max(width, longest * (GLYPH_WIDTH + 1) * TEXT_SCALE + 2 * MARGIN),
    height: height + STRIP_HEIGHT,
  };
  const { Image } = await import("imagescript");
  const frames = [before, after].map((photo, index) => {
    const divide = Math.max(1, Math.floor(photo.width / width));
    const whole = { x: 0, y: 0, width: photo.width, height: photo.height };
    const small = new Image(reduced(photo.width, divide), reduced(photo.height, divide));
    averaged(photo, whole, divide, small.bitmap);
    const sheet = new Image(canvas.width, canvas.height).fill(BACKGROUND);
    forEachTextPixel(labels[index], (x, y) => {
      sheet.drawBox(MARGIN + x * TEXT_SCALE, MARGIN + y * TEXT_SCALE, TEXT_SCALE, TEXT_SCALE, TEXT);
    });
    sheet.composite(
      small.width === width && small.height === height ? small : small.resize(width, height),
      0,
      STRIP_HEIGHT,
    );
    const rgb = new Uint8Array(canvas.width * canvas.height * 3);
    for (let i = 0; i < rgb.length; i++) rgb[i] = sheet.bitmap[4 * Math.floor(i / 3) + i % 3];
    const icc = photo.grey ? undefined : photo.icc;
    return { ...canvas, rgb, grey: false, format: "gif", icc };
  });
  return await encodeAnimation(frames, delay);
}
