import { assert, assertEquals, assertMatch } from "../assert.ts";
import { testGpu } from "../gpu/shared.ts";
import { randomPhoto } from "../image/photos.ts";
import { CpuNetwork, cpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import { openNetwork } from "../../src/enhance/open_network.ts";
import { smallestTile } from "../../src/enhance/tiles.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { type UNetTopology, unetTopology } from "../../src/nn/topology.ts";
import { Random } from "../../src/base/random.ts";
import { calmParameters } from "./networks.ts";

/** Largest difference that "the same picture" allows: 1/255, in units of 16-bit samples. */
const ONE_STEP = 257;

/** A topology and a photo size drawn from a seed; the parts that change the shaders' path are gone through in turn. */
function drawn(seed: number): { topology: UNetTopology; width: number; height: number; name: string } {
  const random = new Random(seed, 31);
  const depth = seed % 3;
  const topology = unetTopology({
    widths: Array.from({ length: depth + 1 }, () => 1 + random.below(13)),
    encoderBlocks: Array.from({ length: depth + 1 }, () => 1 + random.below(2)),
    decoderBlocks: Array.from({ length: depth }, () => 1 + random.below(2)),
    activation: (["relu", "leaky-relu", "none"] as const)[(seed >> 1) % 3],
    down: seed % 2 === 0 ? "max-pool" : "stride",
    up: (seed >> 1) % 2 === 0 ? "nearest" : "bilinear",
    residual: seed % 4 < 3,
    residualBlocks: seed % 5 < 3,
  });
  const [width, height] = [1 + 2 * random.below(40), 1 + 2 * random.below(30)];
  const { widths, encoderBlocks, activation, down, up, residual, residualBlocks } = topology;
  const name = `${widths.join("/")}, ${encoderBlocks.join("/")} blocks${
    residualBlocks ? " (residual)" : ""
  }, ${activation}, ${down}, ${up}${residual ? ", residual" : ""}, ${width}×${height}`;
  return { topology, width, height, name };
}

/** Parameters whose output stays near 0..1: without an activation each layer passes twice the power on. */
function parametersOf(topology: UNetTopology, seed: number): Map<string, Float32Array> {
  const scale = topology.activation === "none" ? Math.SQRT1_2 : 1;
  const parameters = calmParameters(topology, seed);
  return new Map(
    [...parameters].map(([name, values]) => [
      name,
      name.endsWith(".weight") ? values.map((value) => value * scale) : values,
    ]),
  );
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

Deno.test("GpuNetwork gives the same bits whether one tile is under way at a time or two, turned ones too", async () => {
  const topology = unetTopology({ widths: [6, 9], blocks: 1 });
  using network = new GpuNetwork(await testGpu(), topology, parametersOf(topology, 41));
  assertEquals(network.concurrency, 2);
  const single: TileNetwork = {
    topology,
    device: network.device,
    preferredTile: network.preferredTile,
    run: (tile, height, width) => network.run(tile, height, width),
    [Symbol.dispose]() {},
  };
  // Oblong tiles: the self-ensemble then runs plans of two shapes by turns.
  for (const selfEnsemble of [false, true]) {
    const photo = randomPhoto({ seed: 240, width: 150, height: 40, bits: 16 });
    const options = { tile: 48, selfEnsemble };
    const two = await enhancePhoto(photo, network, options);
    assertEquals(two.rgb, (await enhancePhoto(photo, single, options)).rgb);
    assert(largestDifference(two.rgb, photo.rgb) > 0);
  }
});

for (let seed = 0; seed < 12; seed++) {
  const { topology, width, height, name } = drawn(seed);

  Deno.test(`GpuNetwork and CpuNetwork agree to within 1/255 at every pixel: ${name}`, async () => {
    const parameters = parametersOf(topology, seed);
    using gpu = new GpuNetwork(await testGpu(), topology, parameters);
    using cpu = await CpuNetwork.create(topology, parameters);
    // 16 bits, so that rounding hides nothing.
    const photo = randomPhoto({
      seed: 200 + seed,
      width,
      height,
      bits: 16,
      alpha: seed === 3,
      grey: seed === 4,
    });
    const [onGpu, onCpu] = [await enhancePhoto(photo, gpu), await enhancePhoto(photo, cpu)];
    const difference = largestDifference(onGpu.rgb, onCpu.rgb);
    assert(difference <= ONE_STEP, `${difference} of 65535`);
    // Float32 on both sides: in fact they are far closer than asked.
    assert(difference <= 8, `${difference} of 65535`);
    assert(largestDifference(onGpu.rgb, photo.rgb) > 4 * ONE_STEP, "the network changes nothing");
    const whole = onGpu.rgb.filter((value) => value > 0 && value < 65535).length / onGpu.rgb.length;
    assert(whole > 0.5, `clamping hides ${100 - 100 * whole} % of the pixels`);
  });
}

for (const up of ["nearest", "bilinear"] as const) {
  for (const down of ["max-pool", "stride"] as const) {
    Deno.test(`GpuNetwork gives the whole photo's result tile by tile: ${down}, ${up}`, async () => {
      const topology = unetTopology({ base: 4, depth: 2, blocks: 1, up, down });
      using network = new GpuNetwork(await testGpu(), topology, calmParameters(topology, 40));
      const photo = randomPhoto({ seed: 41, width: 133, height: 71, bits: 16 });
      const whole = await enhancePhoto(photo, network, { tile: Infinity });
      let tiles = 0;
      const tile = smallestTile(topology) + 8;
      const tiled = await enhancePhoto(photo, network, { tile, onProgress: (_, total) => tiles = total });
      assert(tiles > 8, `${tiles} tiles`);
      const difference = largestDifference(tiled.rgb, whole.rgb);
      assert(difference <= ONE_STEP && difference <= 8, `${difference} of 65535`);
    });
  }
}

Deno.test("GpuNetwork holds no more memory after twenty photos, and none after its disposal", async () => {
  const gpu = await testGpu();
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
  const live = () => [gpu.stats().liveBytes, gpu.stats().liveBuffers];
  const before = live();
  {
    using network = new GpuNetwork(gpu, topology, calmParameters(topology, 50));
    // Three sizes in turn, one more than plans are kept: old ones must give their memory back.
    const photos = [[40, 30], [75, 21], [18, 64]].map(([width, height], i) =>
      randomPhoto({ seed: 51 + i, width, height })
    );
    const seen: number[][] = [];
    for (let i = 0; i < 21; i++) {
      await enhancePhoto(photos[i % 3], network);
      seen.push(live());
    }
    assert(seen[2][0] > before[0]);
    for (let i = 3; i < 21; i++) assertEquals(seen[i], seen[2 + (i + 1) % 3], `after photo ${i + 1}`);
    // A plan that is kept is used again: the same size twice in a row makes nothing new.
    const peak = gpu.stats().peakBytes;
    for (let i = 0; i < 3; i++) await enhancePhoto(photos[2], network);
    assertEquals([live(), gpu.stats().peakBytes], [seen[20], peak]);
  }
  assertEquals(live(), before);
});

Deno.test("GpuNetwork gives the same bits again after its plan was dropped and rebuilt", async () => {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1, up: "bilinear" });
  using network = new GpuNetwork(await testGpu(), topology, calmParameters(topology, 60));
  const random = new Random(61);
  const tile = Float32Array.from({ length: 24 * 16 * 3 }, () => random.uniform());
  const first = await network.run(tile, 24, 16);
  for (const [height, width] of [[16, 24], [8, 48], [48, 8]]) await network.run(tile, height, width);
  assertEquals(await network.run(tile, 24, 16), first);
});

Deno.test("openNetwork() opens the shaders or the CPU as asked, says which, and `auto` passes a software adapter by", async () => {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
  const model = { topology, parameters: calmParameters(topology, 70), info: modelInfo() };
  const { software } = (await testGpu()).adapter;
  const photo = randomPhoto({ seed: 71, width: 33, height: 21 });
  const results: Uint8Array[] = [];
  for (const device of ["gpu", "cpu", "auto"] as const) {
    using opened = await openNetwork(model, device, { cpu: cpuNetwork });
    const onCpu = device === "cpu" || (device === "auto" && software);
    assertMatch(
      opened.notice,
      onCpu ? /^Using the CPU \(onnxruntime/ : /^Using the (GPU|software adapter) \(/,
    );
    assert(!opened.notice.includes("\n"));
    if (device === "auto" && software) assertMatch(opened.notice, /: the only adapter is software \(/);
    results.push((await enhancePhoto(photo, opened.network)).rgb as Uint8Array);
  }
  for (const result of results) assert(largestDifference(result, results[0]) <= 1);
});
