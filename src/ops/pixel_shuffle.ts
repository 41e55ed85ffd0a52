/** Pixel shuffle, also called depth to space: channels become pixels (Shi et al. 2016, Real-time single image super-resolution). */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape, paddedChannels } from "../tensor/shape.ts";
import { slopeOf } from "./activation.ts";

const pixelShuffleKernel: Kernel = {
  name: "pixel_shuffle",
  params: ["batch", "height", "width", "channels", "factor", "x_c4", "y_c4"],
  bindings: { x: "read", y: "read_write" },
  types: { value: ["x", "y"], value4: ["y"] },
};
const pixelShuffleGrad: Kernel = {
  name: "pixel_shuffle_grad",
  params: ["batch", "height", "width", "channels", "factor", "x_c4", "y_c4", "accumulate"],
  bindings: { dy: "read", activated: "read", dx: "read_write" },
  types: { source: ["dy"], activated4: ["activated"], result4: ["dx"] },
  includes: ["activation"],
};

/**
 * y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c]: [N,H,W,f²·C] → [N,f·H,f·W,C]. No arithmetic: its cost is the memory's.
 * The order is that of TensorFlow's `depth_to_space` and of ONNX's `DepthToSpace` in its mode DCR.
 * @throws {GpuError} where f² does not divide the channels.
 */
export function pixelShuffle(rec: Recorder, x: Tensor, factor: number, name = "shuffle"): Tensor {
  const [batch, height, width, deep] = x.shape;
  const channels = deep / factor ** 2;
  if (!Number.isInteger(channels)) {
    throw new GpuError(
      `Cannot record pixel shuffle "${name}": ${formatShape(x.shape)} has no multiple of ${
        factor ** 2
      } channels`,
    );
  }
  const y = rec.tensor([batch, height * factor, width * factor, channels], name, { type: x.type });
  const params = {
    ...{ batch, height, width, channels, factor },
    x_c4: paddedChannels(deep) / 4,
    y_c4: paddedChannels(channels) / 4,
  };
  rec.within(name, () => {
    rec.dispatch(pixelShuffleKernel, { x, y }, { params, invocations: vec4sOf(y) });
    rec.gradient(y, (dy) => {
      const { gradient, accumulate } = rec.gradientOf(x);
      const { activated, constants } = slopeOf(x, dy);
      rec.dispatch(pixelShuffleGrad, { dy, activated, dx: gradient }, {
        params: { ...params, accumulate: Number(accumulate) },
        constants,
        invocations: vec4sOf(x),
      });
    });
  });
  return y;
}
