/** Pixel shuffle (depth to space), its gradient, and pixel unshuffle (space to depth), which is its inverse; float64, plain loops. */
import type { Shape4 } from "../tensor/shape.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

/** y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c]. x: `[N,H,W,f²·C]` → `[N,f·H,f·W,C]`. */
export function pixelShuffle(x: Tensor64, factor: number): Tensor64 {
  const [n, h, w, deep] = x.shape;
  const y = tensor64([n, h * factor, w * factor, deep / factor ** 2]);
  forEachPlace(x.shape, factor, (xIndex, yIndex) => y.data[yIndex] = x.data[xIndex]);
  return y;
}

/** Gradient of `pixelShuffle`'s input (of `shape`) given `dy` `[N,f·H,f·W,C]`: each value goes back to where it came from. */
export function pixelShuffleGradient(shape: Shape4, dy: Tensor64, factor: number): Tensor64 {
  const dx = tensor64(shape);
  forEachPlace(shape, factor, (xIndex, yIndex) => dx.data[xIndex] = dy.data[yIndex]);
  return dx;
}

/** y[n, y, x, (dy·f + dx)·C + c] = x[n, y·f + dy, x·f + dx, c]. x: `[N,f·H,f·W,C]` → `[N,H,W,f²·C]`. Its gradient is `pixelShuffle`. */
export function pixelUnshuffle(x: Tensor64, factor: number): Tensor64 {
  const [n, h, w, channels] = x.shape;
  const y = tensor64([n, h / factor, w / factor, channels * factor ** 2]);
  forEachPlace(y.shape, factor, (yIndex, xIndex) => y.data[yIndex] = x.data[xIndex]);
  return y;
}

function forEachPlace(
  [batch, height, width, deep]: Shape4,
  factor: number,
  visit: (xIndex: number, yIndex: number) => void,
): void {
  const channels = deep / factor ** 2;
  let xIndex = 0;
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) {
            const row = (n * height + y) * factor + dy;
            const pixel = row * width * factor + x * factor + dx;
            for (let c = 0; c < channels; c++) visit(xIndex++, pixel * channels + c);
          }
        }
      }
    }
  }
}
