/** The gradient kernels over tensors of f16, held against float64 over the same values. */
import { assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import type { Tensor } from "../../src/gpu/tensor.ts";
import { add } from "../../src/ops/add.ts";
import { addAtExtremes } from "../../src/ops/add_at_extremes.ts";
import { conv2d, CONV_VARIANTS, type ConvVariant } from "../../src/ops/conv2d.ts";
import { type ConvRole, settledVariant } from "../../src/ops/conv2d_variant.ts";
import { maxPool } from "../../src/ops/max_pool.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { pixelShuffle } from "../../src/ops/pixel_shuffle.ts";
import { upsample } from "../../src/ops/upsample.ts";
import { conv2d as exactConv2d, conv2dGradients } from "../../src/reference/conv2d.ts";
import { addAtExtremesGradients } from "../../src/reference/add_at_extremes.ts";
import { maxPool as exactMaxPool, maxPoolGradient } from "../../src/reference/max_pool.ts";
import { pixelShuffleGradient } from "../../src/reference/pixel_shuffle.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";
import { upsample as exactUpsample, upsampleGradient } from "../../src/reference/upsample.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { type Conv2dCase, conv2dCases, conv2dInputs, conv2dName } from "../cases/conv2d.ts";
import { elementwiseCases } from "../cases/elementwise.ts";
import { halves } from "../cases/halves.ts";
import { impulseTensor, normalTensor } from "../cases/inputs.ts";
import { maxPoolCases } from "../cases/max_pool.ts";
import { pixelShuffleCases } from "../cases/pixel_shuffle.ts";
import { upsampleCases, upsampleModes } from "../cases/upsample.ts";
import { halfGpu } from "../gpu/half.ts";
import { testGpu } from "../gpu/shared.ts";
import { amplificationOf, FLOAT16_ROUNDOFF, halfTolerance, sumTolerance } from "../tolerance.ts";
import { expectedGradient, type OpInput, runOp, sharedInput } from "./harness.ts";

const ignore = !await halfGpu();

/** Stored as f16, out of an activation, with a gradient of f16 that somebody else has written. */
function halfInput(values: Tensor64, activation: Conv2dCase["activation"], seed: number): OpInput {
  const input = sharedInput(values, activation, seed);
  return { ...input, values: halves(input.values), prior: halves(input.prior!), type: "f16" };
}

const dyOf = (shape: Tensor64["shape"]) => halves(normalTensor(shape, 9));

async function gradientsOf(
  inputs: readonly OpInput[],
  dy: Tensor64,
  record: (rec: Recorder, xs: Tensor[]) => Tensor,
): Promise<Float32Array[]> {
  return (await runOp(await testGpu(), inputs, dy, record)).gradients;
}

for (const shape of elementwiseCases) {
  const dy = dyOf(shape);
  const [a, b] = [1, 2].map((seed) => normalTensor(shape, seed));
  // Sums of f16, and of f32 where one term is: a gradient of f32 then, whose term cannot take it over.
  for (const types of [["f16", "f16"], ["f32", "f16"], ["f16", "f32"]] as const) {
    for (const prior of [true, false]) {
      Deno.test({
        name: `add() of ${types.join(" and ")} goes back at ${formatShape(shape)}${prior ? ", adding" : ""}`,
        ignore,
        async fn() {
          const inputs = [halfInput(a, "relu", 4), halfInput(b, "leaky-relu", 5)].map((input, i) => ({
            ...{ ...input, type: types[i] },
            ...(prior ? {} : { prior: undefined }),
          }));
          const gradients = await gradientsOf(inputs, dy, (rec, [x0, x1]) => add(rec, x0, x1));
          gradients.forEach((dx, i) =>
            assertAllClose(dx, expectedGradient(inputs[i], dy), halfTolerance(2), `dx${i}`)
          );
        },
      });
    }
  }

  const x = impulseTensor(shape, 1);
  Deno.test({
    name: `addAtExtremes() with a correction of f16 goes back at ${formatShape(shape)}`,
    ignore,
    async fn() {
      const inputs: OpInput[] = [
        { values: x, constant: true },
        { values: a, constant: true },
        halfInput(b, "leaky-relu", 5),
      ];
      const [dr] = await gradientsOf(
        inputs,
        dy,
        (rec, [x, base, r]) => addAtExtremes(rec, x, base, r, "values", "sum", new Set([base])),
      );
      const { correction } = addAtExtremesGradients(x, dy, "values");
      assertAllClose(dr, expectedGradient(inputs[2], correction), halfTolerance(2), "dr");
    },
  });
}

for (const shape of maxPoolCases) {
  Deno.test({
    name: `maxPool() over f16 goes back at ${formatShape(shape)}`,
    ignore,
    async fn() {
      const input = halfInput(normalTensor(shape, 1), "leaky-relu", 3);
      const { output, argmax } = exactMaxPool(input.values);
      const dy = dyOf(output.shape);
      const [dx] = await gradientsOf([input], dy, (rec, [x]) => maxPool(rec, x));
      const expected = expectedGradient(input, maxPoolGradient(shape, argmax, dy));
      assertAllClose(dx, expected, halfTolerance(2), "dx");
    },
  });
}

for (const { shape, factor } of pixelShuffleCases) {
  Deno.test({
    name: `pixelShuffle() over f16 goes back at ${formatShape(shape)} by ${factor}`,
    ignore,
    async fn() {
      const input = halfInput(normalTensor(shape, 1), "leaky-relu", 3);
      const [batch, height, width, channels] = shape;
      const dy = dyOf([batch, height * factor, width * factor, channels / factor ** 2]);
      const [dx] = await gradientsOf([input], dy, (rec, [x]) => pixelShuffle(rec, x, factor));
      const expected = expectedGradient(input, pixelShuffleGradient(shape, dy, factor));
      assertAllClose(dx, expected, halfTolerance(2), "dx");
    },
  });
}

for (const shape of upsampleCases) {
  for (const mode of upsampleModes) {
    Deno.test({
      name: `upsample() ${mode} over f16 goes back at ${formatShape(shape)}`,
      ignore,
      async fn() {
        const input = halfInput(normalTensor(shape, 1), "leaky-relu", 3);
        const [batch, height, width, channels] = shape;
        const dy = dyOf([batch, height * 2, width * 2, channels]);
        const [dx] = await gradientsOf([input], dy, (rec, [x]) => upsample(rec, x, mode));
        const expected = expectedGradient(input, upsampleGradient(shape, dy, mode));
        assertAllClose(dx, expected, halfTolerance(16), "dx");
      },
    });
  }
}

/** dy without what comes to a value so near to zero that rounding it, or its sum with a residual, may change its sign, and with it the slope. */
function withoutKinks(dy: Tensor64, before: Tensor64, residual: Tensor64): Tensor64 {
  const largest = (data: ArrayLike<number>) =>
    Array.from(data).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const near = 4 * FLOAT16_ROUNDOFF * (largest(before.data) + largest(residual.data));
  return { ...dy, data: dy.data.map((value, i) => Math.abs(before.data[i]) < near ? 0 : value) };
}

/** Weights stay f32. The result's slope, its gradient, parts of a sum and the sum are what is rounded on the way. */
function conv2dTest(item: Conv2dCase, variant: ConvVariant, residual = false): void {
  const { batch, height, width, kernel, stride, inChannels, outChannels } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  Deno.test({
    name: `conv2d() ${variant} over f16${residual ? " with a residual" : ""} goes back at ${
      conv2dName(item)
    }`,
    ignore,
    async fn() {
      const gpu = await testGpu();
      const given = conv2dInputs(item);
      const inputs = given.inputs.map((values, i) => halfInput(values, "leaky-relu", 20 + i));
      const sources = inputs.map(({ values }, i) =>
        item.upsampled && i === 0 ? exactUpsample(values, "nearest") : values
      );
      const weight = Float64Array.from(given.weight);
      const y = exactConv2d(sources, weight, Float64Array.from(given.bias), item);
      const added = halfInput(normalTensor(y.shape, 30), "relu", 31);
      const before = exactConv2d(sources, weight, Float64Array.from(given.bias), {
        ...item,
        activation: "none",
      });
      const dy = withoutKinks(halves(given.dy), before, added.values);
      const exact = conv2dGradients(sources, weight, y, dy, item);

      using parameters = new ParameterSet(gpu, [
        { name: "conv.weight", shape: [kernel, kernel, fanIn, outChannels], sources: inChannels },
        { name: "conv.bias", shape: [outChannels] },
      ]);
      parameters.upload(new Map([["conv.weight", given.weight], ["conv.bias", given.bias]]));
      let recorded: Recorder | undefined;
      const found = await runOp(gpu, residual ? [...inputs, added] : inputs, dy, (rec, xs) => {
        recorded = rec;
        const [first, ...others] = xs.slice(0, inputs.length);
        return conv2d(
          rec,
          [item.upsampled ? { upsampled: first } : first, ...others],
          parameters,
          { name: "conv", ...item },
          {
            ...{ variant, values: "f16" },
            ...(residual && { residual: { tensor: xs[inputs.length], name: "sum" } }),
          },
        );
      });
      const parts = recorded!.dispatches.filter(({ label }) =>
        /input-gradient\/conv2d_(tile|subgroup)/.test(label)
      ).length;
      const in4 = inChannels.reduce((sum, channels) => sum + Math.ceil(channels / 4), 0);
      const layer = { ...item, in4, out4: Math.ceil(outChannels / 4) };
      const tolerance = (role: ConvRole, terms: number, stored: number) =>
        FLOAT16_ROUNDOFF * Math.sqrt(stored) +
        amplificationOf(settledVariant(variant, gpu.adapter, layer, role), role) * sumTolerance(terms);
      const terms = { "input-gradient": kernel ** 2 * outChannels, forward: kernel ** 2 * fanIn };
      const sum = residual ? y.data.map((value, i) => value + added.values.data[i]) : y.data;
      assertAllClose(found.y, sum, tolerance("forward", terms.forward, 1 + parts), "y");
      inputs.forEach((input, i) => {
        const whole = exact.inputs[i];
        const dx = item.upsampled && i === 0 ? upsampleGradient(input.values.shape, whole, "nearest") : whole;
        assertAllClose(
          found.gradients[i],
          expectedGradient(input, dx),
          tolerance("input-gradient", terms["input-gradient"], 3 + parts),
          `dx${i}`,
        );
      });
      if (residual) {
        assertAllClose(found.gradients.at(-1)!, expectedGradient(added, dy), halfTolerance(2, 2), "dr");
      }
      const gradients = await parameters.download("gradients");
      const pixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
      assertAllClose(
        gradients.get("conv.weight")!,
        exact.weight,
        tolerance("weight-gradient", pixels, 1),
        "dweight",
      );
      assertAllClose(gradients.get("conv.bias")!, exact.bias, halfTolerance(pixels), "dbias");
    },
  });
}

const VARIANTS = CONV_VARIANTS.filter((variant) => !variant.endsWith("_f16"));
for (const item of conv2dCases) {
  for (const variant of VARIANTS) conv2dTest(item, variant);
}
for (const activation of ["relu", "leaky-relu", "none"] as const) {
  const item: Conv2dCase = {
    ...{ batch: 2, height: 9, width: 10, inChannels: [12], outChannels: 12 },
    ...{ kernel: 3, stride: 1, activation },
  };
  for (const variant of VARIANTS) conv2dTest(item, variant, true);
}

Deno.test("Recorder.passGradient() hands on no gradient of another type", () => {
  const rec = new Recorder({ training: true });
  const [x, dy] = [rec.input("x", [1, 2, 3, 4], "f16"), rec.input("dy", [1, 2, 3, 4])];
  assertThrows(() => rec.passGradient(x, dy), /Cannot pass on dy: it is f32, x is f16$/);
  assertEquals(rec.gradientOf(x).gradient.type, "f16");
});
