/** Colours under fully transparent pixels: nobody sees them, but a network that looks at a neighbourhood would. */

/** Costs of a step along a row or column and of a diagonal one: 3-4 chamfer distance (Borgefors 1986). */
const STRAIGHT = 3;
const DIAGONAL = 4;
const FAR = 65534;
const UNKNOWN = 65535;

/**
 * Gives each fully transparent pixel the colour of the nearest one that is not, so that what is hidden does not bleed into what is seen.
 *
 * @param rgb 3·width·height samples.
 * @param alpha width·height samples; 0 is fully transparent.
 * @returns a copy, or `rgb` itself where there is nothing to fill or nothing to fill from.
 */
export function fillTransparent<T extends Uint8Array | Uint16Array>(
  rgb: T,
  alpha: Uint8Array | Uint16Array,
  width: number,
  height: number,
): T {
  if (!alpha.includes(0) || alpha.every((value) => value === 0)) return rgb;
  const filled = rgb.slice() as T;
  const distance = new Uint16Array(width * height);
  for (let i = 0; i < alpha.length; i++) if (alpha[i] === 0) distance[i] = UNKNOWN;

  /** Takes the colour of pixel `from` if the way over it is shorter than what pixel `to` knows. */
  const consider = (to: number, from: number, cost: number) => {
    if (distance[from] === UNKNOWN) return;
    const length = Math.min(distance[from] + cost, FAR);
    if (length >= distance[to]) return;
    distance[to] = length;
    filled[3 * to] = filled[3 * from];
    filled[3 * to + 1] = filled[3 * from + 1];
    filled[3 * to + 2] = filled[3 * from + 2];
  };
  // Two raster scans, down and up; between them every pixel hears of its nearest coloured one.
  for (const direction of [1, -1]) {
    const [firstRow, firstColumn] = direction === 1 ? [0, 0] : [height - 1, width - 1];
    for (let y = firstRow; y >= 0 && y < height; y += direction) {
      const rowBefore = y - direction >= 0 && y - direction < height;
      for (let x = firstColumn; x >= 0 && x < width; x += direction) {
        const pixel = y * width + x;
        if (distance[pixel] === 0) continue;
        const before = x - direction >= 0 && x - direction < width;
        const after = x + direction >= 0 && x + direction < width;
        const above = pixel - direction * width;
        if (before) consider(pixel, pixel - direction, STRAIGHT);
        if (!rowBefore) continue;
        consider(pixel, above, STRAIGHT);
        if (before) consider(pixel, above - direction, DIAGONAL);
        if (after) consider(pixel, above + direction, DIAGONAL);
      }
    }
  }
  return filled;
}
