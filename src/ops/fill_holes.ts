/** A first guess for pixels that are wholly black or white, from those around. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { paddedChannels } from "../tensor/shape.ts";

const kernel: Kernel = {
  name: "fill_holes",
  params: ["count", "height", "width", "c4", "channels"],
  bindings: { x: "read", y: "read_write" },
  includes: ["extremes"],
};

/**
 * y = x, but for holes: a pixel whose channels are all ≤ 0 or all ≥ 1 becomes the mean of the other pixels within 3 pixels to each side, weighted by
 * distance^−6 (inverse distance weighting, Shepard 1968), or stays where there are none. x: a picture [N,H,W,C]; no gradient goes to it.
 */
export function fillHoles(rec: Recorder, x: Tensor, name = "fillHoles"): Tensor {
  const y = rec.tensor(x.shape, name);
  const [, height, width, channels] = x.shape;
  const count = vec4sOf(y);
  rec.within(name, () => {
    rec.dispatch(kernel, { x, y }, {
      params: { count, height, width, c4: paddedChannels(channels) / 4, channels },
      constants: { WHOLE: 1 },
      invocations: count,
    });
  });
  return y;
}
