/** Faults of the device, provoked for real: a device that is destroyed at work, allocations that its limits refuse. */
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { testGpu } from "../gpu/shared.ts";
import { randomPhoto } from "../image/photos.ts";
import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import { SteadyNetwork } from "../../src/enhance/steady_network.ts";
import { smallestTile } from "../../src/enhance/tiles.ts";
import { findAdapter } from "../../src/gpu/adapter.ts";
import { Gpu, openGpu } from "../../src/gpu/device.ts";
import { GpuLostError } from "../../src/gpu/errors.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { UserError } from "../../src/base/errors.ts";
import { calmParameters } from "./networks.ts";

const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
const parameters = calmParameters(topology, 300);
const photo = randomPhoto({ seed: 301, width: 120, height: 70, bits: 16 });

/** Samples of 16 bits agree to within a step of 8 bits, as the devices do. */
function assertSamePicture(a: ArrayLike<number>, b: ArrayLike<number>): void {
  assertEquals(a.length, b.length);
  for (let i = 0; i < a.length; i++) assert(Math.abs(a[i] - b[i]) <= 257, `${a[i]} and ${b[i]} at ${i}`);
}

/** Whether a device is gone by now. */
async function lostNow({ device }: Gpu): Promise<boolean> {
  const open = new Promise<boolean>((done) => setTimeout(() => done(false), 1000));
  return await Promise.race([device.lost.then(() => true), open]);
}

async function onCpu() {
  using cpu = await CpuNetwork.create(topology, parameters);
  return (await enhancePhoto(photo, cpu)).rgb;
}

/** A device with no more than the limits that WebGPU promises everywhere: 128 MiB in one binding. */
async function modestGpu(): Promise<Gpu> {
  const { adapter, summary } = (await findAdapter())!;
  return new Gpu(await adapter.requestDevice(), summary);
}

Deno.test("GpuNetwork.run() throws GpuLostError when the device goes away, before a tile or during one", async () => {
  for (const when of ["before", "during"]) {
    const gpu = await openGpu();
    using network = new GpuNetwork(gpu, topology, parameters, { owned: true });
    const tile = new Float32Array(32 * 32 * 3).fill(0.5);
    await network.run(tile, 32, 32);
    if (when === "before") gpu.device.destroy();
    const running = network.run(tile, 32, 32);
    if (when === "during") queueMicrotask(() => gpu.device.destroy());
    await assertRejects(running, GpuLostError, when);
    // A size that has no plan yet fails in another place.
    await assertRejects(network.run(new Float32Array(16 * 16 * 3), 16, 16), GpuLostError, when);
  }
});

Deno.test("SteadyNetwork opens a lost GPU again and the photo comes out whole", async () => {
  const opened: Gpu[] = [];
  const notices: string[] = [];
  using network = await SteadyNetwork.open({
    gpu: async () => {
      opened.push(await openGpu());
      return new GpuNetwork(opened.at(-1)!, topology, parameters, { owned: true });
    },
    cpu: () => Promise.reject(new Error("the CPU was not asked for")),
    onNotice: (line) => void notices.push(line),
  });
  const tile = smallestTile(topology) + 16;
  const { rgb } = await enhancePhoto(photo, network, {
    tile,
    onProgress: (done) => [3, 7].includes(done) && opened.at(-1)!.device.destroy(),
  });
  assertSamePicture(rgb, await onCpu());
  assertEquals(opened.length, 3);
  assertEquals(notices.length, 2);
  assertMatch(notices[0], /^The GPU was lost and has been opened again/);
  assert(network.times.network > 0);
});

Deno.test("SteadyNetwork goes on with the CPU where a lost GPU cannot be opened again, or is lost each time", async () => {
  for (const mode of ["gone", "failing"] as const) {
    let gpu = await openGpu();
    const notices: string[] = [];
    let openings = 0;
    using network = await SteadyNetwork.open({
      gpu: async () => {
        if (openings++ > 0 && mode === "gone") throw new UserError("No WebGPU adapter found");
        if (openings > 1) gpu = await openGpu();
        if (openings > 1) gpu.device.destroy();
        return new GpuNetwork(gpu, topology, parameters, { owned: true });
      },
      cpu: () => CpuNetwork.create(topology, parameters),
      onNotice: (line) => void notices.push(line),
    });
    const { rgb } = await enhancePhoto(photo, network, {
      tile: smallestTile(topology) + 16,
      onProgress: (done) => done === 2 && gpu.device.destroy(),
    });
    assertSamePicture(rgb, await onCpu());
    assertMatch(network.device, /^CPU/);
    const why = mode === "gone" ? "it was lost and cannot be opened again" : "it was lost again and again";
    assertMatch(notices.at(-1)!, new RegExp(`^Going on without the .*, because ${why}: using the CPU `));
    assertEquals(openings, mode === "gone" ? 2 : 4);
  }
});

