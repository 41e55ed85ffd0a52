/** The result at the strength that is set: as a picture, as a file, and measured against a reference. */
import { enhancedStem } from "../../src/image/output_name.ts";
import { psnrOfMse } from "../../src/evaluate/metrics.ts";
import { contextOf, newCanvas } from "./dom.ts";

/** Formats that a browser's canvas writes; the others become PNG. */
const WRITABLE: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
};
const QUALITY = 0.95;
/** Rows worked on at once; between two strips the page answers. */
const STRIP = 128;

/** A photo and its result as they are at one time: what is redone later is drawn on canvases of its own. */
export interface Result {
  readonly name: string;
  /** Media type of the source file. */
  readonly type: string;
  readonly before: HTMLCanvasElement;
  /** The photo at the result's size, which the result is blended with and compared to. */
  readonly baseline: HTMLCanvasElement;
  readonly after: HTMLCanvasElement;
}

/** `before + strength · (after − before)` for every sample; the same arithmetic as on the command line. */
export async function blend(result: Result, strength: number): Promise<HTMLCanvasElement> {
  if (strength === 1) return result.after;
  const { width, height } = result.after;
  const blended = newCanvas(width, height);
  await forEachStrip(result, (before, after, top) => {
    for (let i = 0; i < after.data.length; i++) {
      after.data[i] = Math.round(before[i] + strength * (after.data[i] - before[i]));
    }
    contextOf(blended).putImageData(after, 0, top);
  });
  return blended;
}

/** PSNR over RGB in dB of the photo (enlarged plainly where the result is larger) and of its result at this strength. */
export async function measure(
  result: Result,
  reference: HTMLCanvasElement,
  strength: number,
): Promise<{ before: number; after: number }> {
  const { width, height } = result.after;
  let [squaresBefore, squaresAfter] = [0, 0];
  await forEachStrip(result, (before, { data: after }, top, rows) => {
    const original = contextOf(reference).getImageData(0, top, width, rows).data;
    for (let i = 0; i < after.length; i++) {
      if (i % 4 === 3) continue;
      const blended = Math.round(before[i] + strength * (after[i] - before[i]));
      squaresBefore += (before[i] - original[i]) ** 2;
      squaresAfter += (blended - original[i]) ** 2;
    }
  });
  const samples = 3 * width * height;
  return { before: psnrOfMse(squaresBefore / samples), after: psnrOfMse(squaresAfter / samples) };
}

async function forEachStrip(
  { baseline, after }: Result,
  visit: (before: Uint8ClampedArray, after: ImageData, top: number, rows: number) => void,
): Promise<void> {
  const { width, height } = after;
  for (let top = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    const [x, y] = [baseline, after].map((canvas) => contextOf(canvas).getImageData(0, top, width, rows));
    visit(x.data, y, top, rows);
    if (top > 0 && top % (8 * STRIP) === 0) await new Promise((resolve) => setTimeout(resolve));
  }
}

/** A file to save, and what to say of its format where it is not the source's. */
export interface ResultFile {
  readonly blob: Blob;
  readonly name: string;
  readonly note: string;
}

/** The result as a file in the source's format, or as PNG where the browser does not write that. */
export async function encodeResult(result: Result, strength: number): Promise<ResultFile> {
  const { name, type, before, after } = result;
  const canvas = await blend(result, strength);
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, writtenType(type), QUALITY)
  );
  if (!blob) {
    throw new Error(`This browser cannot write a picture of ${canvas.width}×${canvas.height} pixels`);
  }
  const stem = name.replace(/\.[^.]*$/, "");
  return {
    blob,
    name: `${enhancedStem(stem, after.width / before.width)}.${WRITABLE[blob.type] ?? "png"}`,
    note: formatNote(type, blob.type),
  };
}

/** What to say before a download about its format. */
export function formatNote(source: string, written: string): string {
  const called = (type: string) => type.replace("image/", "").toUpperCase() || "this format";
  return source === written ? "" : `Saved as ${called(written)}: browsers do not write ${called(source)}.`;
}

/** The type that a download is expected to have. */
export function writtenType(source: string): string {
  return Object.hasOwn(WRITABLE, source) ? source : "image/png";
}
