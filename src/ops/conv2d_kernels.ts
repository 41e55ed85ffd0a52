/** Declarations of the convolution kernels: what each shader in shaders/conv2d*.wgsl binds and is told. */
import type { Access, Kernel } from "../gpu/kernel.ts";

/** The kernels of a tile of pixels by some outputs an invocation; they differ in the tile's extents, and in what lanes share. */
function tileKernel(
  name: Kernel["name"],
  includes: Kernel["includes"] & object,
  prelude: readonly string[],
  weights: Access = "uniform",
): Kernel {
  return {
    name,
    params: [
      ...["batch", "height", "width", "x4", "first4", "in4", "shift", "out4"],
      ...["first_block", "blocks", "block_vec4s", "accumulate", "activation"],
    ],
    bindings: { x: "read", w: weights, activated: "read", y: "read_write" },
    types: { source4: ["x"], activated4: ["activated"], result4: ["y"] },
    includes: ["activation", "conv2d_tile", ...includes],
    prelude: ["WORKGROUP", ...prelude],
  };
}
export const tile8 = tileKernel("conv2d_tile8", [], []);
export const tile8x4 = tileKernel("conv2d_tile8x4", ["conv2d_kernel9", "conv2d_body8x4"], ["OUTPUTS4"]);
const SHARED_WEIGHTS = ["conv2d_kernel9", "conv2d_shared_taps", "conv2d_body8x4"] as const;
export const subgroup8x4 = tileKernel("conv2d_subgroup8x4", SHARED_WEIGHTS, ["OUTPUTS4"]);
export const subgroup8x4Wide = tileKernel("conv2d_subgroup8x4_wide", SHARED_WEIGHTS, ["OUTPUTS4"], "read");
export const subgroup8x8 = tileKernel("conv2d_subgroup8x8", ["conv2d_kernel9"], ["OUT_LANES"]);
export const pack: Kernel = {
  name: "conv2d_pack",
  params: [
    ...["weight", "bias", "packed"],
    ...["in4", "out4", "source4", "source_first4", "target4", "first4", "block_vec4s", "count"],
  ],
  jobs: true,
  bindings: { weights: "read", packed: "read_write" },
  types: { weight4: ["weights"] },
  prelude: ["WORKGROUP"],
};
export const naive: Kernel = {
  name: "conv2d_naive",
  params: [
    "batch",
    "height",
    "width",
    "out_height",
    "out_width",
    "a4",
    "b4",
    "a_shift",
    "out4",
    "kernel",
    "stride",
  ],
  bindings: { a: "read", b: "read", w: "read", bias: "read", y: "read_write" },
  types: { source4: ["a", "b"], weight4: ["w", "bias"], result4: ["y"] },
  includes: ["activation"],
};
export const inputGradNaive: Kernel = {
  name: "conv2d_input_grad_naive",
  params: [
    ...["batch", "height", "width", "out_height", "out_width"],
    ...["in4", "out4", "target4", "first4", "kernel", "stride", "accumulate"],
  ],
  bindings: { dy: "read", w: "read", activated: "read", dx: "read_write" },
  types: { gradient4: ["dy"], activated4: ["activated"], result4: ["dx"] },
  includes: ["activation"],
};
export const weightGradRows: Kernel = {
  name: "conv2d_weight_grad_rows",
  params: [
    ...["batch", "height", "width", "in4", "out4", "shift", "first4", "total4", "slices", "rows"],
    ...["slice_vec4s", "bias_at"],
  ],
  bindings: { x: "read", dy: "read", partials: "read_write" },
  types: { source4: ["x"], gradient4: ["dy"] },
  prelude: ["WORKGROUP"],
};
export const weightGradSubgroup: Kernel = {
  ...weightGradRows,
  name: "conv2d_weight_grad_subgroup",
  prelude: ["WORKGROUP", "OUT_LANES"],
};
export const weightGradNaive: Kernel = {
  name: "conv2d_weight_grad_naive",
  params: [
    ...["batch", "height", "width", "out_height", "out_width", "in4", "out4", "shift", "first4", "total4"],
    ...["slices", "rows", "kernel", "stride"],
  ],
  bindings: { x: "read", dy: "read", partials: "read_write" },
  types: { source4: ["x"], gradient4: ["dy"] },
};
export const biasGrad: Kernel = {
  name: "bias_grad",
  params: ["pixels", "out4", "slices", "slice_pixels"],
  bindings: { dy: "read", partials: "read_write" },
  types: { gradient4: ["dy"] },
};
