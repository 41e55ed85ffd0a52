/** Whether a photo that a caller made holds what its size and depth promise. */
import { UserError } from "../base/errors.ts";
import type { Photo } from "./photo.ts";
import { kindOf } from "./pixels.ts";

const KINDS = ["Uint8Array", "Uint16Array"];

/**
 * @throws {UserError} where the size is no size, the samples are of another kind than 8 or 16 bits, not 3 for each pixel, or alpha is of another depth or not one
 *   for each pixel.
 */
export function checkPhoto({ width, height, rgb, alpha }: Photo): void {
  const wrong = (message: string) => new UserError(message, { exitCode: 2 });
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw wrong(`A photo is at least 1×1 pixels, in whole numbers, got ${width}×${height}`);
  }
  const kind = kindOf(rgb);
  if (!KINDS.includes(kind)) throw wrong(`A photo's samples are a ${KINDS.join(" or a ")}, got ${kind}`);
  const pixels = width * height;
  if (rgb.length !== 3 * pixels) {
    throw wrong(
      `A photo of ${width}×${height} pixels has 3 samples (RGB) for each, not ${rgb.length} in all`,
    );
  }
  if (alpha && (kindOf(alpha) !== kind || alpha.length !== pixels)) {
    throw wrong(
      `The opacity of a photo of ${width}×${height} pixels is a ${kind} of one sample for each, got a ${
        kindOf(alpha)
      } of ${alpha.length}`,
    );
  }
}
