/** Convolution k×k, 'same', stride 1 or 2, over one or two joined inputs, with bias and activation fused. */
import { GpuError } from "../gpu/errors.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { ElementType, Tensor } from "../gpu/tensor.ts";
import { formatShape } from "../tensor/shape.ts";
import { add } from "./add.ts";
import { activationCode, markActivated, slopeOf } from "./activation.ts";
import {
  checkWeight,
  type Conv,
  type Conv2dOptions,
  conv2dShape,
  type ConvRun,
  type ConvSource,
  geometry,
  tensorOf,
  vec4Channels,
} from "./conv2d_geometry.ts";
import { tunedVariant } from "./conv2d_choices.ts";
import { GEMM_KINDS, runGemm } from "./conv2d_gemm.ts";
import { runNaive } from "./conv2d_naive.ts";
import { runThin } from "./conv2d_thin.ts";
import { isTiled, runTiled } from "./conv2d_tiled.ts";
import { type ConvRole, type ConvVariant, type SettledVariant, settledVariant } from "./conv2d_variant.ts";
import { biasGradient, weightGradient } from "./conv2d_weight_grad.ts";
import { runWinograd, WINOGRAD_KINDS } from "./conv2d_winograd.ts";
import type { ParameterSet } from "./parameter.ts";
import { fusesResidual, residualGradient } from "./residual.ts";
import { upsampleGradient } from "./upsample.ts";

export { type Conv2dOptions, conv2dShape, type ConvSource } from "./conv2d_geometry.ts";
export { CONV_VARIANTS, type ConvVariant } from "./conv2d_variant.ts";

/**
 * y = activate(bias + Σ x·w): x are the sources joined along the channels, the weight is `NAME.weight` [k,k,in,out] and the bias
 * `NAME.bias` [out] of `parameters`. Records the gradients of every source but those `withoutGradient` (the image, say).
 * With a `residual` r, of y's shape, it gives r + y, which all kernels but the naive one add as they store.
 * y and, in training, its gradient are stored as `values` says, if not as the weights are.
 */
export function conv2d(
  rec: Recorder,
  sources: readonly ConvSource[],
  parameters: ParameterSet,
  options: Conv2dOptions,
  { variant = "auto", values = parameters.type, withoutGradient = new Set<Tensor>(), residual }: {
    variant?: ConvVariant;
    values?: ElementType;
    withoutGradient?: ReadonlySet<Tensor>;
    residual?: { readonly tensor: Tensor; readonly name: string };
  } = {},
): Tensor {
  const { name, kernel, stride, activation } = options;
  const shape = conv2dShape(sources, options);
  checkWeight(sources, parameters, options);
  if (residual && residual.tensor.shape.join() !== shape.join()) {
    const given = formatShape(residual.tensor.shape);
    throw new GpuError(
      `Cannot record conv2d "${name}": it gives ${formatShape(shape)}, the residual is ${given}`,
    );
  }
  if (rec.training && parameters.type !== "f32") {
    throw new GpuError(`Cannot record conv2d "${name}": parameters of f16 are for inference alone`);
  }
  // With a residual that its kernel adds, y stands for the sum.
  const y = rec.tensor(shape, name, { type: values });
  const weight = parameters.range(rec, `${name}.weight`);
  const bias = parameters.range(rec, `${name}.bias`);
  const { software } = parameters.adapter;
  const conv: Conv = {
    ...{ rec, sources, options, y, weight, bias, kernel, stride, software, training: rec.training },
    ...geometry(sources, y),
    ...(parameters.type === "f16" ? { half: true } : {}),
  };
  const chosen = (role: ConvRole) => {
    const wanted = variant === "auto" ? tunedVariant(parameters.choices, conv, role) : variant;
    return settledVariant(wanted, parameters.adapter, conv, role);
  };
  const fused = residual && chosen("forward") !== "naive" &&
      (!rec.training || fusesResidual(residual.tensor, activation, withoutGradient))
    ? residual.tensor
    : undefined;
  markActivated(y, fused ? "none" : activation);

  rec.within(name, () => {
    inRole(rec, "forward", () => {
      runOverPixels(conv, {
        ...{ role: "forward", sources, target: y, activation: activationCode(activation) },
        ...{ activated: tensorOf(sources[0]), first4: 0, accumulate: false, residual: fused },
      }, chosen("forward"));
    });
    rec.gradient(y, (dy) => {
      if (fused) residualGradient(rec, { s: y, r: fused, activation }, dy, withoutGradient);
      inRole(rec, "weight-gradient", () => {
        const withBias = weightGradient(conv, dy, parameters, chosen("weight-gradient"));
        if (!withBias) biasGradient(conv, dy, parameters);
      });
      let first4 = 0;
      for (const source of sources) {
        const x = tensorOf(source);
        inRole(rec, "input-gradient", () => {
          if (!withoutGradient.has(x)) inputGradient(conv, dy, source, first4, chosen("input-gradient"));
        });
        first4 += vec4Channels(x);
      }
    });
  });
  return residual && !fused ? add(rec, residual.tensor, y, residual.name, withoutGradient) : y;
}

/** Labels what `record` records with its role: `enc0.0.grad/weight-gradient/KERNEL`, by which a tuner tells the roles apart. */
function inRole(rec: Recorder, role: ConvRole, record: () => void): void {
  rec.within(role, record);
}

function runOverPixels(conv: Conv, run: ConvRun, variant: SettledVariant): void {
  if (variant === "naive") runNaive(conv, run);
  else if (variant === "thin") runThin(conv, run);
  else if (isTiled(variant)) runTiled(conv, run, variant);
  else if (variant in GEMM_KINDS) runGemm(conv, run, GEMM_KINDS[variant as keyof typeof GEMM_KINDS]);
  else runWinograd(conv, run, WINOGRAD_KINDS[variant as keyof typeof WINOGRAD_KINDS]);
}

function inputGradient(
  conv: Conv,
  dy: Tensor,
  source: ConvSource,
  first4: number,
  variant: SettledVariant,
): void {
  const { rec } = conv;
  const x = tensorOf(source);
  // The gradient of an input that is upsampled on the way is computed at full size first and then folded.
  const full = "upsampled" in source
    ? rec.tensor([conv.batch, conv.height, conv.width, x.shape[3]], `d(${x.name} upsampled)`, {
      type: dy.type,
    })
    : undefined;
  const { gradient, accumulate } = full ? { gradient: full, accumulate: false } : rec.gradientOf(x);
  const { activated, constants } = full ? { activated: dy, constants: { ACTIVATION: 0 } } : slopeOf(x, dy);
  runOverPixels(conv, {
    ...{ role: "input-gradient", sources: [dy], target: gradient, activation: constants.ACTIVATION },
    ...{ activated, first4, accumulate },
  }, variant);
  if (full) upsampleGradient(rec, full, x, "nearest");
}
