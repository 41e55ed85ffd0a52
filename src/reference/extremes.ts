/** Which values of a picture are extreme, float64's way. */
import type { Tensor64 } from "./tensor64.ts";

/** As `Extremes` in src/ops/add_at_extremes.ts: each value that is ≤ 0 or ≥ 1, or those of pixels whose channels are all ≤ 0 or all ≥ 1. */
export function extremesOf({ shape, data }: Tensor64, which: "values" | "holes"): boolean[] {
  const black = (value: number) => value <= 0;
  const white = (value: number) => value >= 1;
  if (which === "values") return Array.from(data, (value) => black(value) || white(value));
  const channels = shape[3];
  return Array.from(data, (_, i) => {
    const first = i - i % channels;
    const pixel = data.slice(first, first + channels);
    return pixel.every(black) || pixel.every(white);
  });
}
