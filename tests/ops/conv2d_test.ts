import { assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import type { Tensor1D, Tensor4D } from "../tfjs/tensorflow.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { GpuError } from "../../src/gpu/errors.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { conv2d, CONV_VARIANTS, type ConvVariant } from "../../src/ops/conv2d.ts";
import {
  CONV_ROLES,
  type ConvLayer,
  type ConvRole,
  runs,
  settledVariant,
} from "../../src/ops/conv2d_variant.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { conv2d as exactConv2d, conv2dGradients } from "../../src/reference/conv2d.ts";
import { upsample, upsampleGradient } from "../../src/reference/upsample.ts";
import { type Conv2dCase, conv2dCases, conv2dInputs, conv2dName } from "../cases/conv2d.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { amplificationOf, sumTolerance, sumToleranceBetween } from "../tolerance.ts";
import { normalTensor } from "../cases/inputs.ts";
import { expectedGradient, float32, type OpInput, runOp, seedGradient, sharedInput } from "./harness.ts";

interface Conv2dResult {
  readonly y: ArrayLike<number>;
  readonly inputs: readonly ArrayLike<number>[];
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** Those of f16 are in half_storage_test.ts. */
const VARIANTS = CONV_VARIANTS.filter((variant) => !variant.endsWith("_f16"));

async function run(
  item: Conv2dCase,
  inputs: readonly OpInput[],
  variant: ConvVariant,
): Promise<Conv2dResult> {
  const gpu = await testGpu();
  const { weight, bias, dy } = conv2dInputs(item);
  const { kernel, inChannels, outChannels } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  using parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: [kernel, kernel, fanIn, outChannels], sources: inChannels },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  parameters.upload(new Map([["conv.weight", weight], ["conv.bias", bias]]));
  const { y, gradients } = await runOp(gpu, inputs, dy, (rec, [first, ...others]) => {
    const sources = [item.upsampled ? { upsampled: first } : first, ...others];
    return conv2d(rec, sources, parameters, { name: "conv", ...item }, { variant });
  });
  const found = await parameters.download("gradients");
  return { y, inputs: gradients, weight: found.get("conv.weight")!, bias: found.get("conv.bias")! };
}

/** A training step of the convolution alone, not run. */
function recorded(gpu: Gpu, item: Conv2dCase, variant: ConvVariant): Recorder {
  const { kernel, inChannels, outChannels, batch, height, width } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  using parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: [kernel, kernel, fanIn, outChannels], sources: inChannels },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  const rec = new Recorder({ training: true });
  const sources = inChannels.map((channels, i) => {
    const half = i === 0 && item.upsampled ? 2 : 1;
    const x = rec.input(`x${i}`, [batch, height / half, width / half, channels]);
    return half === 2 ? { upsampled: x } : x;
  });
  const y = conv2d(rec, sources, parameters, { name: "conv", ...item }, { variant });
  seedGradient(rec, y, "dy");
  rec.backward();
  return rec;
}

function exact(item: Conv2dCase, inputs: readonly OpInput[]): Conv2dResult {
  const { weight: weight32, bias, dy } = conv2dInputs(item);
  const weight = Float64Array.from(weight32);
  const sources = inputs.map(({ values }, i) =>
    item.upsampled && i === 0 ? upsample(values, "nearest") : values
  );
  const y = exactConv2d(sources, weight, Float64Array.from(bias), item);
  const gradients = conv2dGradients(sources, weight, y, dy, item);
  const dx = gradients.inputs.map((gradient, i) =>
    expectedGradient(
      inputs[i],
      item.upsampled && i === 0 ? upsampleGradient(inputs[0].values.shape, gradient, "nearest") : gradient,
    )
  );
  return { y: y.data, inputs: dx, weight: gradients.weight, bias: gradients.bias };
}

async function byTfjs(item: Conv2dCase): Promise<Conv2dResult> {
  const tf = await loadTfjs();
  const { inputs, weight, bias, dy } = conv2dInputs(item);
  const { kernel, inChannels, outChannels } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const tensors = [
    ...inputs.map((input) => upload(tf, input)),
    tf.tensor4d(weight, [kernel, kernel, fanIn, outChannels]),
    tf.tensor1d(bias),
  ];
  const { y, gradients } = await valueAndGradients(
    tf,
    (...all) => {
      const sources = all.slice(0, -2).map((x, i) =>
        item.upsampled && i === 0 ? tfjs.upsample(tf, x as Tensor4D, "nearest") : x as Tensor4D
      );
      return tfjs.conv2d(tf, sources, all.at(-2) as Tensor4D, all.at(-1) as Tensor1D, item);
    },
    tensors,
    dy,
  );
  return { y, inputs: gradients.slice(0, -2), weight: gradients.at(-2)!, bias: gradients.at(-1)! };
}

