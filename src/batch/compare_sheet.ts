/** Before and after side by side, labelled, with the spot that changed most enlarged below. */
import { type Photo, sampleMax } from "../image/photo.ts";
import { forEachTextPixel, GLYPH_HEIGHT } from "./bitmap_font.ts";

export interface CompareSheetOptions {
  readonly labels?: readonly [string, string];
  /** Longest side that each of the two photos gets on the sheet, pixels; larger ones are averaged down. */
  readonly maxSide?: number;
}

const GAP = 12;
const TEXT_SCALE = 2;
const LABEL_HEIGHT = (GLYPH_HEIGHT + 4) * TEXT_SCALE;
/** Least width of a photo on the sheet, so that its label fits. */
const LEAST_WIDTH = 320;
const BACKGROUND = 0x202020ff;
const TEXT = 0xf0f0f0ff;

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws the sheet: both photos whole, and below them the part that changed most, pixel by pixel. 8 bits, transparent parts over white, in
 * the photos' colour space (the profile goes along).
 *
 * @throws {RangeError} where the two differ in size.
 */
export async function compareSheet(
  before: Photo,
  after: Photo,
  options: CompareSheetOptions = {},
): Promise<Photo> {
  const { labels = ["before", "after"], maxSide = 1000 } = options;
  if (before.width !== after.width || before.height !== after.height) {
    throw new RangeError(
      `Cannot compare ${before.width}×${before.height} with ${after.width}×${after.height}: sizes differ`,
    );
  }
  const { Image } = await import("imagescript");
  const whole: Rectangle = { x: 0, y: 0, width: before.width, height: before.height };
  const shrink = Math.max(1, Math.ceil(Math.max(before.width, before.height) / maxSide));
  const enlarge = shrink > 1
    ? 1
    : Math.max(1, Math.floor(LEAST_WIDTH / Math.max(before.width, before.height)));
  const column = Math.max(LEAST_WIDTH, reduced(before.width, shrink) * enlarge);
  const top = GAP + LABEL_HEIGHT;
  const bottom = top + reduced(before.height, shrink) * enlarge;
  const zoom = 3;
  const detail = mostChanged(before, after, Math.floor(column / zoom));
  const withDetail = detail.width < before.width || detail.height < before.height;
  const height = bottom + GAP + (withDetail ? LABEL_HEIGHT + detail.height * zoom + GAP : 0);
  const sheet = new Image(2 * column + 3 * GAP, height).fill(BACKGROUND);

  const place = (photo: Photo, part: Rectangle, x: number, y: number, divide: number, multiply: number) => {
    const image = new Image(reduced(part.width, divide), reduced(part.height, divide));
    averaged(photo, part, divide, image.bitmap);
    sheet.composite(
      multiply > 1 ? image.resize(image.width * multiply, image.height * multiply) : image,
      x,
      y,
    );
  };
  const write = (text: string, x: number, y: number) => {
    forEachTextPixel(text, (column, row) => {
      sheet.drawBox(x + column * TEXT_SCALE, y + row * TEXT_SCALE, TEXT_SCALE, TEXT_SCALE, TEXT);
    });
  };
  [before, after].forEach((photo, index) => {
    const x = GAP + index * (column + GAP);
    write(labels[index], x, GAP);
    place(photo, whole, x, top, shrink, enlarge);
    if (!withDetail) return;
    write(`${labels[index]}, ${zoom}×`, x, bottom + GAP);
    place(photo, detail, x, bottom + GAP + LABEL_HEIGHT, 1, zoom);
  });

  const rgb = new Uint8Array(sheet.width * sheet.height * 3);
  for (let pixel = 0; pixel < sheet.width * sheet.height; pixel++) {
    for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = sheet.bitmap[4 * pixel + c];
  }
  // A grey profile would not fit the sheet, which is RGB.
  const icc = before.grey ? undefined : before.icc;
  return { width: sheet.width, height: sheet.height, rgb, grey: false, format: "png", icc };
}

/** A side that is divided: never nothing, also where a photo is thin. */
export function reduced(side: number, divide: number): number {
  return Math.max(1, Math.floor(side / divide));
}

/** Averages blocks of `divide`² pixels, or as many as a thin one has, of a part of the photo, over white where it is transparent, into 8-bit RGBA. */
export function averaged(photo: Photo, part: Rectangle, divide: number, bitmap: Uint8ClampedArray): void {
  const { rgb, alpha, width } = photo;
  const max = sampleMax(rgb);
  const [columns, rows] = [reduced(part.width, divide), reduced(part.height, divide)];
  const [across, down] = [Math.min(divide, part.width), Math.min(divide, part.height)];
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const sum = [0, 0, 0];
      for (let dy = 0; dy < down; dy++) {
        for (let dx = 0; dx < across; dx++) {
          const pixel = (part.y + y * divide + dy) * width + part.x + x * divide + dx;
          const opacity = alpha ? alpha[pixel] / max : 1;
          for (let c = 0; c < 3; c++) sum[c] += opacity * rgb[3 * pixel + c] + (1 - opacity) * max;
        }
      }
      for (let c = 0; c < 3; c++) bitmap[to++] = Math.round(sum[c] / (across * down) / max * 255);
      bitmap[to++] = 255;
    }
  }
}

/** The square of this side, on a grid of half its side, where the two photos differ most; smaller where the photo is. */
function mostChanged(before: Photo, after: Photo, side: number): Rectangle {
  const width = Math.min(side, before.width);
  const height = Math.min(side, before.height);
  const step = Math.max(1, side >> 1);
  let best: Rectangle = { x: 0, y: 0, width, height };
  let most = -1;
  for (let y = 0; y <= before.height - height; y += step) {
    for (let x = 0; x <= before.width - width; x += step) {
      const change = changeWithin(before, after, { x, y, width, height });
      if (change > most) [most, best] = [change, { x, y, width, height }];
    }
  }
  return best;
}

/** Sum of |after − before| over a sample of the part's pixels. */
function changeWithin(before: Photo, after: Photo, part: Rectangle): number {
  let sum = 0;
  for (let y = part.y; y < part.y + part.height; y += 3) {
    for (let x = part.x; x < part.x + part.width; x += 3) {
      const at = 3 * (y * before.width + x);
      for (let c = 0; c < 3; c++) sum += Math.abs(after.rgb[at + c] - before.rgb[at + c]);
    }
  }
  return sum;
}
