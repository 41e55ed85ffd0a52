/** Max-pooling 2×2 with stride 2. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { paddedChannels, stridedExtent } from "../tensor/shape.ts";
import { slopeOf } from "./activation.ts";

const maxPoolKernel: Kernel = {
  name: "max_pool",
  params: ["batch", "height", "width", "c4"],
  bindings: { x: "read", y: "read_write", argmax: "read_write" },
  types: { value4: ["x", "y"] },
};
const maxPoolGrad: Kernel = {
  name: "max_pool_grad",
  params: ["batch", "height", "width", "c4", "accumulate"],
  bindings: { dy: "read", argmax: "read", activated: "read", dx: "read_write" },
  types: { gradient4: ["dy"], activated4: ["activated"], result4: ["dx"] },
  includes: ["activation"],
};

/** y: [N,H,W,C] → [N,⌈H/2⌉,⌈W/2⌉,C]; a window past the edge takes what is inside. The forward pass keeps the argmax. */
export function maxPool(rec: Recorder, x: Tensor, name = "pool"): Tensor {
  const [batch, height, width, channels] = x.shape;
  const c4 = paddedChannels(channels) / 4;
  const y = rec.tensor([batch, stridedExtent(height, 2), stridedExtent(width, 2), channels], name, {
    type: x.type,
  });
  const argmax = rec.tensor([vec4sOf(y)], `${name}.argmax`, { layout: "flat" });
  const params = { batch, height, width, c4 };
  rec.within(name, () => {
    rec.dispatch(maxPoolKernel, { x, y, argmax }, { params, invocations: vec4sOf(y) });
    rec.gradient(y, (dy) => {
      const { gradient, accumulate } = rec.gradientOf(x);
      const { activated, constants } = slopeOf(x, dy);
      rec.dispatch(maxPoolGrad, { dy, argmax, activated, dx: gradient }, {
        params: { ...params, accumulate: Number(accumulate) },
        constants,
        invocations: vec4sOf(x),
      });
    });
  });
  return y;
}
