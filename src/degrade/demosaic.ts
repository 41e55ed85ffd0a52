/** Three channels from a sensor's mosaic of one colour a pixel. */

/** Which colour a pixel of the mosaic has: 0 red, 1 green, 2 blue. */
export type Channel = 0 | 1 | 2;

/** How far the pixels lie that a demosaiced one depends on. */
export const DEMOSAIC_REACH = 2;

/** Where the mosaic's red pixels are: in columns of this parity, and in rows of this parity. */
export interface BayerPhase {
  readonly x: 0 | 1;
  readonly y: 0 | 1;
}

/** The colour that the filter of a Bayer mosaic lets through at a pixel. */
export function bayerChannel(x: number, y: number, phase: BayerPhase): Channel {
  const redColumn = (x & 1) === phase.x;
  const redRow = (y & 1) === phase.y;
  return redColumn === redRow ? redRow ? 0 : 2 : 1;
}

/**
 * Demosaics linearly: each missing value is the mean of its nearest neighbours, plus a share of what the pixel's own colour says
 * about detail there (Malvar, He and Cutler 2004, "High-quality linear interpolation for demosaicing of Bayer-patterned color images").
 * @param mosaic height·width values, in a Bayer mosaic.
 * @param correction 0 for plain bilinear interpolation, 1 for the paper's filters.
 * @returns height·width·3 values, interleaved. Past an edge the mosaic is mirrored, which keeps its colours in place.
 */
export function demosaic(
  mosaic: Float32Array,
  width: number,
  height: number,
  phase: BayerPhase,
  correction: number,
): Float32Array {
  const stride = width + 2 * DEMOSAIC_REACH;
  const padded = mirrored(mosaic, width, height, stride);
  const rgb = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y + DEMOSAIC_REACH) * stride + x + DEMOSAIC_REACH;
      const own = padded[at];
      const sides = padded[at - 1] + padded[at + 1];
      const ends = padded[at - stride] + padded[at + stride];
      const corners = padded[at - stride - 1] + padded[at - stride + 1] + padded[at + stride - 1] +
        padded[at + stride + 1];
      const farSides = padded[at - 2] + padded[at + 2];
      const farEnds = padded[at - 2 * stride] + padded[at + 2 * stride];
      const out = (y * width + x) * 3;
      const channel = bayerChannel(x, y, phase);
      rgb[out + channel] = own;
      if (channel === 1) {
        const alongRow = own - (corners + farSides - farEnds / 2) / 5;
        const alongColumn = own - (corners + farEnds - farSides / 2) / 5;
        // Of the two other colours one lies in the same row, the other in the same column.
        const inRow = (y & 1) === phase.y ? 0 : 2;
        rgb[out + inRow] = sides / 2 + correction * 5 / 8 * alongRow;
        rgb[out + 2 - inRow] = ends / 2 + correction * 5 / 8 * alongColumn;
      } else {
        const detail = own - (farSides + farEnds) / 4;
        rgb[out + 1] = (sides + ends) / 4 + correction / 2 * detail;
        rgb[out + 2 - channel] = corners / 4 + correction * 3 / 4 * detail;
      }
    }
  }
  return rgb;
}

/** A copy with `DEMOSAIC_REACH` more pixels on each side, mirrored about the edge's own pixels. */
function mirrored(mosaic: Float32Array, width: number, height: number, stride: number): Float32Array {
  const inside = (i: number, length: number) => {
    const back = i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i;
    return Math.min(Math.max(back, 0), length - 1); // photos of one or two pixels have nothing to mirror
  };
  const padded = new Float32Array(stride * (height + 2 * DEMOSAIC_REACH));
  for (let y = 0; y < height + 2 * DEMOSAIC_REACH; y++) {
    const row = inside(y - DEMOSAIC_REACH, height) * width;
    for (let x = 0; x < stride; x++) padded[y * stride + x] = mosaic[row + inside(x - DEMOSAIC_REACH, width)];
  }
  return padded;
}
