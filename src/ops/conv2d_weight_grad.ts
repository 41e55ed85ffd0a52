/** Records the gradients of a convolution's weight and bias: partial sums in slices, then their sum in a fixed order. */
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Conv, flopsOf, pick, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";
import { biasGrad, weightGradNaive, weightGradRows, weightGradSubgroup } from "./conv2d_kernels.ts";
import type { SettledVariant } from "./conv2d_variant.ts";
import { weightGradientGemm } from "./conv2d_weight_grad_gemm.ts";
import { weightGradientWinograd } from "./conv2d_weight_grad_winograd.ts";
import { WINOGRAD_KINDS } from "./conv2d_winograd.ts";
import type { ParameterSet } from "./parameter.ts";
import { CORES, LANES } from "./processor.ts";
import { slicesOf, sumGradient } from "./reduce.ts";

/** Enough invocations to keep every core or multiprocessor busy while a weight gradient is summed. */
const WEIGHT_GRAD_INVOCATIONS = 2048;
/** The same on a processor: a core is given some sixteen pieces of work. More would be more slices to write and to sum up. */
const SOFTWARE_INVOCATIONS = 16 * LANES * CORES;

/** The same in subgroups: pieces are larger, and each as fast again. */
const SUBGROUP_INVOCATIONS = 8 * LANES * CORES;

/** How many invocations a slice takes, of each kernel that walks rows. */
const ROW_KERNELS = {
  /** 8 inputs by 8 outputs by one row of taps each. */
  rows: (in4: number, out4: number) => 3 * Math.ceil(in4 / 2) * Math.ceil(out4 / 2),
  /** 8 inputs by 4 outputs by nine taps each. */
  subgroup: (in4: number, out4: number) => {
    const lanes = outLanes(out4);
    return Math.ceil(in4 / 2) * Math.ceil(out4 / lanes) * lanes;
  },
};

/** Lanes that share inputs: eight, where four would leave no fewer of them idle. */
function outLanes(out4: number): 8 | 4 {
  return Math.ceil(out4 / 8) * 8 === Math.ceil(out4 / 4) * 4 ? 8 : 4;
}

/** Writes the gradient of `NAME.weight` into `parameters`, and says whether that of `NAME.bias` came with it. */
export function weightGradient(
  conv: Conv,
  dy: Tensor,
  parameters: ParameterSet,
  variant: SettledVariant,
): boolean {
  if (variant === "winograd4" || variant === "winograd4_tile16") {
    weightGradientWinograd(conv, dy, parameters, WINOGRAD_KINDS[variant]);
    return false;
  }
  const subgroup = variant.startsWith("subgroup");
  if (variant !== "naive" && !variant.startsWith("tile8") && !subgroup) {
    weightGradientGemm(conv, dy, parameters);
    return false;
  }
  const { rec, options, in4, out4, software } = conv;
  const byRows = variant !== "naive";
  const taps = options.kernel ** 2;
  const invocationsOf = ROW_KERNELS[subgroup ? "subgroup" : "rows"];
  const invocations = subgroup
    ? SUBGROUP_INVOCATIONS
    : byRows && software
    ? SOFTWARE_INVOCATIONS
    : WEIGHT_GRAD_INVOCATIONS;
  const wanted = invocations / (byRows ? invocationsOf(in4, out4) : in4 * out4 * taps);
  // A processor has enough with a little less: one slice needs no sum.
  const { slices, each: rows } = slicesOf(
    conv.batch * conv.out_height,
    byRows && software ? Math.max(1, Math.round(wanted)) : Math.ceil(wanted),
  );
  const [weightName, biasName] = [`${options.name}.weight`, `${options.name}.bias`];
  const both = byRows ? parameters.span(rec, weightName, biasName, "gradients") : undefined;
  const total = both ?? parameters.range(rec, weightName, "gradients");
  const biasVec4 = both ? total.size / 16 - out4 : 0;
  sumGradient(rec, total, slices, (partials) => {
    const workgroup = software ? LANES : WORKGROUP_SIZE;
    let first4 = 0;
    for (const source of conv.sources) {
      const x = tensorOf(source);
      const own4 = vec4Channels(x);
      const common = { out4, shift: shiftOf(source), in4: own4, first4, total4: in4, slices, rows };
      const flops = flopsOf(conv, x.shape[3]);
      if (byRows) {
        rec.dispatch(subgroup ? weightGradSubgroup : weightGradRows, { x, dy, partials }, {
          params: {
            ...pick(conv, ["batch", "height", "width"]),
            ...common,
            ...{ slice_vec4s: total.size / 16, bias_at: first4 === 0 ? biasVec4 : 0 },
          },
          constants: { WORKGROUP: workgroup, ...(subgroup && { OUT_LANES: outLanes(out4) }) },
          invocations: invocationsOf(own4, out4) * slices,
          workgroup,
          flops,
        });
      } else {
        rec.dispatch(weightGradNaive, { x, dy, partials }, {
          params: {
            ...pick(conv, ["batch", "height", "width", "out_height", "out_width"]),
            ...common,
            ...{ kernel: options.kernel, stride: options.stride },
          },
          invocations: taps * own4 * out4 * slices,
          flops,
        });
      }
      first4 += own4;
    }
  });
  return both !== undefined;
}

/** Writes the gradient of `NAME.bias` into `parameters`: dy summed over all pixels. */
export function biasGradient(conv: Conv, dy: Tensor, parameters: ParameterSet): void {
  const { rec, options, out4 } = conv;
  const pixels = conv.batch * conv.out_height * conv.out_width;
  const { slices, each } = slicesOf(pixels, Math.ceil(256 / out4));
  sumGradient(
    rec,
    parameters.range(rec, `${options.name}.bias`, "gradients"),
    slices,
    (partials) =>
      rec.dispatch(biasGrad, { dy, partials }, {
        params: { pixels, out4, slices, slice_pixels: each },
        invocations: out4 * slices,
      }),
  );
}
