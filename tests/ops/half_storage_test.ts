/** The forward kernels over tensors of f16, held against float64 over the same values. */
import { assert, assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { GpuError } from "../../src/gpu/errors.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import type { ElementType, Tensor } from "../../src/gpu/tensor.ts";
import { add } from "../../src/ops/add.ts";
import { addAtExtremes } from "../../src/ops/add_at_extremes.ts";
import { conv2d, CONV_VARIANTS, type ConvVariant } from "../../src/ops/conv2d.ts";
import { runs } from "../../src/ops/conv2d_variant.ts";
import { HALF_CHUNK } from "../../src/ops/conv2d_gemm.ts";
import { maxPool } from "../../src/ops/max_pool.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { pixelShuffle } from "../../src/ops/pixel_shuffle.ts";
import { upsample } from "../../src/ops/upsample.ts";
import { add as exactAdd } from "../../src/reference/add.ts";
import { addAtExtremes as exactAddAtExtremes } from "../../src/reference/add_at_extremes.ts";
import { conv2d as exactConv2d } from "../../src/reference/conv2d.ts";
import { maxPool as exactMaxPool } from "../../src/reference/max_pool.ts";
import { pixelShuffle as exactPixelShuffle } from "../../src/reference/pixel_shuffle.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";
import { upsample as exactUpsample } from "../../src/reference/upsample.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { type Conv2dCase, conv2dCases, conv2dInputs, conv2dName } from "../cases/conv2d.ts";
import { elementwiseCases } from "../cases/elementwise.ts";
import { halves, rounded } from "../cases/halves.ts";
import { impulseTensor, normalTensor } from "../cases/inputs.ts";
import { maxPoolCases } from "../cases/max_pool.ts";
import { pixelShuffleCases } from "../cases/pixel_shuffle.ts";
import { upsampleCases, upsampleModes } from "../cases/upsample.ts";
import { halfGpu } from "../gpu/half.ts";
import { testGpu } from "../gpu/shared.ts";
import { FLOAT16_ROUNDOFF, halfTolerance, sumTolerance, winogradAmplification } from "../tolerance.ts";
import { float32 } from "./harness.ts";

const ignore = !await halfGpu();

interface Input {
  readonly values: Tensor64;
  readonly type: ElementType;
}

/** Runs an op forward, twice: what the first run leaves in shared memory must not reach the second. */
async function run(
  inputs: readonly Input[],
  record: (rec: Recorder, xs: Tensor[]) => Tensor,
): Promise<{ y: Float32Array; type: ElementType; bytes: number; rec: Recorder }> {
  const rec = new Recorder({ training: false });
  const y = record(rec, inputs.map(({ values, type }, i) => rec.input(`x${i}`, values.shape, type)));
  rec.output("y", y);
  using plan = await buildPlan(await testGpu(), rec);
  inputs.forEach(({ values }, i) => plan.write(`x${i}`, float32(values)));
  plan.run();
  plan.run();
  return { y: await plan.read("y"), type: y.type, bytes: y.bytes, rec };
}

const half = (values: Tensor64): Input => ({ values: halves(values), type: "f16" });

async function runConv(
  item: Conv2dCase,
  inputs: readonly Input[],
  variant: ConvVariant,
): Promise<{ y: Float32Array; rec: Recorder; expected: Float64Array }> {
  const { kernel, inChannels, outChannels } = item;
  const given = conv2dInputs(item);
  const [weight, bias] = [given.weight, given.bias].map(rounded);
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  using parameters = new ParameterSet(await testGpu(), [
    { name: "conv.weight", shape: [kernel, kernel, fanIn, outChannels], sources: inChannels },
    { name: "conv.bias", shape: [outChannels] },
  ], "f16");
  parameters.upload(new Map([["conv.weight", weight], ["conv.bias", bias]]));
  const { y, type, rec } = await run(inputs, (rec, [first, ...others]) => {
    const sources = [item.upsampled ? { upsampled: first } : first, ...others];
    return conv2d(rec, sources, parameters, { name: "conv", ...item }, { variant });
  });
  assertEquals(type, "f16");
  const sources = inputs.map(({ values }, i) =>
    item.upsampled && i === 0 ? exactUpsample(values, "nearest") : values
  );
  const expected = exactConv2d(sources, Float64Array.from(weight), Float64Array.from(bias), item);
  return { y, rec, expected: expected.data };
}

/** How much a version may be off: by what it rounds to f16 on the way. */
function convTolerance(item: Conv2dCase, variant: ConvVariant, rec: Recorder): number {
  const fanIn = item.inChannels.reduce((sum, channels) => sum + channels, 0);
  const terms = item.kernel ** 2 * fanIn;
  const winograd = rec.dispatches.some(({ kernel }) => kernel.name === "winograd_output");
  // F(2×2, 3×3) keeps the transformed pixels, weights and products as f16, F(4×4, 3×3) as f32.
  if (winograd && variant === "winograd2") {
    return halfTolerance(terms, 1) + winogradAmplification(2) * halfTolerance(terms, 3);
  }
  if (winograd) {
    return FLOAT16_ROUNDOFF + winogradAmplification(4) * (halfTolerance(terms) - FLOAT16_ROUNDOFF);
  }
  // The sums on the way to that of a chunk are rounded too; their squares are half of its own on average.
  if (variant.endsWith("_f16")) return halfTolerance(terms, 1 + HALF_CHUNK / 2);
  // Tiles that run in several parts store the sums between them.
  const parts = rec.dispatches.filter(({ kernel }) => /^conv2d_(tile|subgroup)/.test(kernel.name)).length;
  return halfTolerance(terms, Math.max(1, parts));
}

for (const item of conv2dCases) {
  const inputs = conv2dInputs(item).inputs.map(half);
  const fanIn4 = item.inChannels.reduce((sum, channels) => sum + Math.ceil(channels / 4), 0);
  const layer = { ...item, in4: fanIn4, out4: Math.ceil(item.outChannels / 4), half: true };
  for (const variant of CONV_VARIANTS) {
    if (variant !== "auto" && !runs(variant, layer, "forward")) continue;
    Deno.test({
      name: `conv2d() ${variant} over f16 gives the values of float64 at ${conv2dName(item)}`,
      ignore,
      async fn() {
        const { y, rec, expected } = await runConv(item, inputs, variant);
        assertAllClose(y, expected, convTolerance(item, variant, rec), "y");
      },
    });
  }
}

// As the first layer of a network reads its picture.
for (const channels of [1, 3]) {
  const item: Conv2dCase = {
    ...{ batch: 1, height: 13, width: 21, inChannels: [channels], outChannels: 20 },
    ...{ kernel: 3, stride: 1, activation: "leaky-relu" },
  };
  const inputs = conv2dInputs(item).inputs.map((values): Input => ({ values, type: "f32" }));
  for (const variant of CONV_VARIANTS) {
    Deno.test({
      name: `conv2d() ${variant} with weights of f16 reads ${channels} channels of f32`,
      ignore,
      async fn() {
        const { y, rec, expected } = await runConv(item, inputs, variant);
        assertAllClose(y, expected, convTolerance(item, variant, rec), "y");
      },
    });
  }
}

for (const shape of elementwiseCases) {
  Deno.test({
    name: `add() over f16, and over f32 and f16, gives what float64 gives at ${formatShape(shape)}`,
    ignore,
    async fn() {
      const [a, b] = [1, 2].map((seed) => normalTensor(shape, seed));
      const both = await run([half(a), half(b)], (rec, [x0, x1]) => add(rec, x0, x1));
      assertEquals(both.type, "f16");
      assertAllClose(both.y, exactAdd(halves(a), halves(b)).data, halfTolerance(2));
      const mixed = await run([{ values: a, type: "f32" }, half(b)], (rec, [x0, x1]) => add(rec, x0, x1));
      assertEquals([mixed.type, mixed.bytes], ["f32", both.bytes * 2]);
      assertAllClose(mixed.y, Float32Array.from(exactAdd(a, halves(b)).data), 0);
    },
  });
}

for (const shape of elementwiseCases) {
  Deno.test({
    name: `addAtExtremes() over f32 and f16 gives what float64 gives at ${formatShape(shape)}`,
    ignore,
    async fn() {
      const [x, base] = [impulseTensor(shape, 1), normalTensor(shape, 2)];
      const r = half(normalTensor(shape, 3));
      const { y, type } = await run(
        [{ values: x, type: "f32" }, { values: base, type: "f32" }, r],
        (rec, [x, base, r]) => addAtExtremes(rec, x, base, r, "holes"),
      );
      assertEquals(type, "f32");
      assertAllClose(y, exactAddAtExtremes(x, base, r.values, "holes").data, sumTolerance(2));
    },
  });
}

for (const shape of maxPoolCases) {
  Deno.test({
    name: `maxPool() over f16 gives exactly what float64 gives at ${formatShape(shape)}`,
    ignore,
    async fn() {
      const x = half(normalTensor(shape, 1));
      const { y, type } = await run([x], (rec, [x]) => maxPool(rec, x));
      assertEquals(type, "f16");
      assertAllClose(y, exactMaxPool(x.values).output.data, 0);
    },
  });
}

for (const { shape, factor } of pixelShuffleCases) {
  Deno.test({
    name: `pixelShuffle() over f16 moves every value as float64 does at ${formatShape(shape)} by ${factor}`,
    ignore,
    async fn() {
      const x = half(normalTensor(shape, 1));
      const { y, type } = await run([x], (rec, [x]) => pixelShuffle(rec, x, factor));
      assertEquals(type, "f16");
      assertAllClose(y, exactPixelShuffle(x.values, factor).data, 0);
    },
  });
}

for (const shape of upsampleCases) {
  for (const mode of upsampleModes) {
    Deno.test({
      name: `upsample() ${mode} over f16 gives what float64 gives at ${formatShape(shape)}`,
      ignore,
      async fn() {
        const x = half(normalTensor(shape, 1));
        const { y, type } = await run([x], (rec, [x]) => upsample(rec, x, mode));
        assertEquals(type, "f16");
        assertAllClose(y, exactUpsample(x.values, mode).data, mode === "nearest" ? 0 : halfTolerance(4));
      },
    });
  }
}

Deno.test({
  name: "ParameterSet of f16 takes half the bytes, and gives back the nearest halves",
  ignore,
  async fn() {
    const gpu = await testGpu();
    const specs = [{ name: "w", shape: [3, 3, 5, 7] }, { name: "b", shape: [7] }];
    using whole = new ParameterSet(gpu, specs);
    using parameters = new ParameterSet(gpu, specs, "f16");
    const values = new Map(specs.map(({ name, shape }, i) => [
      name,
      float32(normalTensor([1, 1, 1, shape.reduce((product, extent) => product * extent)], i)),
    ]));
    parameters.upload(values);
    for (const [name, found] of await parameters.download()) assertEquals(found, rounded(values.get(name)!));
    const rec = new Recorder({ training: false });
    for (const { name } of specs) assert(parameters.range(rec, name).offset % 256 === 0);
    const size = (set: ParameterSet) => set.range(rec, "w").size;
    assertEquals(size(parameters), size(whole) / 2);
  },
});

Deno.test("conv2d() refuses to train parameters of f16", async () => {
  using parameters = new ParameterSet(await testGpu(), [
    { name: "conv.weight", shape: [3, 3, 4, 4] },
    { name: "conv.bias", shape: [4] },
  ], "f16");
  const rec = new Recorder({ training: true });
  const x = rec.input("x", [1, 4, 4, 4]);
  const options = { name: "conv", kernel: 3, stride: 1, outChannels: 4, activation: "relu" } as const;
  assertThrows(() => conv2d(rec, [x], parameters, options), (error: Error) => {
    return error instanceof GpuError &&
      /"conv": parameters of f16 are for inference alone/.test(error.message);
  });
});
