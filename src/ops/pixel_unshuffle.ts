/** Pixel unshuffle, also called space to depth: pixels become channels (what FFDNet starts with, Zhang et al. 2018). */
import { GpuError } from "../gpu/errors.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, vec4sOf } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { formatShape, paddedChannels } from "../tensor/shape.ts";

const kernel: Kernel = {
  name: "pixel_unshuffle",
  params: ["batch", "height", "width", "channels", "factor", "x_c4", "y_c4"],
  bindings: { x: "read", y: "read_write" },
};

/**
 * y[n, y, x, (dy·f + dx)·C + c] = x[n, y·f + dy, x·f + dx, c]: [N,f·H,f·W,C] → [N,H,W,f²·C], the inverse of `pixelShuffle`. The order is
 * that of TensorFlow's `space_to_depth` and of ONNX's `SpaceToDepth`. x: a picture, f32; no gradient goes to it.
 * @throws {GpuError} where f does not divide height and width.
 */
export function pixelUnshuffle(rec: Recorder, x: Tensor, factor: number, name = "unshuffle"): Tensor {
  const [batch, tall, wide, channels] = x.shape;
  if (tall % factor || wide % factor) {
    throw new GpuError(
      `Cannot record pixel unshuffle "${name}": ${formatShape(x.shape)} is no multiple of ${factor} each way`,
    );
  }
  const [height, width] = [tall / factor, wide / factor];
  const y = rec.tensor([batch, height, width, channels * factor ** 2], name);
  rec.within(name, () => {
    rec.dispatch(kernel, { x, y }, {
      params: {
        ...{ batch, height, width, channels, factor },
        x_c4: paddedChannels(channels) / 4,
        y_c4: paddedChannels(channels * factor ** 2) / 4,
      },
      invocations: vec4sOf(y),
    });
  });
  return y;
}
