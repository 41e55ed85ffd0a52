/** Records the gradient of a convolution's weight as a matrix product over tiles in workgroup memory: conv2d_weight_grad_gemm. */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { gemmTile } from "./conv2d_gemm.ts";
import { type Conv, flopsOf, pick, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";
import type { ParameterSet } from "./parameter.ts";
import { slicesOf, sumGradient } from "./reduce.ts";

const weightGradGemm: Kernel = {
  name: "conv2d_weight_grad_gemm",
  params: [
    ...["batch", "height", "width", "out_height", "out_width", "in4", "out4", "shift", "first4", "total4"],
    ...["rows", "kernel", "stride", "across", "accumulate"],
  ],
  bindings: { x: "read", dy: "read", partials: "read_write" },
  types: { source4: ["x"], gradient4: ["dy"], tile4: [], product4: [] },
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
          accumulate: 0,
        },
        constants: { ...tile, K4: 2 },
        // In workgroup memory lie halves where both factors are such: a picture of f32 is not rounded.
        types: { tile4: x.type === dy.type ? x.type : "f32" },
        invocations: tilesOf(own4) * WORKGROUP_SIZE,
        groups: slices,
        flops: flopsOf(conv, x.shape[3]),
      });
      first4 += own4;
    }
  });
}

/** Products of `batch` pairs of matrices over a long k, each p [slices][4·source4][4·target4] = vᵀ · e, cut into slices of k. */
export interface BatchedTransposedProduct {
  readonly batch: number;
  /** Rows of v and e, that is, the length of k: a multiple of 8 · slices. */
  readonly rows: number;
  readonly slices: number;
  readonly source4: number;
  readonly target4: number;
  /** Whether the products are added to what p holds. */
  readonly accumulate: boolean;
}

/** Slices of k that give every multiprocessor of a large GPU some workgroups, of so many products. */
export function productSlices(batch: number, source4: number, target4: number): number {
  const tile = gemmTile(target4 * 4);
  const workgroups = batch * Math.ceil(source4 * 4 / tile.M) * Math.ceil(target4 * 4 / tile.N);
  return Math.ceil(WORKGROUPS / workgroups);
}

/** Records the products as weight gradients of 1×1 convolutions over images of 8 columns, a slice of rows for each: v [batch][rows][4·source4], e [batch][rows][4·target4]. */
export function runTransposedProduct(
  rec: Recorder,
  { v, e, p }: { v: Tensor; e: Tensor; p: Tensor },
  { batch, rows, slices, source4, target4, accumulate }: BatchedTransposedProduct,
  flops: number,
): void {
  const tile = gemmTile(target4 * 4);
  const across = Math.ceil(target4 * 4 / tile.N);
  const [height, width] = [rows / 8, 8];
  rec.dispatch(weightGradGemm, { x: v, dy: e, partials: p }, {
    params: {
      ...{ batch, height, width, out_height: height, out_width: width },
      ...{ in4: source4, out4: target4, shift: 0, first4: 0, total4: source4 },
      ...{ rows: height / slices, kernel: 1, stride: 1, across, accumulate: Number(accumulate) },
    },
    constants: { ...tile, K4: 2 },
    invocations: Math.ceil(source4 * 4 / tile.M) * across * WORKGROUP_SIZE,
    groups: batch * slices,
    flops,
  });
}
