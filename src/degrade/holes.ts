/** Pixels that are lost, and what stands around them. */

/** Holes further than this from any good pixel, in pixels, are not filled: most are no damage but an area that is truly black or white. */
const LARGEST_RADIUS = 19;
/** The distance-weighted mean looks at least this far, to interpolate rather than to copy. */
const MEAN_RADIUS = 2;
/** Exponent of the inverse distance: Shepard 1968 leaves it open; 6 was the best of 2..6 up to 30 % noise. */
const DISTANCE_POWER = 6;

/** A good pixel near a hole. */
export interface Neighbour {
  /** Index of its red sample. */
  readonly at: number;
  /** From the hole, pixels². */
  readonly squaredDistance: number;
}

/**
 * The good pixels in the smallest square window around a hole that holds any.
 * @param holes height·width, 1 where a pixel is lost.
 * @param smallestRadius half the extent of the first window that is looked at, pixels.
 * @returns none where there is no good pixel within 19.
 */
export function goodNeighbours(
  holes: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  smallestRadius: number,
): Neighbour[] {
  for (let radius = smallestRadius; radius <= LARGEST_RADIUS; radius++) {
    const neighbours = goodInWindow(holes, width, height, x, y, radius);
    if (neighbours.length > 0) return neighbours;
  }
  return [];
}

/**
 * The mean of the good pixels around a hole, weighted by distance^−6, from the smallest square window of 5×5 or more that holds any
 * (inverse distance weighting, Shepard 1968).
 * @param values height·width·3 samples.
 * @returns red, green, blue; undefined where there is no good pixel within 19.
 */
export function meanOfNeighbours(
  values: ArrayLike<number>,
  holes: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
): [number, number, number] | undefined {
  const neighbours = goodNeighbours(holes, width, height, x, y, MEAN_RADIUS);
  if (neighbours.length === 0) return undefined;
  let total = 0;
  let [red, green, blue] = [0, 0, 0];
  for (const { at, squaredDistance } of neighbours) {
    const weight = squaredDistance ** (-DISTANCE_POWER / 2);
    total += weight;
    red += weight * values[at];
    green += weight * values[at + 1];
    blue += weight * values[at + 2];
  }
  return [red / total, green / total, blue / total];
}

function goodInWindow(
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
