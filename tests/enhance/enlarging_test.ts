import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { enlargeArea, enlargeBicubic } from "../../src/enhance/enlarge.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import { smallestTile } from "../../src/enhance/tiles.ts";
import { resampleBicubic } from "../../src/image/resample.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import type { Photo } from "../../src/image/photo.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { testGpu } from "../gpu/shared.ts";
import { randomPhoto } from "../image/photos.ts";
import { calmParameters, functionNetwork } from "./networks.ts";

const topologies: TopologyOptions[] = [
  { base: 4, depth: 2, blocks: 1, scale: 2 },
  { base: 4, depth: 1, blocks: 1, scale: 2, down: "stride", up: "bilinear", residual: false },
  { base: 4, depth: 1, blocks: 1, scale: 4 },
];

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

for (const options of topologies) {
  const topology = unetTopology(options);
  const { scale, residual } = topology;
  const name = `×${scale}${residual ? "" : ", nothing residual"}`;

  Deno.test(`enhancePhoto() enlarges tile by tile as it does the whole photo: ${name}`, async () => {
    using network = await CpuNetwork.create(topology, calmParameters(topology, 11));
    for (const [width, height] of [[97, 61], [1, 9], [130, 20]]) {
      for (const strength of [1, 0.6]) {
        const photo = randomPhoto({ seed: 12, width, height, bits: 16 });
        const whole = await enhancePhoto(photo, network, { tile: Infinity, strength });
        assertEquals([whole.width, whole.height], [width * scale, height * scale]);
        assertEquals(whole.rgb.length, 3 * width * height * scale ** 2);
        let tiles = 0;
        const tile = smallestTile(topology) + 4;
        const tiled = await enhancePhoto(photo, network, { tile, strength, onProgress: (_, n) => tiles = n });
        if (width > 90) assert(tiles > 1, "one tile only");
        const worst = largestDifference(whole.rgb, tiled.rgb);
        assert(worst <= 3, `${width}×${height}: ${worst} of 65535`);
      }
    }
  });

  Deno.test(`GpuNetwork and CpuNetwork enlarge alike to within 1/255 at every pixel: ${name}`, async () => {
    const parameters = calmParameters(topology, 13);
    using gpu = new GpuNetwork(await testGpu(), topology, parameters);
    using cpu = await CpuNetwork.create(topology, parameters);
    const photo = randomPhoto({ seed: 14, width: 37, height: 22, bits: 16, texture: "smooth" });
    const [onGpu, onCpu] = [await enhancePhoto(photo, gpu), await enhancePhoto(photo, cpu)];
    assertEquals([onGpu.width, onGpu.height], [37 * scale, 22 * scale]);
    const worst = largestDifference(onGpu.rgb, onCpu.rgb);
    assert(worst <= 8, `${worst} of 65535`);
    assert(new Set(onCpu.rgb).size > 100, "the result is flat, so the test shows nothing");
  });
}

/** A network that repeats each pixel, and is a little brighter than its tile. */
const repeating = (scale: 2 | 4, brighter = 0) =>
  functionNetwork((tile, height, width) => {
    const result = new Float32Array(tile.length * scale ** 2);
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        for (let c = 0; c < 3; c++) {
          const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 3 + c;
          result[(y * width * scale + x) * 3 + c] = tile[from] + brighter;
        }
      }
    }
    return result;
  }, unetTopology({ base: 4, depth: 1, blocks: 1, scale }));

Deno.test("enhancePhoto() puts every enlarged pixel where it belongs, at 8 and 16 bits", async () => {
  for (const bits of [8, 16] as const) {
    for (const scale of [2, 4] as const) {
      const photo = randomPhoto({ seed: 15, width: 75, height: 40, bits });
      const result = await enhancePhoto(photo, repeating(scale), { tile: 32 });
      assertEquals(result.rgb.constructor, photo.rgb.constructor);
      for (let y = 0; y < result.height; y++) {
        for (let x = 0; x < result.width; x++) {
          const from = 3 * (Math.floor(y / scale) * photo.width + Math.floor(x / scale));
          const to = 3 * (y * result.width + x);
          for (let c = 0; c < 3; c++) assertEquals(result.rgb[to + c], photo.rgb[from + c]);
        }
      }
    }
  }
});

