/** Upsampling 2× and its gradient, float64, plain loops. */
import type { Shape4 } from "../tensor/shape.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

export type UpsampleMode = "nearest" | "bilinear";

/**
 * Doubles height and width. Nearest: y[oy,ox] = x[⌊oy/2⌋, ⌊ox/2⌋]. Bilinear: pixel centres at half-integers, so that
 * output o lies at (o + ½)/2 − ½ of the input; neighbours past the edge are the edge's own pixel.
 * x: `[N,H,W,C]` → `[N,2H,2W,C]`.
 */
export function upsample(x: Tensor64, mode: UpsampleMode): Tensor64 {
  const [n, h, w, c] = x.shape;
  const y = tensor64([n, h * 2, w * 2, c]);
  forEachShare(x.shape, mode, (xIndex, yIndex, share) => y.data[yIndex] += share * x.data[xIndex]);
  return y;
}

/** Gradient of `upsample`'s input (of `shape`) given `dy` `[N,2H,2W,C]`: the same shares, the other way. */
export function upsampleGradient(shape: Shape4, dy: Tensor64, mode: UpsampleMode): Tensor64 {
  const dx = tensor64(shape);
  forEachShare(shape, mode, (xIndex, yIndex, share) => dx.data[xIndex] += share * dy.data[yIndex]);
  return dx;
}

/** The input coordinates that output coordinate `o` reads, with their shares. */
function sources(o: number, extent: number, mode: UpsampleMode): [number, number][] {
  if (mode === "nearest") return [[Math.floor(o / 2), 1]];
  const centre = (o + 0.5) / 2 - 0.5;
  const low = Math.floor(centre);
  const fraction = centre - low;
  const inside = (i: number) => Math.min(Math.max(i, 0), extent - 1);
  return [[inside(low), 1 - fraction], [inside(low + 1), fraction]];
}

function forEachShare(
  [batch, height, width, channels]: Shape4,
  mode: UpsampleMode,
  visit: (xIndex: number, yIndex: number, share: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < height * 2; oy++) {
      for (let ox = 0; ox < width * 2; ox++) {
        for (const [iy, shareY] of sources(oy, height, mode)) {
          for (const [ix, shareX] of sources(ox, width, mode)) {
            for (let c = 0; c < channels; c++) {
              const xIndex = ((n * height + iy) * width + ix) * channels + c;
              const yIndex = ((n * height * 2 + oy) * width * 2 + ox) * channels + c;
              visit(xIndex, yIndex, shareY * shareX);
            }
          }
        }
      }
    }
  }
}
