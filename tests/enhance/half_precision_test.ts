/** Networks that store f16 on the GPU, against the same in f32. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";
import { halfGpu } from "../gpu/half.ts";
import { testGpu } from "../gpu/shared.ts";
import { randomPhoto } from "../image/photos.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { UserError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { cpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { GpuNetwork, preferredTile } from "../../src/enhance/gpu_network.ts";
import { openNetwork } from "../../src/enhance/open_network.ts";
import { settledPrecision } from "../../src/enhance/precision.ts";
import { smallestTile } from "../../src/enhance/tiles.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import type { ElementType } from "../../src/gpu/tensor.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { listModels, loadModel } from "../../src/nn/models.ts";
import { type UNetTopology, unetTopology } from "../../src/nn/topology.ts";
import { unet, unetParameters } from "../../src/nn/unet.ts";
import type { ConvVariant } from "../../src/ops/conv2d.ts";
import { calmParameters } from "./networks.ts";

const ignore = !await halfGpu();

/** What the issue of precision is about: an error of a thousandth of the range, root mean square. */
const LEAST_PSNR = 60;
const SIDE = 64;
/** What `auto` is on this adapter, and what it is on GPUs. */
const VARIANTS: readonly ConvVariant[] = ["auto", "gemm128", "winograd2", "winograd4", "gemm128_f16"];

interface Weights {
  readonly topology: UNetTopology;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

async function answer(
  { topology, parameters }: Weights,
  tile: Float32Array,
  type: ElementType,
  variant: ConvVariant = "auto",
): Promise<{ values: Float32Array; bytes: number }> {
  const gpu = await testGpu();
  using uploaded = unetParameters(gpu, topology, type);
  uploaded.upload(parameters);
  const rec = new Recorder({ training: false });
  rec.output("y", unet(rec, rec.input("x", [1, SIDE, SIDE, 3]), topology, uploaded, { variant }));
  using plan = await buildPlan(gpu, rec);
  plan.write("x", tile);
  plan.run();
  return { values: await plan.read("y"), bytes: plan.bytes };
}

/** The middle of a photo, 0..1. */
async function crop(path: string): Promise<Float32Array> {
  const { rgb, width, height } = await decodePhoto(
    await Deno.readFile(new URL(`../../samples/damaged/${path}`, import.meta.url)),
  );
  const [x0, y0] = [width, height].map((extent) => (extent - SIDE) >> 1);
  return Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    return rgb[((y0 + Math.floor(pixel / SIDE)) * width + x0 + pixel % SIDE) * 3 + c] / 255;
  });
}

