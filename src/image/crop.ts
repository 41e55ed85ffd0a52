/** Cutting areas out of interleaved 8-bit RGB and turning them into floats. */

import { reflect } from "../tensor/shape.ts";

/** A rectangle in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Copies an area; what lies outside the photo is its mirror image (the edge pixel is not repeated). */
export function cropReflected(rgb: Uint8Array, width: number, height: number, area: Area): Uint8Array {
  const result = new Uint8Array(area.width * area.height * 3);
  const inside = area.left >= 0 && area.left + area.width <= width;
  for (let y = 0; y < area.height; y++) {
    const row = reflect(area.top + y, height) * width * 3;
    const to = y * area.width * 3;
    if (inside) {
      result.set(rgb.subarray(row + area.left * 3, row + (area.left + area.width) * 3), to);
      continue;
    }
    for (let x = 0; x < area.width; x++) {
      const from = row + reflect(area.left + x, width) * 3;
      for (let c = 0; c < 3; c++) result[to + x * 3 + c] = rgb[from + c];
    }
  }
  return result;
}

/**
 * Writes a square patch as floats 0..1 into a batch.
 * @param batch [n, size, size, 3]; the patch starts at element `at`.
 * @param source pixels `source.width` wide; the patch's corner is at (`left`, `top`).
 * @param turn 0..7: bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps rows and columns; together all flips and
 *   quarter turns of a square.
 */
export function writePatch(
  batch: Float32Array,
  at: number,
  size: number,
  source: { readonly rgb: Uint8Array; readonly width: number; readonly left: number; readonly top: number },
  turn: number,
): void {
  const { rgb, width, left, top } = source;
  // Walking the output row by row walks the source from a corner in steps of `across` and `down` samples.
  const [column, row] = turn & 4 ? [width * 3, 3] : [3, width * 3];
  const across = turn & 1 ? -column : column;
  const down = turn & 2 ? -row : row;
  const corner = (top * width + left) * 3 + (turn & 1 ? column * (size - 1) : 0) +
    (turn & 2 ? row * (size - 1) : 0);
  let to = at;
  for (let y = 0; y < size; y++) {
    let from = corner + y * down;
    for (let x = 0; x < size; x++, from += across, to += 3) {
      batch[to] = rgb[from] / 255;
      batch[to + 1] = rgb[from + 1] / 255;
      batch[to + 2] = rgb[from + 2] / 255;
    }
  }
}
