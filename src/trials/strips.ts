/** Pictures of the report: what came in, what came out, and where it is wrong. */
import type { TestedPhoto } from "./run_trials.ts";
import { decibels } from "./wording.ts";

export interface Picture {
  readonly caption: string;
  /** Data URL. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

export interface Strip {
  readonly title: string;
  readonly pictures: readonly Picture[];
}

/** An error of 255/ERROR_SCALE and more is shown white. */
export const ERROR_SCALE = 6;

/**
 * Strips low · predicted · high · error map of the photo that gained most, of the middle one and of the one that gained least; and one strip with
 * the answers of the other methods to the middle photo, where there are others.
 * @param methods names of the methods, the U-Net first.
 */
export async function makeStrips(
  photos: readonly TestedPhoto[],
  methods: readonly string[],
): Promise<Strip[]> {
  // Where the low side is right already, what counts is the prediction alone.
  const gain = ({ result: { degraded, restored } }: TestedPhoto) =>
    Number.isFinite(degraded.psnr) ? restored[0].psnr - degraded.psnr : restored[0].psnr;
  const ranked = [...photos].sort((a, b) => gain(b) - gain(a));
  const middle = ranked[Math.floor((ranked.length - 1) / 2)];
  const last = ranked[ranked.length - 1];
  const chosen = new Map([[last, "worst"], [middle, "middle"], [ranked[0], "best"]]);
  const strips: Strip[] = [];
  for (const [photo, rank] of [...chosen].reverse()) strips.push(await stripOf(photo, rank));
  if (methods.length > 1) strips.push(await methodStrip(middle, methods));
  return strips;
}

async function stripOf({ result, pictures }: TestedPhoto, rank: string): Promise<Strip> {
  const { width, height, degraded, original, restored } = pictures;
  const shown: [string, Uint8Array][] = [
    [`low, ${decibels(result.degraded.psnr)} dB`, degraded],
    [`predicted, ${decibels(result.restored[0].psnr)} dB`, restored[0]],
    ["high", original],
    [`error ×${ERROR_SCALE}`, errorMap(restored[0], original)],
  ];
  return {
    title: `${rank}: ${result.name}${result.damage ? ` (${result.damage})` : ""}`,
    pictures: await Promise.all(shown.map(([caption, rgb]) => picture(caption, rgb, width, height))),
  };
}

async function methodStrip({ result, pictures }: TestedPhoto, methods: readonly string[]): Promise<Strip> {
  const { width, height, restored } = pictures;
  return {
    title: `the same photo (middle) by all methods`,
    pictures: await Promise.all(
      methods.map((name, i) =>
        picture(`${name}, ${decibels(result.restored[i].psnr)} dB`, restored[i], width, height)
      ),
    ),
  };
}

/**
 * Where two pictures differ: the mean absolute difference of the channels, times {@link ERROR_SCALE}, from black over red and yellow to white.
 * height·width·3 samples each.
 */
export function errorMap(actual: Uint8Array, original: Uint8Array): Uint8Array {
  const map = new Uint8ClampedArray(actual.length);
  for (let i = 0; i < actual.length; i += 3) {
    let sum = 0;
    for (let channel = 0; channel < 3; channel++) {
      sum += Math.abs(actual[i + channel] - original[i + channel]);
    }
    const heat = ERROR_SCALE * sum; // 3 · 255 and more is white
    map[i] = heat;
    map[i + 1] = heat - 255;
    map[i + 2] = heat - 510;
  }
  return new Uint8Array(map.buffer);
}

async function picture(caption: string, rgb: Uint8Array, width: number, height: number): Promise<Picture> {
  const { default: sharp } = await import("sharp");
  const file = await sharp(rgb, { raw: { width, height, channels: 3 } }).webp({ lossless: true }).toBuffer();
  return { caption, url: `data:image/webp;base64,${new Uint8Array(file).toBase64()}`, width, height };
}
