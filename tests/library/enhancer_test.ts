import { Buffer } from "node:buffer";
import { runInNewContext } from "node:vm";
import { cpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import type { Photo, PhotoFormat } from "../../src/image/photo.ts";
import type { Pixels, Samples } from "../../src/image/pixels.ts";
import { Enhancer, type EnhancerOptions } from "../../src/library/enhancer.ts";
import { encodeModel, type Model, modelInfo } from "../../src/nn/model_file.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { Random } from "../../src/base/random.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { calmParameters, functionNetwork } from "../enhance/networks.ts";

const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
const model: Model = { topology, parameters: calmParameters(topology, 300), info: modelInfo() };

function picture<D extends Samples>(
  kind: { new (length: number): D },
  width: number,
  height: number,
  channels: 3 | 4,
): Pixels<D> {
  const random = new Random(301, width, height, channels);
  const data = new kind(channels * width * height);
  const limit = data instanceof Uint16Array ? 65536 : 256;
  for (let i = 0; i < data.length; i++) data[i] = random.below(limit);
  return { width, height, data };
}

for (const kind of [Uint8Array, Uint8ClampedArray, Uint16Array]) {
  Deno.test(`Enhancer.enhance() restores RGB and RGBA of ${kind.name} as enhancePhoto() does, at any size`, async () => {
    using enhancer = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
    for (const [width, height] of [[1, 1], [33, 20], [7, 90]]) {
      const rgba = picture<Samples>(kind, width, height, 4);
      const before = rgba.data.slice();
      // Opaque, so that no hidden colour is filled in.
      const alphas = rgba.data.filter((_, i) => i % 4 === 3).map((value) => Math.max(value, 1));
      alphas.forEach((value, i) => rgba.data[4 * i + 3] = before[4 * i + 3] = value);
      const better = await enhancer.enhance(rgba);
      assert(better.data instanceof kind);
      assertEquals(rgba.data, before, "the picture itself was changed");
      assertEquals(better.data.filter((_, i) => i % 4 === 3), alphas);

      const rgb = new kind(rgba.data.filter((_, i) => i % 4 !== 3));
      const plain = await enhancer.enhance<Samples>({ width, height, data: rgb });
      assertEquals(better.data.filter((_, i) => i % 4 !== 3), plain.data);
      const samples = rgb instanceof Uint16Array ? rgb : new Uint8Array(rgb);
      const photo = { width, height, rgb: samples, grey: false, format: "png" };
      const expected = await enhancePhoto(photo, enhancer.network);
      assertEquals([...plain.data], [...expected.rgb]);
      assert(width * height === 1 || plain.data.some((value, i) => value !== rgb[i]));
      assertEquals((await enhancer.enhance(photo)).rgb, expected.rgb);
    }
  });
}

Deno.test("Enhancer.enhance() gives a Buffer for a Buffer, and takes arrays of another realm", async () => {
  using enhancer = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
  for (const [kind, foreign] of [[Uint8Array, "Uint8Array"], [Uint16Array, "Uint16Array"]] as const) {
    for (const channels of [3, 4] as const) {
      const own = picture<Samples>(kind, 21, 9, channels);
      const expected = [...(await enhancer.enhance(own)).data];
      const elsewhere: Samples = runInNewContext(`${foreign}.from(samples)`, { samples: [...own.data] });
      assert(!(elsewhere instanceof kind));
      assertEquals([...(await enhancer.enhance({ ...own, data: elsewhere })).data], expected);
      if (kind === Uint8Array) {
        const better = await enhancer.enhance({ ...own, data: Buffer.from(own.data) });
        assert(better.data instanceof Buffer);
        assertEquals([...better.data], expected);
      }
    }
  }
});

Deno.test("Enhancer.enhance() without any strength gives a photo of its own, with the same samples", async () => {
  using enhancer = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
  for (
    const rgb of [
      picture(Uint8Array, 5, 4, 3).data,
      Buffer.from(picture(Uint8Array, 5, 4, 3).data),
      picture(Uint16Array, 5, 4, 3).data,
    ]
  ) {
    const photo: Photo = { width: 5, height: 4, rgb, grey: false, format: "png" };
    const better = await enhancer.enhance(photo, { strength: 0 });
    assertEquals([...better.rgb], [...rgb]);
    assert(better !== photo && better.rgb.buffer !== rgb.buffer);
  }
});

Deno.test("Enhancer says in one line which samples, devices and precisions there are", async () => {
  using enhancer = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
  for (const data of [new Float32Array(27), new Int8Array(27), Array(27).fill(3), undefined]) {
    await assertRejects(
      () => enhancer.enhance({ width: 3, height: 3, data: data as unknown as Uint8Array }),
      isUserError(/^A picture's samples are a Uint8Array or a Uint8ClampedArray or a Uint16Array, got /),
    );
  }
  for (const wrong of [{ device: "tpu" }, { precision: "f8" }]) {
    await assertRejects(
      () => Enhancer.create({ model, cpu: cpuNetwork, ...wrong } as unknown as EnhancerOptions),
      isUserError(/^Cannot use (device|precision) "(tpu|f8)": it is one of auto, /),
    );
  }
});

Deno.test("Enhancer.create() takes a name, bytes, or a loaded model, and any back end for the CPU", async () => {
  const seen: Model[] = [];
  const cpu = (given: Model) => {
    seen.push(given);
    return Promise.resolve(functionNetwork((tile) => tile.map((value) => 1 - value)));
  };
  const image = picture(Uint8Array, 20, 10, 3);
  for (const given of [model, encodeModel(model), encodeModel(model).buffer, "photo"]) {
    using enhancer = await Enhancer.create({ model: given, device: "cpu", cpu });
    assertEquals(enhancer.device, "test");
    assertEquals((await enhancer.enhance(image)).data, image.data.map((value) => 255 - value));
  }
  assertEquals(seen[0], seen[1]);
  assertEquals(seen[0], seen[2]);
  assertEquals(seen[3].info.name, "photo");
});

Deno.test("Enhancer.create() runs on the shaders where no CPU back end is given", async () => {
  const image = picture(Uint8ClampedArray, 21, 10, 4);
  using gpu = await Enhancer.create({ model });
  using cpu = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
  assertMatch(gpu.notice, /^Using the (GPU|software adapter) \(/);
  const [a, b] = [await gpu.enhance(image), await cpu.enhance(image)];
  a.data.forEach((value, i) => assert(Math.abs(value - b.data[i]) <= 1, `${value} and ${b.data[i]} at ${i}`));
});

Deno.test("Enhancer.enhance() lets overlapping calls wait, reports each tile and stops at its signal", async () => {
  let running = 0;
  const cpu = () =>
    Promise.resolve(functionNetwork(async (tile) => {
      assertEquals(++running, 1, "two tiles at a time");
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return tile.slice();
    }));
  using enhancer = await Enhancer.create({ model, device: "cpu", cpu });
  const image = picture(Uint8Array, 150, 100, 3);
  const controller = new AbortController();
  const progress: number[] = [];
  const results = await Promise.allSettled([
    enhancer.enhance(image, { onProgress: (done, total) => progress.push(done / total) }),
    enhancer.enhance(image, { signal: controller.signal, onProgress: () => controller.abort() }),
    enhancer.enhance(image),
  ]);
  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  assertEquals((results[1] as PromiseRejectedResult).reason.name, "AbortError");
  assert(progress.length > 3 && progress.at(-1) === 1);
  assertEquals((results[2] as PromiseFulfilledResult<Pixels>).value, image);
});

Deno.test("Enhancer.enhance() gives a photo with an opacity of its own", async () => {
  using enhancer = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
  const [rgb, alpha] = [picture(Uint8Array, 5, 4, 3).data, new Uint8Array(20).fill(200)];
  for (const strength of [0, 1]) {
    const better = await enhancer.enhance({ width: 5, height: 4, rgb, alpha, grey: false, format: "png" }, {
      strength,
    });
    assertEquals(better.alpha, alpha);
    assert(better.alpha!.buffer !== alpha.buffer, `strength ${strength}`);
  }
});

Deno.test("Enhancer says in one line what is wrong with a picture, an option, or a device", async () => {
  using enhancer = await Enhancer.create({ model, device: "cpu", cpu: cpuNetwork });
  const refused = (act: () => Promise<unknown>, pattern: RegExp) =>
    assertRejects(act, (error: unknown) => {
      assert(error instanceof UserError, String(error));
      assertMatch(error.message, pattern);
      return !error.message.includes("\n");
    });
  for (const [width, height, length] of [[2, 2, 11], [0, 0, 0], [2.5, 2, 15], [-1, -1, 3]]) {
    const data = new Uint8Array(length);
    await refused(() => enhancer.enhance({ width, height, data }), /has 3 samples \(RGB\) or 4/);
  }
  const image = picture(Uint8Array, 4, 4, 3);
  const photo: Photo = { width: 4, height: 4, rgb: image.data, grey: false, format: "png" };
  for (
    const [wrong, pattern] of [
      [{ rgb: new Uint8Array(64) }, /^A photo of 4×4 pixels has 3 samples \(RGB\) for each, not 64 in all$/],
      [
        { rgb: new Float32Array(48) },
        /^A photo's samples are a Uint8Array or a Uint16Array, got Float32Array$/,
      ],
      [
        { alpha: new Uint8Array(3) },
        /^The opacity of a photo of 4×4 .* one sample for each, got a Uint8Array of 3$/,
      ],
      [{ alpha: new Uint16Array(16) }, /is a Uint8Array of one sample for each, got a Uint16Array of 16$/],
      [{ width: 0 }, /^A photo is at least 1×1 pixels, in whole numbers, got 0×4$/],
    ] as const
  ) {
    const bad = { ...photo, ...wrong } as Photo;
    await refused(() => enhancer.enhance(bad), pattern);
    await refused(() => encodePhoto(bad, { format: "png" }), pattern);
  }
  await refused(
    () => encodePhoto(photo, { format: "jpg" as PhotoFormat }),
    /^Cannot write jpg: the formats are png, jpeg, webp, tiff, avif$/,
  );
  await refused(() => enhancer.enhance(image, { strength: 2 }), /strength must be from 0 to 1/);
  await refused(() => Enhancer.create({ model, device: "cpu" }), /no back end was given/);
  await refused(() => Enhancer.create({ model: "phtoo" }), /no model "phtoo"/);
  enhancer[Symbol.dispose]();
  await assertRejects(() => enhancer.enhance(image), /disposed/);
});
