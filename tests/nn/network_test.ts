import { freshModel } from "../../src/nn/fresh_model.ts";
import { UNet } from "../../src/nn/network.ts";
import { unet } from "../../src/reference/unet.ts";
import { assertAllClose, assertRejects } from "../assert.ts";
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
