import { freshModel } from "../../src/nn/fresh_model.ts";
import { UNet } from "../../src/nn/network.ts";
import { unet } from "../../src/reference/unet.ts";
import { assertAllClose, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { pixelTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";

Deno.test("UNet.predict() answers overlapping calls of several shapes, and none after its disposal", async () => {
  const gpu = await testGpu();
  const model = freshModel({ base: 4, depth: 1, blocks: 1 }, 31);
  const network = new UNet(gpu, model);
  const exact = new Map([...model.parameters].map(([name, values]) => [name, Float64Array.from(values)]));
  const images = ([[1, 8, 6, 3], [2, 4, 10, 3], [1, 8, 6, 3]] as const)
    .map((shape, i) => pixelTensor([...shape], 450 + i));
  const answers = await Promise.all(
    images.map(({ data, shape }) => network.predict(Float32Array.from(data), shape)),
  );
  images.forEach((image, i) =>
    assertAllClose(answers[i], unet(model.topology, exact, image).output.data, 1e-5)
  );
  await assertRejects(() => network.predict(new Float32Array(10), [1, 8, 6, 3]), /1×8×6×3, got 10 values/);
  await assertRejects(() => network.predict(new Float32Array(126), [1, 7, 6, 3]), /takes multiples of 2/);
  network[Symbol.dispose]();
  await assertRejects(() => network.predict(Float32Array.from(images[0].data), [1, 8, 6, 3]), /disposed/);
});

Deno.test("UNet.predict() keeps the plans that calls wait for, and of idle ones two", async () => {
  const gpu = await testGpu();
  const model = freshModel({ base: 4, depth: 1, blocks: 1 }, 32);
  const before = gpu.stats();
  {
    using network = new UNet(gpu, model);
    const exact = new Map([...model.parameters].map(([name, values]) => [name, Float64Array.from(values)]));
    const images = [8, 10, 12, 14, 8, 16].map((width, i) => pixelTensor([1, 6, width, 3], 460 + i));
    const predict = ({ data, shape }: (typeof images)[number]) =>
      network.predict(Float32Array.from(data), shape as [number, number, number, number]);
    const expected = images.map((image) => unet(model.topology, exact, image).output.data);
    // More shapes at once than are kept, while they are built and once more when some are there.
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(images.map(predict));
      answers.forEach((answer, i) => assertAllClose(answer, expected[i], 1e-5));
    }
    const two = gpu.stats().liveBuffers;
    for (const image of images) {
      assertAllClose(await predict(image), unet(model.topology, exact, image).output.data, 1e-5);
    }
    assertEquals(gpu.stats().liveBuffers, two, "plans kept");
    // A call under way when the network goes is answered.
    const last = predict(images[5]);
    await Promise.resolve();
    network[Symbol.dispose]();
    await last.then(
      (answer) => assertAllClose(answer, expected[5], 1e-5),
      (error) => assertMatch(`${error}`, /disposed of/),
    );
  }
  await new Promise((done) => setTimeout(done));
  assertEquals([gpu.stats().liveBytes, gpu.stats().liveBuffers], [before.liveBytes, before.liveBuffers]);
});

Deno.test("UNet.predict() frees the plan that was wanted least lately", async () => {
  const gpu = await testGpu();
  using network = new UNet(gpu, freshModel({ base: 4, depth: 1, blocks: 1 }, 33));
  let groups = 0;
  const { device } = gpu;
  const create = device.createBindGroup.bind(device);
  device.createBindGroup = (descriptor) => (groups++, create(descriptor));
  /** Whether a plan is made for a picture of this width. */
  const builds = async (width: number) => {
    const before = groups;
    await network.predict(new Float32Array(6 * width * 3), [1, 6, width, 3]);
    return groups > before;
  };
  try {
    assertEquals([await builds(8), await builds(10), await builds(8), await builds(12)], [
      ...[true, true, false, true],
    ]);
    // 10 had to go for 12: 8 was wanted after it.
    assertEquals([await builds(8), await builds(12), await builds(10)], [false, false, true]);
  } finally {
    Reflect.deleteProperty(device, "createBindGroup");
  }
});