function layerOf(item: Conv2dCase): ConvLayer {
  const in4 = item.inChannels.reduce((sum, channels) => sum + Math.ceil(channels / 4), 0);
  return { ...item, in4, out4: Math.ceil(item.outChannels / 4) };
}

/** The versions that have a kernel of their own for a case in some role: elsewhere they are another version (conv2d_variant_test.ts). */
function variantsOf(item: Conv2dCase): ConvVariant[] {
  const layer = layerOf(item);
  return VARIANTS.filter((variant) =>
    variant === "auto" || CONV_ROLES.some((role) => runs(variant, layer, role))
  );
}

/** How much larger the rounding errors of a version are than those of a direct sum, over pixels and of the weight gradient; of `auto`, those of what it stands for here. */
async function amplification(
  variant: ConvVariant,
  item: Conv2dCase,
): Promise<{ pixels: number; weight: number }> {
  const { adapter } = await testGpu();
  const layer = layerOf(item);
  const of = (role: ConvRole) => amplificationOf(settledVariant(variant, adapter, layer, role), role);
  return { pixels: of("forward"), weight: of("weight-gradient") };
}

/** Sums of the forward pass run over taps and inputs, those of dx over taps and outputs, those of dw and db over pixels. */
function assertSame(
  item: Conv2dCase,
  actual: Conv2dResult,
  expected: Conv2dResult,
  tolerance: (terms: number) => number,
  factors: { readonly pixels: number; readonly weight: number },
): void {
  const { batch, height, width, kernel, stride, inChannels, outChannels } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const pixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
  assertAllClose(actual.y, expected.y, factors.pixels * tolerance(kernel ** 2 * fanIn), "y");
  expected.inputs.forEach((dx, i) =>
    assertAllClose(
      actual.inputs[i],
      dx,
      factors.pixels * tolerance(kernel ** 2 * outChannels),
      `dx${i}`,
    )
  );
  assertAllClose(actual.weight, expected.weight, factors.weight * tolerance(pixels), "dweight");
  assertAllClose(actual.bias, expected.bias, tolerance(pixels), "dbias");
}

Deno.test("conv2dCases bring every tile of the kernels that share between lanes", async () => {
  const gpu = await testGpu();
  const seen: Record<string, Set<number>> = {};
  for (const variant of ["subgroup8x4", "subgroup8x8", "winograd4_tile16"] as const) {
    for (const item of conv2dCases.filter(({ kernel, stride }) => kernel === 3 && stride === 1)) {
      const { dispatches } = recorded(gpu, item, variant);
      for (const { kernel, constants } of dispatches) {
        for (
          const name of ["OUT_LANES", "OUTPUTS4", "ROWS", "COLUMNS4"].filter((name) => name in constants)
        ) {
          (seen[`${kernel.name} ${name}`] ??= new Set()).add(constants[name]);
        }
      }
    }
  }
  const sorted = Object.entries(seen).map(([name, values]) => [name, [...values].sort()] as const);
  assertEquals(Object.fromEntries(sorted), {
    "conv2d_subgroup8x4 OUTPUTS4": [1, 2, 4],
    "conv2d_subgroup8x4_wide OUTPUTS4": [4],
    "conv2d_subgroup8x8 OUT_LANES": [4, 8],
    "conv2d_weight_grad_subgroup OUT_LANES": [4, 8],
    "winograd_product ROWS": [16, 32],
    "winograd_product COLUMNS4": [1, 2, 3],
  });
});

for (const item of conv2dCases) {
  const inputs = conv2dInputs(item).inputs.map((values): OpInput => ({ values }));
  let expected: Conv2dResult | undefined;
  Deno.test(`conv2d() gives the values and gradients of float64 and of tfjs at ${conv2dName(item)}`, async () => {
    const actual = await run(item, inputs, "auto");
    const factors = await amplification("auto", item);
    assertSame(item, actual, expected ??= exact(item, inputs), sumTolerance, factors);
    assertSame(item, actual, await byTfjs(item), sumToleranceBetween, factors);
  });

  for (const variant of variantsOf(item).filter((variant) => variant !== "auto")) {
    Deno.test(`conv2d() ${variant} gives the values and gradients of float64 at ${conv2dName(item)}`, async () => {
      const actual = await run(item, inputs, variant);
      assertSame(
        item,
        actual,
        expected ??= exact(item, inputs),
        sumTolerance,
        await amplification(variant, item),
      );
    });
  }
}

