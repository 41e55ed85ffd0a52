import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { activationCode } from "../../src/ops/activation.ts";
import { type ConvRun, geometry } from "../../src/ops/conv2d_geometry.ts";
import {
  productTile,
  runWinograd,
  WINOGRAD_KINDS,
  winogradChunk,
  type WinogradKind,
} from "../../src/ops/conv2d_winograd.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { weightGradientWinograd } from "../../src/ops/conv2d_weight_grad_winograd.ts";
import { conv2d, conv2dGradients } from "../../src/reference/conv2d.ts";
import { type Conv2dCase, conv2dInputs } from "../cases/conv2d.ts";
import { testGpu } from "../gpu/shared.ts";
import { sumTolerance, winogradAmplification, winogradWeightAmplification } from "../tolerance.ts";
import { float32 } from "./harness.ts";

/** 2 pictures of 37×30, 5 and 3 channels to 6: 160 tiles of F(4×4), 570 of F(2×2). */
const item: Conv2dCase = {
  ...{ batch: 2, height: 37, width: 30, inChannels: [5, 3], outChannels: 6 },
  ...{ kernel: 3, stride: 1, activation: "relu" },
};
const inputs = conv2dInputs(item);
/** Of the 36 products of a tile of F(4×4), over three vec4s of inputs and two of outputs. */
const TILE_BYTES = 36 * (3 + 2) * 16;

/** Runs the case with chunks of at most so many bytes; also gives how many dispatches that took. */
async function run(
  kind: WinogradKind,
  chunkBytes?: number,
): Promise<{ y: Float32Array; dispatches: number }> {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: [3, 3, 8, 6], sources: item.inChannels },
    { name: "conv.bias", shape: [6] },
  ]);
  parameters.upload(new Map([["conv.weight", inputs.weight], ["conv.bias", inputs.bias]]));
  const rec = new Recorder({ training: false });
  const sources = item.inChannels.map((channels, i) =>
    rec.input(`x${i}`, [item.batch, item.height, item.width, channels])
  );
  const y = rec.tensor([item.batch, item.height, item.width, item.outChannels], "y");
  const [weight, bias] = ["weight", "bias"].map((name) => parameters.range(rec, `conv.${name}`));
  const forward: ConvRun = {
    ...{ role: "forward", sources, target: y, activation: activationCode(item.activation) },
    ...{ activated: sources[0], first4: 0, accumulate: false },
  };
  const { kernel, stride } = item;
  const options = { name: "conv", ...item };
  runWinograd(
    { rec, sources, options, y, weight, bias, kernel, stride, software: true, ...geometry(sources, y) },
    forward,
    kind,
    chunkBytes,
  );
  rec.output("y", y);
  using plan = await buildPlan(gpu, rec);
  inputs.inputs.forEach((x, i) => plan.write(`x${i}`, float32(x)));
  plan.run();
  return { y: await plan.read("y"), dispatches: rec.dispatches.length };
}

for (const [name, kind] of Object.entries(WINOGRAD_KINDS)) {
  Deno.test(`runWinograd() gives the same bits in one chunk and in several: ${name}`, async () => {
    const { tile } = kind;
    const whole = await run(kind);
    const parted = await run(kind, 1);
    // Weights; of each chunk two sources, product and output. A chunk is 64 tiles at least, or 32.
    assertEquals(whole.dispatches, 1 + 4);
    assertEquals(parted.dispatches, 1 + 4 * (tile === 2 ? 9 : kind.registers ? 5 : 3));
    assertEquals(parted.y, whole.y);
    const weight = Float64Array.from(inputs.weight);
    const exact = conv2d(inputs.inputs, weight, Float64Array.from(inputs.bias), item);
    assertAllClose(whole.y, exact.data, winogradAmplification(tile) * sumTolerance(9 * 8));
  });
}

Deno.test("productTile() computes little in vain, and is as large as that allows", () => {
  const of = (rows: number, target4: number) => Object.values(productTile(rows, target4));
  assertEquals([of(16, 8), of(17, 8), of(40, 16), of(64, 24), of(4097, 4), of(100, 32)], [
    ...[[16, 1], [32, 1], [16, 2], [32, 3], [32, 1], [16, 2]],
  ]);
});

for (const registers of [true, false]) {
  Deno.test(`weightGradientWinograd() sums up tiles in one chunk and in several, in registers: ${registers}`, async () => {
    const gpu = await testGpu();
    const weight = Float64Array.from(inputs.weight);
    const y = conv2d(inputs.inputs, weight, Float64Array.from(inputs.bias), item);
    const exact = conv2dGradients(inputs.inputs, weight, y, inputs.dy, { ...item, activation: "none" });
    // Of each chunk two sources, the gradient and the product; chunks of 10, and of an odd number of tiles.
    for (
      const [chunkBytes, chunks] of [[undefined, 1], [10 * TILE_BYTES, 16], [
        7 * TILE_BYTES,
        23,
      ]] as const
    ) {
      using parameters = new ParameterSet(gpu, [
        { name: "conv.weight", shape: [3, 3, 8, 6], sources: item.inChannels },
        { name: "conv.bias", shape: [6] },
      ]);
      const rec = new Recorder({ training: true });
      const sources = inputs.inputs.map(({ shape }, i) => rec.input(`x${i}`, shape));
      const dy = rec.input("dy", inputs.dy.shape);
      const [weight, bias] = ["weight", "bias"].map((name) => parameters.range(rec, `conv.${name}`));
      const { kernel, stride } = item;
      const options = { name: "conv", ...item };
      const conv = { rec, sources, options, y: dy, weight, bias, kernel, stride, software: true };
      weightGradientWinograd(
        { ...conv, ...geometry(sources, dy) },
        dy,
        parameters,
        { registers },
        chunkBytes,
      );
      using plan = await buildPlan(gpu, rec);
      inputs.inputs.forEach((x, i) => plan.write(`x${i}`, float32(x)));
      plan.write("dy", float32(inputs.dy));
      plan.run();
      plan.run();
      const found = (await parameters.download("gradients")).get("conv.weight")!;
      const tolerance = winogradWeightAmplification() * sumTolerance(2 * 37 * 30);
      assertAllClose(found, exact.weight, tolerance, `${chunks} chunks`);
      if (registers) assertEquals(rec.dispatches.length, 4 * chunks + 1);
      else assert(rec.dispatches.length === 5 || chunks > 1 && rec.dispatches.length > 5);
    }
  });
}

Deno.test("winogradChunk() parts tiles evenly, in whole units and within the bytes", () => {
  assertEquals(winogradChunk(1, 1000, 64, 1e6), 64);
  assertEquals(winogradChunk(1, 1000, 16, 1e6), 16);
  assertEquals(winogradChunk(640, 1000, 64, 1e6), 640);
  // 15 units fit, 16 do not.
  assertEquals(winogradChunk(15 * 64, 1000, 64, 1e6), 15 * 64);
  assertEquals(winogradChunk(16 * 64, 1000, 64, 1e6), 8 * 64);
  assertEquals(winogradChunk(100, 1e6, 64, 1), 64);
  for (const tiles of [63, 1000, 12_345]) {
    const chunk = winogradChunk(tiles, 2304, 64, 2 ** 20);
    assert(chunk % 64 === 0 && chunk * 2304 <= 2 ** 20, `${chunk}`);
  }
});
