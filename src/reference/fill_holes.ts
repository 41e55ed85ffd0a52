/** A first guess for pixels that are wholly black or white, from those around, float64. */
import { FILL_RADIUS } from "../nn/topology.ts";
import { extremesOf } from "./extremes.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

/**
 * x, but each hole becomes the mean of the pixels within FILL_RADIUS to each side that are none, weighted by distance^−6 (Shepard 1968);
 * it stays where there are none.
 * @param x `[N,H,W,C]`
 */
export function fillHoles(x: Tensor64): Tensor64 {
  const [, height, width, channels] = x.shape;
  const holes = extremesOf(x, "holes");
  const filled = x.data.map((value, i) => {
    if (!holes[i]) return value;
    const pixel = Math.floor(i / channels);
    const [row, column] = [Math.floor(pixel / width) % height, pixel % width];
    let [sum, total] = [0, 0];
    for (let dy = -FILL_RADIUS; dy <= FILL_RADIUS; dy++) {
      for (let dx = -FILL_RADIUS; dx <= FILL_RADIUS; dx++) {
        const [v, u] = [row + dy, column + dx];
        if (v < 0 || u < 0 || v >= height || u >= width) continue;
        const near = i + (dy * width + dx) * channels;
        if (holes[near]) continue;
        const weight = Math.hypot(dy, dx) ** -6;
        sum += weight * x.data[near];
        total += weight;
      }
    }
    return total > 0 ? sum / total : value;
  });
  return tensor64(x.shape, filled);
}