Deno.test("enlargeArea() gives any part of the bicubic enlargement as the whole has it", () => {
  const random = new Random(19);
  const { rgb } = randomPhoto({ seed: 19, width: 23, height: 17 });
  for (const scale of [1, 2, 4]) {
    const whole = resampleBicubic(rgb, 23, 17, 23 * scale, 17 * scale);
    for (let i = 0; i < 30; i++) {
      const [x0, y0] = [random.below(23 * scale), random.below(17 * scale)];
      const [x1, y1] = [x0 + 1 + random.below(23 * scale - x0), y0 + 1 + random.below(17 * scale - y0)];
      const part = enlargeArea(rgb, 23, 17, scale, 3, { x0, x1, y0, y1 });
      const expected = Array.from({ length: y1 - y0 }, (_, y) => {
        const from = 3 * ((y0 + y) * 23 * scale + x0);
        return [...whole.subarray(from, from + 3 * (x1 - x0))];
      });
      assertAllClose(part, expected.flat(), 1e-4);
    }
  }
});

Deno.test("enhancePhoto() blends an enlargement with the bicubic one by strength", async () => {
  const photo = randomPhoto({ seed: 16, width: 40, height: 30, bits: 16, texture: "smooth" });
  const plain = await enhancePhoto(photo, repeating(2));
  const bicubic = enlargeBicubic(photo, 2);
  const expected = resampleBicubic(photo.rgb, 40, 30, 80, 60);
  bicubic.rgb.forEach((value, i) => assert(Math.abs(value - expected[i]) <= 0.51));
  assertEquals((await enhancePhoto(photo, repeating(2), { strength: 0 })).rgb, bicubic.rgb);
  const half = await enhancePhoto(photo, repeating(2), { strength: 0.5, tile: 32 });
  let apart = 0;
  half.rgb.forEach((value, i) => {
    apart = Math.max(apart, Math.abs(value - (plain.rgb[i] + bicubic.rgb[i]) / 2));
  });
  assert(apart <= 2, `${apart} of 65535`);
});

Deno.test("enhancePhoto() blends with a bicubic enlargement that is clipped where it overshoots", async () => {
  // Black beside white: the cubic filter goes beyond either.
  const rgb = new Uint8Array(3 * 12 * 8).map((_, i) => Math.floor(i / 3) % 12 < 6 ? 0 : 255);
  const photo: Photo = { width: 12, height: 8, rgb, grey: false, format: "png" };
  const overshoots = resampleBicubic(rgb, 12, 8, 24, 16).filter((value) => value < -2 || value > 257);
  assert(overshoots.length > 0);
  // One pixel has a colour, as a photo without any is written another way.
  photo.rgb[0] = 1;
  const [plain, bicubic] = [await enhancePhoto(photo, repeating(2, 0.4)), enlargeBicubic(photo, 2)];
  const half = await enhancePhoto(photo, repeating(2, 0.4), { strength: 0.5 });
  half.rgb.forEach((value, i) => {
    const expected = (plain.rgb[i] + bicubic.rgb[i]) / 2;
    assert(Math.abs(value - expected) <= 1, `${value}, not ${expected}, at ${i}`);
  });
});

