/**
 * Classical answers to salt-and-pepper noise that keep every pixel which is not hit: a pixel that is wholly black or wholly white
 * (R = G = B = 0 or 255, as our recipes' noise leaves it) counts as a hole, the rest as good.
 */
import { goodNeighbours, meanOfNeighbours } from "../degrade/holes.ts";
import { medianOf } from "./median.ts";

/** Half the extent of the neighbourhood that tells a saturated area from noise. */
const SATURATION_RADIUS = 2;

/**
 * Fills each hole with the median, per channel, of the good pixels in the smallest square window that holds any
 * (switching median, Sun and Neuvo 1994; growing as in Hwang and Haddad 1995).
 * @param rgb height·width·3 samples; not changed.
 */
export function switchingMedian(rgb: Uint8Array, width: number, height: number): Uint8Array {
  return fillHoles(rgb, width, height, (holes, x, y) => {
    const neighbours = goodNeighbours(holes, width, height, x, y, 1);
    if (neighbours.length === 0) return undefined;
    const values = new Uint8Array(neighbours.length);
    return [0, 1, 2].map((channel) => {
      for (let i = 0; i < values.length; i++) values[i] = rgb[neighbours[i].at + channel];
      return medianOf(values);
    });
  });
}

/**
 * Fills each hole with the mean of the good pixels around it, weighted by distance^−6, from the smallest square window of 5×5 or
 * more that holds any (inverse distance weighting, Shepard 1968): the strongest of the simple filters against impulses.
 * @param rgb height·width·3 samples; not changed.
 */
export function switchingMean(rgb: Uint8Array, width: number, height: number): Uint8Array {
  return fillHoles(rgb, width, height, (holes, x, y) => meanOfNeighbours(rgb, holes, width, height, x, y));
}

function fillHoles(
  rgb: Uint8Array,
  width: number,
  height: number,
  fill: (holes: Uint8Array, x: number, y: number) => readonly number[] | undefined,
): Uint8Array {
  const result = rgb.slice();
  const holes = findHoles(rgb);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!holes[y * width + x] || isSaturatedArea(rgb, holes, width, height, x, y)) continue;
      const filled = fill(holes, x, y);
      if (filled) result.set(filled.map(Math.round), (y * width + x) * 3);
    }
  }
  return result;
}

function findHoles(rgb: Uint8Array): Uint8Array {
  const holes = new Uint8Array(rgb.length / 3);
  for (let i = 0, at = 0; i < holes.length; i++, at += 3) {
    const value = rgb[at];
    if ((value === 0 || value === 255) && rgb[at + 1] === value && rgb[at + 2] === value) holes[i] = 1;
  }
  return holes;
}

/** True where more than two thirds of the pixels around have the hole's own value: a white sky or a black shadow, not noise. */
function isSaturatedArea(
  rgb: Uint8Array,
  holes: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
): boolean {
  const value = rgb[(y * width + x) * 3];
  let same = -1; // the pixel itself
  let all = -1;
  for (
    let row = Math.max(0, y - SATURATION_RADIUS);
    row <= Math.min(height - 1, y + SATURATION_RADIUS);
    row++
  ) {
    for (
      let column = Math.max(0, x - SATURATION_RADIUS);
      column <= Math.min(width - 1, x + SATURATION_RADIUS);
      column++
    ) {
      const i = row * width + column;
      all++;
      if (holes[i] && rgb[i * 3] === value) same++;
    }
  }
  return same * 3 > all * 2;
}
