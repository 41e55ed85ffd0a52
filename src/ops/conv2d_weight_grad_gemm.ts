/** Records the gradient of a convolution's weight as a matrix product over tiles in workgroup memory: conv2d_weight_grad_gemm. */
import type { Kernel } from "../gpu/kernel.ts";
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { gemmTile } from "./conv2d_gemm.ts";
import { type Conv, flopsOf, pick, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";
import type { ParameterSet } from "./parameter.ts";
import { slicesOf, sumGradient } from "./reduce.ts";

const weightGradGemm: Kernel = {
  name: "conv2d_weight_grad_gemm",
  params: [
    ...["batch", "height", "width", "out_height", "out_width", "in4", "out4", "shift", "first4", "total4"],
    ...["rows", "kernel", "stride", "across"],
  ],
  bindings: { x: "read", dy: "read", partials: "read_write" },
  types: { tile4: ["x", "dy"], product4: [] },
  includes: ["gemm_tile"],
  prelude: ["M", "N", "VECS", "K4"],
};

/** Enough workgroups for each multiprocessor of a large GPU to have a few. */
const WORKGROUPS = 512;
/** More slices are more memory, and longer sums at the end by few invocations. */
const MOST_SLICES = 256;

/** Writes the gradient of `NAME.weight` into `parameters`: partial sums over slices of rows, then their sum in a fixed order. */
export function weightGradientGemm(conv: Conv, dy: Tensor, parameters: ParameterSet): void {
  const { rec, options, in4, out4, kernel, stride } = conv;
  const taps = kernel ** 2;
  const tile = gemmTile(out4 * 4);
  const across = Math.ceil(out4 * 4 / tile.N);
  const tilesOf = (channels4: number) => Math.ceil(taps * channels4 * 4 / tile.M) * across;
  const wanted = Math.min(Math.ceil(WORKGROUPS / tilesOf(in4)), MOST_SLICES);
  const { slices, each: rows } = slicesOf(conv.batch * conv.out_height, wanted);
  sumGradient(rec, parameters.range(rec, `${options.name}.weight`, "gradients"), slices, (partials) => {
    let first4 = 0;
    for (const source of conv.sources) {
      const x = tensorOf(source);
      const own4 = vec4Channels(x);
      rec.dispatch(weightGradGemm, { x, dy, partials }, {
        params: {
          ...pick(conv, ["batch", "height", "width", "out_height", "out_width"]),
          ...{ in4: own4, out4, shift: shiftOf(source), first4, total4: in4, rows, kernel, stride, across },
        },
        constants: { ...tile, K4: 2 },
        invocations: tilesOf(own4) * WORKGROUP_SIZE,
        groups: slices,
        flops: flopsOf(conv, x.shape[3]),
      });
      first4 += own4;
    }
  });
}