Deno.test("enhancePhoto() enlarges opacity, keeps hidden colours hidden, and keeps a grey photo grey", async () => {
  const photo = randomPhoto({ seed: 17, width: 24, height: 16 });
  // Red where nobody sees it, grey where it is seen.
  const alpha = new Uint8Array(24 * 16).map((_, i) => i % 24 < 12 ? 0 : 255);
  const rgb = new Uint8Array(3 * 24 * 16).map((_, i) => Math.floor(i / 3) % 24 < 12 ? (i % 3 ? 0 : 255) : 90);
  const seen = await enhancePhoto({ ...photo, rgb, alpha }, repeating(2));
  assertEquals(seen.alpha!.length, 48 * 32);
  for (let i = 0; i < seen.alpha!.length; i++) {
    const x = i % 48;
    if (x < 22) assertEquals(seen.alpha![i], 0);
    if (x >= 26) assertEquals(seen.alpha![i], 255);
    // Also in the soft edge between.
    if (seen.alpha![i] > 0) assertEquals([...seen.rgb.subarray(3 * i, 3 * i + 3)], [90, 90, 90]);
  }

  const tinting = functionNetwork(
    (tile, height, width) =>
      new Float32Array(height * width * 12).map((_, i) => tile[0] * 0 + [0.2, 0.5, 0.8][i % 3]),
    unetTopology({ base: 4, depth: 1, blocks: 1, scale: 2 }),
  );
  for (const strength of [1, 0.5]) {
    const grey = await enhancePhoto(randomPhoto({ seed: 18, width: 9, height: 7, grey: true }), tinting, {
      strength,
    });
    assert(grey.grey);
    for (let i = 0; i < grey.rgb.length; i += 3) {
      assertEquals(new Set(grey.rgb.subarray(i, i + 3)).size, 1);
    }
  }
});

Deno.test("enhancePhoto() with selfEnsemble enlarges the eight turned tiles", async () => {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1, scale: 2 });
  const photo = randomPhoto({ seed: 19, width: 31, height: 18, bits: 16 });
  assertEquals(
    (await enhancePhoto(photo, repeating(2), { selfEnsemble: true, tile: 32 })).rgb,
    (await enhancePhoto(photo, repeating(2))).rgb,
  );
  using network = await CpuNetwork.create(topology, calmParameters(topology, 20));
  const average = await enhancePhoto(photo, network, { selfEnsemble: true });
  // Turning the photo first turns the average, which one run alone does not do.
  const mirrored = (p: Photo): Photo => {
    const rgb = p.rgb.slice();
    for (let i = 0; i < rgb.length / 3; i++) {
      const [y, x] = [Math.floor(i / p.width), i % p.width];
      for (let c = 0; c < 3; c++) rgb[3 * i + c] = p.rgb[3 * (y * p.width + p.width - 1 - x) + c];
    }
    return { ...p, rgb };
  };
  // The padded width is even and the photo's is odd, so that only what is far from the right edge falls on the same grid.
  const even = { ...photo, width: 32, rgb: randomPhoto({ seed: 21, width: 32, height: 18, bits: 16 }).rgb };
  const [a, b] = [
    await enhancePhoto(even, network, { selfEnsemble: true }),
    mirrored(await enhancePhoto(mirrored(even), network, { selfEnsemble: true })),
  ];
  assert(largestDifference(a.rgb, b.rgb) <= 2, `${largestDifference(a.rgb, b.rgb)} of 65535`);
  assertEquals(average.rgb.length, 4 * photo.rgb.length);
});

Deno.test("enhancePhoto() takes several networks in order", async () => {
  const photo = randomPhoto({ seed: 22, width: 20, height: 12, bits: 16, texture: "smooth" });
  const brighter = functionNetwork((tile) => tile.map((value) => value + 0.01));
  const seen: number[] = [];
  const shown: number[] = [];
  const result = await enhancePhoto(photo, [brighter, repeating(2), repeating(2)], {
    onProgress: (done, total) => seen.push(done / total),
    onTile: (area, rgb) => shown.push(area.x1, area.y1, rgb.length),
  });
  // Of the last network alone: what the others make is no part of the result.
  assertEquals(shown.slice(-3), [80, 48, result.rgb.length]);
  for (let i = 2; i < shown.length; i += 3) assertEquals(shown[i], result.rgb.length);
  assertEquals([result.width, result.height], [80, 48]);
  assert(Math.abs(result.rgb[3 * (20 * 80 + 30)] - photo.rgb[3 * (5 * 20 + 7)] - 655.35) <= 1);
  assertEquals([seen[0], seen[1], seen.at(-1)], [1 / 3, 2 / 3, 1]);
  assert(seen.every((share, i) => i === 0 || share > seen[i - 1]));
});