// Fused gradients: of inputs that came out of an activation, added to what another consumer has written.
for (const item of conv2dCases.filter(({ batch, height }) => batch > 1 || height === 10)) {
  const inputs = conv2dInputs(item).inputs.map((values, i) =>
    sharedInput(values, i ? "leaky-relu" : "relu", 50 + i)
  );
  let expected: Conv2dResult | undefined;
  for (const variant of variantsOf(item)) {
    const name = `conv2d() ${variant} goes back through activations and adds to gradients at ${
      conv2dName(item)
    }`;
    Deno.test(name, async () => {
      const actual = await run(item, inputs, variant);
      assertSame(
        item,
        actual,
        expected ??= exact(item, inputs),
        sumTolerance,
        await amplification(variant, item),
      );
    });
  }
}

// All kernels but the naive one add the residual as they store.
for (const item of conv2dCases.filter(({ height, inChannels }) => height === 10 || inChannels[0] === 96)) {
  for (const variant of CONV_VARIANTS) {
    Deno.test(`conv2d() ${variant} adds a residual at ${conv2dName(item)}`, async () => {
      const gpu = await testGpu();
      const { inputs, weight, bias } = conv2dInputs(item);
      const { batch, height, width, kernel, stride, inChannels, outChannels } = item;
      const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
      using parameters = new ParameterSet(gpu, [
        { name: "conv.weight", shape: [kernel, kernel, fanIn, outChannels], sources: inChannels },
        { name: "conv.bias", shape: [outChannels] },
      ]);
      parameters.upload(new Map([["conv.weight", weight], ["conv.bias", bias]]));
      const shape = [batch, Math.ceil(height / stride), Math.ceil(width / stride), outChannels] as const;
      const residual = normalTensor(shape, 77);
      const exact = exactConv2d(inputs, Float64Array.from(weight), Float64Array.from(bias), item);
      const expected = exact.data.map((value, i) => value + residual.data[i]);
      const { pixels } = await amplification(variant, item);
      const tolerance = pixels * sumTolerance(kernel ** 2 * fanIn);
      const dispatches = [];
      for (const training of [false, true]) {
        const rec = new Recorder({ training });
        const sources = inputs.map(({ shape }, i) => rec.input(`x${i}`, shape));
        const tensor = rec.input("residual", shape);
        const options = { name: "conv", ...item };
        const y = conv2d(rec, sources, parameters, options, { variant, residual: { tensor, name: "sum" } });
        rec.output("y", y);
        using plan = await buildPlan(gpu, rec);
        inputs.forEach((x, i) => plan.write(`x${i}`, float32(x)));
        plan.write("residual", float32(residual));
        plan.run();
        assertAllClose(await plan.read("y"), expected, tolerance, `training: ${training}`);
        dispatches.push(rec.dispatches.filter(({ kernel }) => kernel.name === "add").length);
      }
      assertEquals(dispatches, variant === "naive" ? [1, 1] : [0, 0]);
    });
  }
}

Deno.test("conv2d() names op, tensor and both shapes when the weight does not fit", async () => {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, [
    { name: "dec1a.weight", shape: [3, 3, 128, 8], sources: [64, 64] },
    { name: "dec1a.bias", shape: [8] },
  ]);
  const options = { name: "dec1a", kernel: 3, stride: 1, outChannels: 8, activation: "relu" } as const;
  const rec = new Recorder({ training: true });
  const [a, b, small] = [[1, 4, 4, 64], [1, 4, 4, 32], [1, 2, 2, 64]].map((shape, i) =>
    rec.input(`x${i}`, shape)
  );
  assertThrows(() => conv2d(rec, [a, b], parameters, options), (error: Error) => {
    return error instanceof GpuError && /conv2d "dec1a".*64 \+ 32 channels.*3×3×128×8/.test(error.message);
  });
  assertThrows(
    () => conv2d(rec, [a, small], parameters, options),
    /conv2d "dec1a": its inputs are 1×4×4×64 and 1×2×2×64/,
  );
  assertThrows(() => conv2d(rec, [a, a, a], parameters, options), /one or two inputs, got 3/);
  const residual = { tensor: small, name: "sum" };
  assertThrows(
    () => conv2d(rec, [a, rec.input("b", a.shape)], parameters, options, { residual }),
    /conv2d "dec1a": it gives 1×4×4×8, the residual is 1×2×2×64/,
  );
});
