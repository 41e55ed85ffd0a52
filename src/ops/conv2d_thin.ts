/** Records a network's last convolution, whose result has at most four channels, on GPUs: conv2d_thin. */
import type { Kernel } from "../gpu/kernel.ts";
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import { type Conv, type ConvRun, flopsOf, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";

const thin: Kernel = {
  name: "conv2d_thin",
  params: ["batch", "height", "width", "a4", "b4", "shift", "activation"],
  bindings: { a: "read", b: "read", w: "read", bias: "read", activated: "read", y: "read_write" },
  types: {
    ...{ source4: ["a", "b"], weight4: ["w", "bias"], activated4: ["activated"], result4: ["y"] },
  },
  includes: ["activation"],
};

/** Pixels of a workgroup, as the shader has them. */
const TILE = { width: 32, height: 8 };

/** Records a forward pass, 3×3 with stride 1, to one vec4 of channels. */
export function runThin(conv: Conv, run: ConvRun): void {
  const { batch, height, width, weight, bias } = conv;
  const [a, b = a] = run.sources.map(tensorOf);
  const tiles = batch * Math.ceil(height / TILE.height) * Math.ceil(width / TILE.width);
  conv.rec.dispatch(thin, {
    ...{ a, b, w: weight, bias, activated: run.residual ?? run.activated, y: run.target },
  }, {
    params: {
      ...{ batch, height, width, a4: vec4Channels(a), b4: run.sources[1] ? vec4Channels(b) : 0 },
      ...{ shift: shiftOf(run.sources[0]), activation: run.activation },
    },
    constants: { RESIDUAL: Number(run.residual !== undefined) },
    invocations: tiles * WORKGROUP_SIZE,
    flops: flopsOf(conv),
  });
}
