import { InferenceSession, Tensor } from "onnxruntime-node";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import { toOnnx } from "../../src/enhance/onnx_export.ts";
import type { Model } from "../../src/nn/model_file.ts";
import { loadModel } from "../../src/nn/models.ts";
import { freshModel } from "../../src/nn/fresh_model.ts";
import type { TopologyOptions } from "../../src/nn/topology.ts";
import { assert, assertEquals } from "../assert.ts";
import { calmParameters } from "../enhance/networks.ts";
import { testGpu } from "../gpu/shared.ts";
import { randomPhoto } from "../image/photos.ts";

const calm = (options: TopologyOptions): Model => {
  const model = freshModel(options, 400);
  return { ...model, parameters: calmParameters(model.topology, 401) };
};
const models: [name: string, model: Model][] = [
  ["max-pooling, nearest, depth 3", calm({ base: 4, depth: 3, blocks: 1 })],
  ["strides, bilinear, depth 2", calm({ base: 4, depth: 2, blocks: 1, down: "stride", up: "bilinear" })],
  ["extremes corrected", calm({ base: 4, depth: 1, blocks: 1, corrects: "extremes" })],
  ["holes corrected", calm({ base: 4, depth: 1, blocks: 1, corrects: "holes", filled: true })],
  ["holes filled, enlarging twofold", calm({ base: 4, depth: 1, blocks: 1, scale: 2, filled: true })],
  ["depth 0", calm({ base: 4, depth: 0, blocks: 2, residual: false })],
  ["enlarging twofold, depth 1", calm({ base: 4, depth: 1, blocks: 1, scale: 2 })],
  ["the shipped weights", await loadModel("photo")],
];

for (const [name, model] of models) {
  Deno.test(`toOnnx() equals enhancePhoto() on the shaders to 1e-4, at any size: ${name}`, async () => {
    using network = new GpuNetwork(await testGpu(), model.topology, model.parameters);
    const session = await InferenceSession.create(toOnnx(model));
    // Smaller than the margin, where a mirror shows the picture more than once; odd; and no multiple of 2^depth.
    for (const [width, height] of [[1, 1], [5, 2], [33, 20], [47, 50]]) {
      // 16 bits: rounding is 1.5e-5 at most.
      const photo = randomPhoto({ seed: 402, width, height, bits: 16 });
      // Impulses of pixels and of single values, for what corrects them; not in all of a photo, which would be grey and come back so.
      for (let i = 33; i < photo.rgb.length; i += 33) photo.rgb.fill(i % 2 ? 0 : 65535, i, i + 3);
      for (let i = 0; i < photo.rgb.length; i += 5) photo.rgb[i] = i % 2 ? 0 : 65535;
      const ours = (await enhancePhoto(photo, network, { tile: Infinity })).rgb;
      const planes = new Float32Array(3 * width * height);
      const at = (i: number, pixels: number) => (i % 3) * pixels + Math.floor(i / 3);
      photo.rgb.forEach((value, i) => planes[at(i, width * height)] = value / 65535);
      const { restored } = await session.run({ image: new Tensor("float32", planes, [1, 3, height, width]) });
      const { scale } = model.topology;
      assertEquals(restored.dims, [1, 3, height * scale, width * scale]);
      assertEquals(ours.length, 3 * width * height * scale ** 2);
      let worst = 0;
      ours.forEach((value, i) =>
        worst = Math.max(
          worst,
          Math.abs(value / 65535 - (restored.data as Float32Array)[at(i, width * height * scale ** 2)]),
        )
      );
      assert(worst <= 1e-4, `${worst} at ${width}×${height}`);
    }
    await session.release();
  });
}

Deno.test("toOnnx() takes several pictures at once", async () => {
  const session = await InferenceSession.create(toOnnx(models[0][1]));
  const { rgb } = randomPhoto({ seed: 403, width: 11, height: 7 * 2 });
  const both = Float32Array.from(rgb, (value) => value / 255);
  const run = async (data: Float32Array, count: number) =>
    (await session.run({ image: new Tensor("float32", data, [count, 3, 7, 11]) })).restored
      .data as Float32Array;
  const half = both.length / 2;
  const together = await run(both, 2);
  const apart = [...await run(both.subarray(0, half), 1), ...await run(both.subarray(half), 1)];
  assert(together.every((value, i) => Math.abs(value - apart[i]) < 1e-6));
  await session.release();
});
