/**
 * Classical answers to salt-and-pepper noise that keep every pixel which is not hit: a pixel that is wholly black or wholly white
 * (R = G = B = 0 or 255, as our recipes' noise leaves it) counts as a hole, the rest as good.
 */
import { medianOf } from "./median.ts";

/** Holes further than this from any good pixel stay as they are: an area that is truly black or white. */
const LARGEST_RADIUS = 19;
/** Half the extent of the neighbourhood that tells a saturated area from noise. */
const SATURATION_RADIUS = 2;
/** Exponent of the inverse distance: Shepard 1968 leaves it open; 6 was the best of 2..6 up to 30 % noise. */
const DISTANCE_POWER = 6;
/** The distance-weighted mean looks at least this far, to interpolate rather than to copy. */
const MEAN_RADIUS = 2;

/**
 * Fills each hole with the median, per channel, of the good pixels in the smallest square window that holds any
 * (switching median, Sun and Neuvo 1994; growing as in Hwang and Haddad 1995).
 * @param rgb height·width·3 samples; not changed.
 */
export function switchingMedian(rgb: Uint8Array, width: number, height: number): Uint8Array {
  return fillHoles(rgb, width, height, 1, (neighbours, result, at) => {
    const count = neighbours.length;
    const values = new Uint8Array(count);
    for (let channel = 0; channel < 3; channel++) {
      for (let i = 0; i < count; i++) values[i] = rgb[neighbours[i].at + channel];
      result[at + channel] = medianOf(values);
    }
  });
}

/**
 * Fills each hole with the mean of the good pixels around it, weighted by distance^−6, from the smallest square window of 5×5 or
 * more that holds any (inverse distance weighting, Shepard 1968): the strongest of the simple filters against impulses.
 * @param rgb height·width·3 samples; not changed.
 */
export function switchingMean(rgb: Uint8Array, width: number, height: number): Uint8Array {
  return fillHoles(rgb, width, height, MEAN_RADIUS, (neighbours, result, at) => {
    let total = 0;
    const sums = [0, 0, 0];
    for (const { at: from, squaredDistance } of neighbours) {
      const weight = squaredDistance ** (-DISTANCE_POWER / 2);
      total += weight;
      for (let channel = 0; channel < 3; channel++) sums[channel] += weight * rgb[from + channel];
    }
    for (let channel = 0; channel < 3; channel++) result[at + channel] = Math.round(sums[channel] / total);
  });
}

interface Neighbour {
  /** Index of its red sample. */
  readonly at: number;
  readonly squaredDistance: number;
}

function fillHoles(
  rgb: Uint8Array,
  width: number,
  height: number,
  smallestRadius: number,
  fill: (neighbours: readonly Neighbour[], result: Uint8Array, at: number) => void,
): Uint8Array {
  const result = rgb.slice();
  const holes = findHoles(rgb);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!holes[y * width + x] || isSaturatedArea(rgb, holes, width, height, x, y)) continue;
      for (let radius = smallestRadius; radius <= LARGEST_RADIUS; radius++) {
        const neighbours = goodNeighbours(holes, width, height, x, y, radius);
        if (neighbours.length === 0) continue;
        fill(neighbours, result, (y * width + x) * 3);
        break;
      }
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

function goodNeighbours(
  holes: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
): Neighbour[] {
  const neighbours: Neighbour[] = [];
  for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
    for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++) {
      const i = row * width + column;
      if (!holes[i]) neighbours.push({ at: i * 3, squaredDistance: (row - y) ** 2 + (column - x) ** 2 });
    }
  }
  return neighbours;
}
