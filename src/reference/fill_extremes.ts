/** A first guess for the values at either end of 0..1 from the good ones around, float64. */
import { FILL_RADIUS } from "../nn/topology.ts";
import { type Tensor64, tensor64 } from "./tensor64.ts";

/**
 * x where 0 < x < 1; elsewhere the mean of such values of the same channel, weighted by distance^−6 (Shepard 1968), within FILL_RADIUS pixels
 * to each side; x where there are none.
 * @param x `[N,H,W,C]`
 */
export function fillExtremes(x: Tensor64): Tensor64 {
  const [, height, width, channels] = x.shape;
  const good = (value: number) => value > 0 && value < 1;
  const filled = x.data.map((value, i) => {
    if (good(value)) return value;
    const pixel = Math.floor(i / channels);
    const [row, column] = [Math.floor(pixel / width) % height, pixel % width];
    let [sum, total] = [0, 0];
    for (let dy = -FILL_RADIUS; dy <= FILL_RADIUS; dy++) {
      for (let dx = -FILL_RADIUS; dx <= FILL_RADIUS; dx++) {
        const [v, u] = [row + dy, column + dx];
        if (v < 0 || u < 0 || v >= height || u >= width) continue;
        const near = x.data[i + (dy * width + dx) * channels];
        if (!good(near)) continue;
        const weight = Math.hypot(dy, dx) ** -6;
        sum += weight * near;
        total += weight;
      }
    }
    return total > 0 ? sum / total : value;
  });
  return tensor64(x.shape, filled);
}
