/** A first guess for the values at either end of 0..1, from the good ones around. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { paddedChannels } from "../tensor/shape.ts";

const kernel: Kernel = {
  name: "fill_extremes",
  params: ["count", "height", "width", "c4"],
  bindings: { x: "read", y: "read_write" },
};

/**
 * y = x where 0 < x < 1; elsewhere the mean of such values of the same channel within 3 pixels to each side, weighted by distance^−6
 * (inverse distance weighting, Shepard 1968), or x where there are none. x: a picture [N,H,W,C]; no gradient goes to it.
 */
export function fillExtremes(rec: Recorder, x: Tensor, name = "fillExtremes"): Tensor {
  const y = rec.tensor(x.shape, name);
  const [, height, width, channels] = x.shape;
  const count = vec4sOf(y);
  rec.within(name, () => {
    const params = { count, height, width, c4: paddedChannels(channels) / 4 };
    rec.dispatch(kernel, { x, y }, { params, invocations: count });
  });
  return y;
}
