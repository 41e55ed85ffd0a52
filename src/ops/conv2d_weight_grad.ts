/** Records the gradients of a convolution's weight and bias: partial sums in slices, then their sum in a fixed order. */
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Conv, flopsOf, pick, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";
import { gemmTile } from "./conv2d_gemm.ts";
import { biasGrad, weightGradGemm, weightGradNaive, weightGradRows } from "./conv2d_kernels.ts";
import type { SettledVariant } from "./conv2d_variant.ts";
import type { ParameterSet } from "./parameter.ts";
import { slicesOf, sumSlices } from "./reduce.ts";

/** Enough invocations to keep every core or multiprocessor busy while a weight gradient is summed. */
const WEIGHT_GRAD_INVOCATIONS = 2048;

/** Enough workgroups for each multiprocessor of a large GPU to have a few. */
const WEIGHT_GRAD_WORKGROUPS = 512;
/** More slices are more memory, and longer sums at the end by few invocations. */
const MOST_SLICES = 256;

/** Invocations of conv2d_weight_grad_rows a slice: 8 inputs by 8 outputs by one row of taps each. */
function rowBlocks(in4: number, out4: number): number {
  return 3 * Math.ceil(in4 / 2) * Math.ceil(out4 / 2);
}

/** Writes the gradient of `NAME.weight` into `parameters`. */
export function weightGradient(
  conv: Conv,
  dy: Tensor,
  parameters: ParameterSet,
  variant: SettledVariant,
): void {
  const { rec, options, in4, out4, kernel, stride } = conv;
  const taps = kernel ** 2;
  const family = variant === "naive" ? "naive" : variant.startsWith("tile") ? "rows" : "gemm";
  const tile = gemmTile(out4 * 4);
  const across = Math.ceil(out4 * 4 / tile.N);
  const tilesOf = (channels4: number) => Math.ceil(taps * channels4 * 4 / tile.M) * across;
  const wanted = {
    naive: WEIGHT_GRAD_INVOCATIONS / (in4 * out4 * taps),
    rows: WEIGHT_GRAD_INVOCATIONS / rowBlocks(in4, out4),
    gemm: Math.min(WEIGHT_GRAD_WORKGROUPS / tilesOf(in4), MOST_SLICES),
  };
  const { slices, each: rows } = slicesOf(conv.batch * conv.out_height, Math.ceil(wanted[family]));
  const partials = rec.tensor([slices, taps, in4 * 4, out4 * 4], `${options.name}.weight partials`, {
    layout: "flat",
  });
  let first4 = 0;
  for (const source of conv.sources) {
    const x = tensorOf(source);
    const own4 = vec4Channels(x);
    const common = { out4, shift: shiftOf(source), in4: own4, first4, total4: in4, rows };
    const extents = pick(conv, ["batch", "height", "width", "out_height", "out_width"]);
    const flops = flopsOf(conv, x.shape[3]);
    if (family === "rows") {
      rec.dispatch(weightGradRows, { x, dy, partials }, {
        params: { ...extents, ...common, slices },
        invocations: rowBlocks(own4, out4) * slices,
        flops,
      });
    } else if (family === "naive") {
      rec.dispatch(weightGradNaive, { x, dy, partials }, {
        params: { ...extents, ...common, slices, kernel, stride },
        invocations: taps * own4 * out4 * slices,
        flops,
      });
    } else {
      rec.dispatch(weightGradGemm, { x, dy, partials }, {
        params: { ...extents, ...common, kernel, stride, across },
        constants: { ...tile, K4: 2 },
        invocations: tilesOf(own4) * WORKGROUP_SIZE,
        groups: slices,
        flops,
      });
    }
    first4 += own4;
  }
  sumSlices(rec, partials, parameters.range(rec, `${options.name}.weight`, "gradients"), slices);
}

/** Writes the gradient of `NAME.bias` into `parameters`: dy summed over all pixels. */
export function biasGradient(conv: Conv, dy: Tensor, parameters: ParameterSet): void {
  const { rec, options, out4 } = conv;
  const pixels = conv.batch * conv.out_height * conv.out_width;
  const { slices, each } = slicesOf(pixels, Math.ceil(256 / out4));
  const partials = rec.tensor([slices, out4 * 4], `${options.name}.bias partials`, { layout: "flat" });
  rec.dispatch(biasGrad, { dy, partials }, {
    params: { pixels, out4, slices, slice_pixels: each },
    invocations: out4 * slices,
  });
  sumSlices(rec, partials, parameters.range(rec, `${options.name}.bias`, "gradients"), slices);
}