function psnr(a: Float32Array, b: Float32Array): number {
  assertEquals(a.length, b.length);
  return -10 * Math.log10(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

for (const name of await listModels()) {
  Deno.test({
    name: `${name} in f16 gives photos as in f32, to ${LEAST_PSNR} dB and more`,
    ignore,
    async fn() {
      const model = await loadModel(name);
      for (const photo of ["raccoon.jpg", "temple.jpg"]) {
        const tile = await crop(photo);
        // Specks, for a network that changes nothing else.
        for (let i = 0; i < tile.length; i += 3 * 13) tile.fill(i % 2, i, i + 3);
        const whole = await answer(model, tile, "f32");
        for (const variant of VARIANTS) {
          const half = await answer(model, tile, "f16", variant);
          const found = psnr(whole.values, half.values);
          assert(found >= LEAST_PSNR && found < 120, `${photo} ${variant}: ${found.toFixed(1)} dB`);
        }
      }
    },
  });

  Deno.test({
    name:
      `${name} in f16 stays within a step of f32 for black, white, saturated colours and what is outside 0..1`,
    ignore,
    async fn() {
      const model = await loadModel(name);
      const random = new Random(7);
      const tiles: Record<string, Float32Array> = {
        black: new Float32Array(SIDE * SIDE * 3),
        white: new Float32Array(SIDE * SIDE * 3).fill(1),
        red: Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => i % 3 === 0 ? 1 : 0),
        saturated: Float32Array.from({ length: SIDE * SIDE * 3 }, () => random.below(2)),
        outside: Float32Array.from({ length: SIDE * SIDE * 3 }, () => 4 * random.uniform() - 1.5),
      };
      for (const [what, tile] of Object.entries(tiles)) {
        const [whole, half] = [await answer(model, tile, "f32"), await answer(model, tile, "f16")];
        // Of the range that goes in, which is 1 for all that photos can hold.
        const range = Math.max(1, ...tile) - Math.min(0, ...tile);
        const found = psnr(whole.values, half.values) + 20 * Math.log10(range);
        assert(found >= LEAST_PSNR, `${what}: ${found.toFixed(1)} dB`);
        // As photos are written: of what is outside of 0..1 nothing is seen.
        const [a, b] = [whole, half].map(({ values }) => values.map((v) => Math.min(1, Math.max(0, v))));
        const worst = 255 * largestDifference(a, b);
        assert(worst <= range, `${what}: off by ${worst} of 255, over a range of ${range}`);
      }
    },
  });
}

Deno.test({
  name: "a network in f16 takes half the memory between its layers",
  ignore,
  async fn() {
    const topology = unetTopology({ base: 16, depth: 2, blocks: 2 });
    const weights = { topology, parameters: calmParameters(topology, 3) };
    const tile = await crop("temple.jpg");
    // Without the buffers of tiles and transforms, which differ from version to version.
    const [whole, half] = [
      await answer(weights, tile, "f32", "gemm"),
      await answer(weights, tile, "f16", "gemm"),
    ];
    // The picture that comes and goes stays f32: 2 · 16 bytes a pixel.
    const picture = 2 * 16 * SIDE ** 2;
    const ratio = (half.bytes - picture) / (whole.bytes - picture);
    assert(ratio > 0.45 && ratio < 0.6, `${ratio}: ${half.bytes} of ${whole.bytes} bytes`);
  },
});

for (
  const [index, options] of ([
    { widths: [6, 10], residualBlocks: true, up: "bilinear", down: "stride", activation: "leaky-relu" },
    { base: 8, depth: 2, blocks: 1, residual: false },
    { base: 5, depth: 1, blocks: 1, scale: 2 },
    { base: 4, depth: 1, blocks: 1, corrects: "holes", filled: true },
  ] as const).entries()
) {
  Deno.test({
    name: `GpuNetwork in f16 gives the same tile by tile as at once, within 1/255: topology ${index}`,
    ignore,
    async fn() {
      const topology = unetTopology(options);
      const parameters = calmParameters(topology, 80 + index);
      using network = new GpuNetwork(await testGpu(), topology, parameters, { precision: "f16" });
      assertEquals(network.precision, "f16");
      const photo = randomPhoto({ seed: 81 + index, width: 131, height: 53, bits: 16 });
      // Some black and white pixels, which are all that the last topology corrects.
      for (let i = 0; i < photo.rgb.length; i += 21) photo.rgb.fill(i % 2 ? 65535 : 0, i, i + 3);
      const whole = await enhancePhoto(photo, network, { tile: 4096 });
      const tile = smallestTile(topology) + 8;
      let tiles = 0;
      const tiled = await enhancePhoto(photo, network, { tile, onProgress: (_, total) => tiles = total });
      assert(tiles > 1, `${tiles} tiles`);
      assert(largestDifference(whole.rgb, tiled.rgb) <= 257);
      using exact = new GpuNetwork(await testGpu(), topology, parameters);
      const expected = await enhancePhoto(photo, exact);
      const off = largestDifference(whole.rgb, expected.rgb);
      // Otherwise it was not f16.
      assert(off > 0 && off <= 257, `${off}`);
    },
  });
}

Deno.test({
  name: "openNetwork() takes f16 where it is asked for, says so, and stays with f32 otherwise",
  ignore,
  async fn() {
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
    const model = { topology, parameters: calmParameters(topology, 70), info: modelInfo() };
    for (const precision of ["auto", "f32", "f16"] as const) {
      using opened = await openNetwork(model, "gpu", { cpu: cpuNetwork, precision });
      assertEquals(opened.network.precision, precision === "f16" ? "f16" : "f32");
      assertEquals(opened.notice.endsWith(", with values stored as f16"), precision === "f16");
    }
  },
});

Deno.test("openNetwork() and settledPrecision() refuse f16 in a line where there is none", async () => {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
  const model = { topology, parameters: calmParameters(topology, 70), info: modelInfo() };
  const refused = (pattern: RegExp) => (error: unknown) => {
    assert(error instanceof UserError && error.exitCode === 2);
    assertMatch(error.message, pattern);
    return true;
  };
  await assertRejects(
    () => openNetwork(model, "cpu", { cpu: cpuNetwork, precision: "f16" }),
    refused(/^Cannot run in f16 on the CPU: give --device gpu, or leave --precision at auto$/),
  );
  const adapter = {
    name: "Old GPU",
    vendor: "",
    architecture: "",
    software: false,
    features: ["timestamp-query"],
  };
  assertThrows(
    () => settledPrecision("f16", adapter),
    refused(/^Cannot run in f16: Old GPU has no shader-f16 .*auto$/),
  );
  assertEquals(settledPrecision("auto", adapter), "f32");
  assertEquals(settledPrecision("f16", { ...adapter, features: ["shader-f16"] }), "f16");
  assertEquals(preferredTile(adapter, "f16") ** 2 / 2 <= preferredTile(adapter) ** 2, true);
});

Deno.test("GpuNetwork refuses f16 on a device that was opened without it", async () => {
  using gpu = await openGpu();
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
  const parameters = calmParameters(topology, 5);
  assertThrows(() => new GpuNetwork(gpu, topology, parameters, { precision: "f16" }), /opened without it/);
});
