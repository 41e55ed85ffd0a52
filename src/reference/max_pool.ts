/** Max-pooling and its gradient, float64, plain loops. */
import { stridedExtent } from "../tensor/shape.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

export interface MaxPoolResult {
  /** `[N, ⌈H/2⌉, ⌈W/2⌉, C]`. */
  readonly output: Tensor64;
  /** Where in its window each maximum lies: 2·(row) + column, 0..3; the first in row order among equals. */
  readonly argmax: Uint8Array;
}

/** Maximum over 2×2 windows with stride 2; a window past the edge takes what is inside. x: `[N,H,W,C]`. */
export function maxPool(x: Tensor64): MaxPoolResult {
  const [batch, height, width, channels] = x.shape;
  const output = tensor64([batch, stridedExtent(height, 2), stridedExtent(width, 2), channels]);
  const argmax = new Uint8Array(output.data.length);
  forEachOutput(output, (index, n, oy, ox, c) => {
    let best = -Infinity;
    for (let window = 0; window < 4; window++) {
      const iy = oy * 2 + (window >> 1);
      const ix = ox * 2 + (window & 1);
      if (iy >= height || ix >= width) continue;
      const value = x.data[((n * height + iy) * width + ix) * channels + c];
      if (value > best) {
        best = value;
        argmax[index] = window;
      }
    }
    output.data[index] = best;
  });
  return { output, argmax };
}

/** Gradient of `maxPool`'s input (of `shape`): each element of `dy` goes to the place of its maximum. */
export function maxPoolGradient(shape: Tensor64["shape"], argmax: Uint8Array, dy: Tensor64): Tensor64 {
  const [, height, width, channels] = shape;
  const dx = tensor64(shape);
  forEachOutput(dy, (index, n, oy, ox, c) => {
    const iy = oy * 2 + (argmax[index] >> 1);
    const ix = ox * 2 + (argmax[index] & 1);
    dx.data[((n * height + iy) * width + ix) * channels + c] += dy.data[index];
  });
  return dx;
}

function forEachOutput(
  y: Tensor64,
  visit: (index: number, n: number, oy: number, ox: number, c: number) => void,
): void {
  const [batch, height, width, channels] = y.shape;
  let index = 0;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < height; oy++) {
      for (let ox = 0; ox < width; ox++) {
        for (let c = 0; c < channels; c++) visit(index++, n, oy, ox, c);
      }
    }
  }
}
