/** Records a network's first and last convolution on GPUs: conv2d_thin_in for few channels of the source, conv2d_thin_out for few of the result. */
import type { Kernel } from "../gpu/kernel.ts";
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import { type Conv, type ConvRun, flopsOf, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";

const SOURCES = ["batch", "height", "width", "a4", "b4", "shift"];
const thinIn: Kernel = {
  name: "conv2d_thin_in",
  params: [...SOURCES, "target4", "in4", "out4", "first4", "accumulate", "activation"],
  bindings: { a: "read", b: "read", w: "read", bias: "read", activated: "read", y: "read_write" },
  types: {
    ...{ source4: ["a", "b"], weight4: ["w", "bias"], activated4: ["activated"], result4: ["y"] },
  },
  includes: ["activation", "conv2d_thin"],
};
const thinOut: Kernel = { ...thinIn, name: "conv2d_thin_out", params: [...SOURCES, "activation"] };

/** Pixels of a workgroup, as the shaders have them. */
const TILE = { width: 32, height: 8 };

/** Records a run, 3×3 with stride 1, whose sources have two vec4s of channels at most; or, forward, whose target has one. */
export function runThin(conv: Conv, run: ConvRun): void {
  const { batch, height, width, in4, out4, weight, bias } = conv;
  const { target, activated, first4, accumulate, activation } = run;
  const forward = run.role === "forward";
  const [a, b = a] = run.sources.map(tensorOf);
  const tiles = batch * Math.ceil(height / TILE.height) * Math.ceil(width / TILE.width);
  const bindings = { a, b, w: weight, bias, activated: run.residual ?? activated, y: target };
  const params = {
    ...{ batch, height, width, a4: vec4Channels(a), b4: run.sources[1] ? vec4Channels(b) : 0 },
    ...{ shift: shiftOf(run.sources[0]), activation },
  };
  const constants = { RESIDUAL: Number(run.residual !== undefined) };
  const size = {
    invocations: tiles * WORKGROUP_SIZE,
    flops: forward ? flopsOf(conv) : flopsOf(conv, target.shape[3]),
  };
  const target4 = vec4Channels(target);
  if (forward && target4 === 1) {
    conv.rec.dispatch(thinOut, bindings, { params, constants, ...size });
    return;
  }
  conv.rec.dispatch(thinIn, bindings, {
    params: { ...params, target4, in4, out4, first4, accumulate: Number(accumulate) },
    constants: { ...constants, MODE: Number(forward) },
    ...size,
  });
}