Deno.test("SteadyNetwork throws GpuLostError where there is no CPU to fall back on", async () => {
  const gpu = await openGpu();
  let openings = 0;
  using network = await SteadyNetwork.open({
    gpu: () =>
      openings++ === 0
        ? Promise.resolve(new GpuNetwork(gpu, topology, parameters, { owned: true }))
        : Promise.reject(new Error("no adapter")),
  });
  gpu.device.destroy();
  await assertRejects(enhancePhoto(photo, network), GpuLostError);
});

Deno.test("SteadyNetwork that is disposed of at work fails, and opens nothing again", async () => {
  for (const when of ["at work", "while a lost GPU is opened"]) {
    const opened: Gpu[] = [];
    const network = await SteadyNetwork.open({
      gpu: async () => {
        opened.push(await openGpu());
        if (opened.length === 2) network[Symbol.dispose]();
        return new GpuNetwork(opened.at(-1)!, topology, parameters, { owned: true });
      },
      cpu: () => Promise.reject(new Error("the CPU was not asked for")),
    });
    const working = enhancePhoto(photo, network, {
      tile: smallestTile(topology) + 16,
      onProgress: (done) => {
        if (done === 2) when === "at work" ? network[Symbol.dispose]() : opened[0].device.destroy();
      },
    });
    await assertRejects(working, /^GpuError: Cannot run the network: it has been disposed of$/);
    assertEquals(opened.length, when === "at work" ? 1 : 2);
    for (const gpu of opened) assert(await lostNow(gpu), "a device is left open");
    await assertRejects(network.run(new Float32Array(16 * 16 * 3), 16, 16), /disposed of/);
  }
});

Deno.test("enhancePhoto() takes smaller tiles where the adapter refuses the memory for large ones", async () => {
  // One activation of the whole photo has more than the 128 MiB that may be bound; a quarter of it has less.
  const wide = unetTopology({ widths: [4096], encoderBlocks: [1], decoderBlocks: [], residualBlocks: false });
  const weights = calmParameters(wide, 302);
  const onGpu = new GpuNetwork(await modestGpu(), wide, weights, { owned: true });
  using network = await SteadyNetwork.open({
    gpu: () => Promise.resolve(onGpu),
    // The CPU is for what no tile is small enough for.
    cpu: () => Promise.reject(new Error("the CPU was not asked for")),
  });
  const small = randomPhoto({ seed: 303, width: 61, height: 60, bits: 16 });
  const sizes: number[] = [];
  const run = onGpu.run.bind(onGpu);
  onGpu.run = async (tile, height, width) => {
    sizes.push(Math.max(height, width));
    return await run(tile, height, width);
  };
  using cpu = await CpuNetwork.create(wide, weights);
  const expected = (await enhancePhoto(small, cpu)).rgb;
  // However much more than the photo a tile may be, it is tried once.
  for (const tile of [undefined, Infinity]) {
    sizes.length = 0;
    assertSamePicture((await enhancePhoto(small, network, { tile })).rgb, expected);
    const different = [...new Set(sizes)];
    assert(different.length > 1 && sizes.indexOf(different[1]) === 1, sizes.join());
    assert(different.every((size, i) => i === 0 || size <= different[i - 1] / 2), sizes.join());
    assert(sizes[0] ** 2 * 4096 * 4 > 2 ** 27, sizes.join());
  }
});

Deno.test("SteadyNetwork takes the CPU where the GPU's memory does not hold the smallest tile; without one the error is clear", async () => {
  // Six halvings reach far, so that the smallest tile is large; only the finest scale is wide.
  const deep = unetTopology({
    widths: [72, 1, 1, 1, 1, 1, 1],
    encoderBlocks: Array(7).fill(1),
    decoderBlocks: Array(6).fill(1),
    residualBlocks: false,
  });
  const weights = calmParameters(deep, 304);
  const side = smallestTile(deep);
  assert(side ** 2 * 72 * 4 > 2 ** 27, `${side}`);
  const large = randomPhoto({ seed: 305, width: side - 128, height: side - 130 });
  const gpu = async () => new GpuNetwork(await modestGpu(), deep, weights, { owned: true });
  const notices: string[] = [];
  using network = await SteadyNetwork.open({
    gpu,
    cpu: () => CpuNetwork.create(deep, weights),
    onNotice: (line) => void notices.push(line),
  });
  const { rgb } = await enhancePhoto(large, network, { tile: side });
  assert(rgb.some((value, i) => value !== large.rgb[i]));
  assertEquals(notices.length, 1);
  assertMatch(notices[0], /^Going on without the .*, because its memory does not hold the smallest tile/);

  using alone = await SteadyNetwork.open({ gpu });
  await assertRejects(
    enhancePhoto(large, alone, { tile: side }),
    (error: unknown) =>
      error instanceof UserError && /^Cannot enhance: not enough memory on [^\n]+$/.test(error.message),
  );
});

Deno.test("Gpu.loss() tells a lost device from one that is well", async () => {
  assertEquals(await (await testGpu()).loss(), undefined);
  using gpu = await openGpu();
  gpu.device.destroy();
  assert(await gpu.loss() instanceof GpuLostError);
});
