/** Upsampling 2×, nearest or bilinear. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { paddedChannels } from "../tensor/shape.ts";
import { slopeOf } from "./activation.ts";

export type UpsampleMode = "nearest" | "bilinear";

const upsampleKernel: Kernel = {
  name: "upsample",
  params: ["batch", "height", "width", "c4"],
  bindings: { x: "read", y: "read_write" },
  types: { value4: ["x", "y"] },
};
const upsampleGrad: Kernel = {
  name: "upsample_grad",
  params: ["batch", "height", "width", "c4", "accumulate"],
  bindings: { dy: "read", activated: "read", dx: "read_write" },
  types: { gradient4: ["dy"], activated4: ["activated"], result4: ["dx"] },
  includes: ["activation"],
};

const paramsOf = ({ shape: [batch, height, width, channels] }: Tensor) => ({
  ...{ batch, height, width, c4: paddedChannels(channels) / 4 },
});

/**
 * y: [N,H,W,C] → [N,2H,2W,C]. Bilinear: half-pixel centres, the edge repeated.
 * @param withoutGradient tensors that no gradient goes to (the image, say); y joins them where x is one.
 */
export function upsample(
  rec: Recorder,
  x: Tensor,
  mode: UpsampleMode,
  name = "up",
  withoutGradient: Set<Tensor> = new Set(),
): Tensor {
  const [batch, height, width, channels] = x.shape;
  const y = rec.tensor([batch, height * 2, width * 2, channels], name, { type: x.type });
  rec.within(name, () => {
    rec.dispatch(upsampleKernel, { x, y }, {
      params: paramsOf(x),
      constants: { BILINEAR: Number(mode === "bilinear") },
      invocations: vec4sOf(y),
    });
    if (withoutGradient.has(x)) withoutGradient.add(y);
    else rec.gradient(y, (dy) => upsampleGradient(rec, dy, x, mode));
  });
  return y;
}

/** Records the gradient of `upsample`: dy [N,2H,2W,C] to the gradient of x [N,H,W,C]. */
export function upsampleGradient(rec: Recorder, dy: Tensor, x: Tensor, mode: UpsampleMode): void {
  const { gradient, accumulate } = rec.gradientOf(x);
  const { activated, constants } = slopeOf(x, dy);
  rec.dispatch(upsampleGrad, { dy, activated, dx: gradient }, {
    params: { ...paramsOf(x), accumulate: Number(accumulate) },
    constants: { ...constants, BILINEAR: Number(mode === "bilinear") },
    invocations: vec4sOf(x),
  });
}
