import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { TileTooLargeError } from "../../src/enhance/network.ts";
import { ORIENTATIONS, oriented } from "../../src/enhance/self_ensemble.ts";
import { smallestTile } from "../../src/enhance/tiles.ts";
import type { Photo } from "../../src/image/photo.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertAllClose, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { randomPhoto } from "../image/photos.ts";
import { calmParameters, functionNetwork } from "./networks.ts";

const topology = unetTopology({ base: 4, depth: 2, blocks: 1 });
const cpu = (seed: number) => CpuNetwork.create(topology, calmParameters(topology, seed));
for (const bits of [8, 16] as const) {
  Deno.test(`enhancePhoto() gives back exactly what an identity network saw, at ${bits} bits`, async () => {
    const photo = { ...randomPhoto({ seed: 90, width: 150, height: 97, bits, alpha: true }), density: 300 };
    const enhanced = await enhancePhoto(photo, functionNetwork((tile) => tile.slice()));
    assertEquals(enhanced, photo);
    assert(enhanced.rgb !== photo.rgb);
    // Without opacity, which is written another way.
    const opaque = randomPhoto({ seed: 90, width: 150, height: 97, bits });
    const { rgb } = await enhancePhoto(opaque, functionNetwork((tile) => tile.slice()));
    assertAllClose(rgb, opaque.rgb, 0);
  });

  Deno.test(`enhancePhoto() blends by strength and rounds to ${bits} bits`, async () => {
    const photo = randomPhoto({ seed: 91, width: 20, height: 20, bits });
    const max = bits === 8 ? 255 : 65535;
    // Any fraction of a step may be left to round.
    const network = functionNetwork((tile) => tile.map((value) => 1.47 - 1.93 * value));
    for (const strength of [0, 0.3, 1]) {
      const { rgb } = await enhancePhoto(photo, network, { strength });
      const expected = Array.from(photo.rgb, (sample) => {
        const restored = Math.min(Math.max(1.47 - 1.93 * sample / max, 0), 1) * max;
        return (1 - strength) * sample + strength * restored;
      });
      rgb.forEach((value, i) => assert(Math.abs(value - expected[i]) <= 0.51, `${value} for ${expected[i]}`));
    }
  });
}

Deno.test("enhancePhoto() keeps a grey photo grey: the mean of the three channels", async () => {
  const photo = randomPhoto({ seed: 92, width: 60, height: 40, grey: true });
  using network = await cpu(93);
  // A single sample is one step off, so that the photo is not without colour.
  const rgb = photo.rgb.slice();
  rgb[0] += rgb[0] < 255 ? 1 : -1;
  const coloured = await enhancePhoto({ ...photo, rgb, grey: false }, network);
  const grey = await enhancePhoto(photo, network);
  assert(grey.grey);
  const colourless = await enhancePhoto({ ...photo, grey: false }, network);
  assert(!colourless.grey);
  assertEquals(colourless.rgb, grey.rgb);
  let apart = 0;
  for (let i = 0; i < grey.rgb.length; i += 3) {
    const [r, g, b] = coloured.rgb.subarray(i, i + 3);
    apart = Math.max(apart, Math.abs(r - g), Math.abs(g - b));
    assertEquals(grey.rgb[i], grey.rgb[i + 1]);
    assertEquals(grey.rgb[i], grey.rgb[i + 2]);
    assert(Math.abs(grey.rgb[i] - (r + g + b) / 3) <= 1);
  }
  assert(apart > 2, "this network gives grey anyway, so the test shows nothing");
});

Deno.test("enhancePhoto() keeps a photo grey whose only colours lie under transparent pixels", async () => {
  const grey = randomPhoto({ seed: 109, width: 40, height: 30, grey: true });
  const alpha = new Uint8Array(40 * 30).map((_, i) => i % 40 < 15 ? 0 : 255);
  const rgb = grey.rgb.map((value, i) => i % 3 === 0 && alpha[Math.floor(i / 3)] === 0 ? 255 - value : value);
  const tinting = functionNetwork((tile) => tile.map((value, i) => value + [0.1, 0, -0.1][i % 3]));
  const result = await enhancePhoto({ ...grey, grey: false, rgb, alpha }, tinting);
  alpha.forEach((opacity, i) => {
    const [r, g, b] = result.rgb.subarray(3 * i, 3 * i + 3);
    if (opacity > 0) assertEquals([g, b], [r, r]);
  });
});

Deno.test("enhancePhoto() lets no colour from under transparent pixels reach visible ones", async () => {
  const [width, height] = [90, 70];
  const base = randomPhoto({ seed: 94, width, height, texture: "smooth" });
  const alpha = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return Math.hypot(x - 40, y - 30) < 22 ? (x % 7 === 0 ? 1 : 255) : 0;
  });
  const random = new Random(95);
  const hidden = (): Photo => ({
    ...base,
    alpha,
    rgb: base.rgb.map((value, i) => alpha[Math.floor(i / 3)] === 0 ? random.below(256) : value),
  });
  using network = await cpu(96);
  const photos = [hidden(), hidden()];
  const [a, b] = [
    await enhancePhoto(photos[0], network),
    await enhancePhoto(photos[1], network, { tile: 48 }),
  ];
  let visible = 0;
  for (let i = 0; i < a.rgb.length; i++) {
    if (alpha[Math.floor(i / 3)] === 0) {
      assertEquals([a.rgb[i], b.rgb[i]], [photos[0].rgb[i], photos[1].rgb[i]]);
    } else {
      visible++;
      assert(Math.abs(a.rgb[i] - b.rgb[i]) <= 1, `${a.rgb[i]} and ${b.rgb[i]} at ${i}`);
    }
  }
  assert(visible > 1000);
  assertEquals(a.alpha, alpha);
  // Without the filling the same two photos do differ where they are seen.
  const [c, d] = await Promise.all(photos.map((photo) => enhancePhotoOpaque(photo)));
  assert(c.some((value, i) => alpha[Math.floor(i / 3)] > 0 && Math.abs(value - d[i]) > 3));

  async function enhancePhotoOpaque(photo: Photo) {
    using own = await cpu(96);
    return (await enhancePhoto({ ...photo, alpha: undefined }, own)).rgb;
  }
});

Deno.test("enhancePhoto() fills transparent pixels from the nearest visible one, before the network sees them", async () => {
  const [width, height] = [9, 5];
  const alpha = new Uint8Array(width * height);
  const rgb = randomPhoto({ seed: 97, width, height }).rgb;
  alpha[2 * width + 1] = 255;
  alpha[2 * width + 7] = 7;
  const left = [...rgb.subarray(3 * (2 * width + 1), 3 * (2 * width + 2))];
  const right = [...rgb.subarray(3 * (2 * width + 7), 3 * (2 * width + 8))];
  let seen: Float32Array | undefined;
  let seenWidth = 0;
  const network = functionNetwork((tile, _, tileWidth) => {
    [seen, seenWidth] = [tile.slice(), tileWidth];
    return tile.slice();
  });
  await enhancePhoto({ width, height, rgb, alpha, grey: false, format: "png" }, network);
  for (let y = 0; y < height; y++) {
    for (const x of [0, 1, 2, 3, 5, 6, 7, 8]) {
      const at = 3 * ((y + 16) * seenWidth + x + 16);
      const colour = [...seen!.subarray(at, at + 3)].map((value) => Math.round(value * 255));
      assertEquals(colour, x < 4 ? left : right, `at ${x},${y}`);
    }
  }
});

Deno.test("enhancePhoto() leaves a wholly transparent photo as it is", async () => {
  const photo = { ...randomPhoto({ seed: 98, width: 30, height: 20 }), alpha: new Uint8Array(600) };
  using network = await cpu(99);
  assertEquals((await enhancePhoto(photo, network)).rgb, photo.rgb);
});

Deno.test("enhancePhoto() throws on NaN and infinity instead of a black picture", async () => {
  const photo = randomPhoto({ seed: 100, width: 200, height: 50 });
  for (const bad of [NaN, Infinity, -Infinity]) {
    let call = 0;
    const network = functionNetwork((tile) => {
      const result = tile.slice();
      if (++call === 3) result[3 * 64 * 24 + 100] = bad;
      return result;
    });
    await assertRejects(
      enhancePhoto(photo, network),
      isUserError(
        /^Cannot enhance on test: the network's output at column \d+, row \d+ is not a finite number; try/,
      ),
    );
  }
});

Deno.test("enhancePhoto() retries with smaller tiles when the memory does not suffice, and says so when nothing helps", async () => {
  const photo = randomPhoto({ seed: 101, width: 300, height: 200 });
  const asked: number[] = [];
  const tight = functionNetwork((tile, height, width) => {
    asked.push(Math.max(height, width));
    if (height * width > 64 * 64) throw new TileTooLargeError("no");
    return tile.slice();
  });
  assertEquals((await enhancePhoto(photo, tight, { tile: 400 })).rgb, photo.rgb);
  assert(asked[0] > 200 && asked.at(-1)! <= 64);
  const full = functionNetwork(() => Promise.reject(new TileTooLargeError("no")));
  const smallest = smallestTile(full.topology);
  await assertRejects(
    enhancePhoto(photo, full),
    isUserError(new RegExp(`^Cannot enhance: not enough memory on test for a tile of .*the smallest`)),
  );
  assert(smallest < 64);
});

Deno.test("enhancePhoto() stops at the signal and reports each tile", async () => {
  const photo = randomPhoto({ seed: 102, width: 300, height: 200 });
  const controller = new AbortController();
  let seen = 0;
  const run = enhancePhoto(photo, functionNetwork((tile) => tile.slice()), {
    signal: controller.signal,
    onProgress: (done, total) => {
      seen = done;
      assert(total > 5);
      if (done === 3) controller.abort(new Error("enough"));
    },
  });
  await assertRejects(run, /^Error: enough$/);
  assert(seen >= 3 && seen <= 5);
});

Deno.test("enhancePhoto() has as many tiles under way as the network takes at once, and the same pixels", async () => {
  const photo = randomPhoto({ seed: 105, width: 200, height: 130 });
  const results = [];
  for (const concurrency of [1, 2, 3]) {
    let most = 0;
    let underWay = 0;
    const network = functionNetwork(async (tile) => {
      most = Math.max(most, ++underWay);
      // Answers come in any order.
      for (let turn = Math.round(tile[0] * 9); turn >= 0; turn--) await Promise.resolve();
      underWay--;
      return tile.map((value) => 1 - value);
    });
    results.push(await enhancePhoto(photo, { ...network, concurrency }, { tile: 64 }));
    assertEquals(most, concurrency);
  }
  assertEquals(results[1].rgb, results[0].rgb);
  assertEquals(results[2].rgb, results[0].rgb);
  // The first of two that fail is what the caller hears of; the other is waited for.
  let calls = 0;
  const failing = functionNetwork(async () => {
    const call = ++calls;
    for (let turn = 0; turn < 5 * call; turn++) await Promise.resolve();
    throw new Error(`tile ${call}`);
  });
  await assertRejects(enhancePhoto(photo, { ...failing, concurrency: 2 }, { tile: 64 }), /^Error: tile 1$/);
  assertEquals(calls, 2);
});

Deno.test("enhancePhoto() hands over each tile's part of the result: together they are the result", async () => {
  const photo = randomPhoto({ seed: 104, width: 200, height: 130 });
  const shown = new Uint8Array(photo.rgb.length);
  const result = await enhancePhoto(photo, functionNetwork((tile) => tile.map((value) => 1 - value)), {
    tile: 64,
    onTile({ x0, x1, y0, y1 }, rgb) {
      for (let y = y0; y < y1; y++) {
        const [from, to] = [3 * (y * photo.width + x0), 3 * (y * photo.width + x1)];
        assert(shown.subarray(from, to).every((value) => value === 0), "a part came twice");
        shown.set(rgb.subarray(from, to), from);
      }
    },
  });
  assertEquals(shown, result.rgb);
});

Deno.test("enhancePhoto() refuses a strength or a tile out of range and a model that is not for RGB", async () => {
  const photo = randomPhoto({ seed: 103, width: 3, height: 3 });
  const network = functionNetwork((tile) => tile.slice());
  for (const strength of [-0.1, 1.1, NaN]) {
    await assertRejects(
      enhancePhoto(photo, network, { strength }),
      isUserError(/strength must be from 0 to 1/),
    );
  }
  await assertRejects(
    enhancePhoto(photo, network, { tile: 0 }),
    isUserError(/tile must be at least 1 pixel/),
  );
  const grey = functionNetwork((tile) => tile.slice(), unetTopology({ channels: 1, depth: 1 }));
  await assertRejects(enhancePhoto(photo, grey), isUserError(/the model has 1 channels/));
});

Deno.test("enhancePhoto() with selfEnsemble averages the eight turned results, tiled or not", async () => {
  const random = new Random(104);
  const [height, width] = [5, 7];
  const tile = Float32Array.from({ length: height * width * 3 }, () => random.uniform());
  const all = new Set<string>();
  for (let orientation = 0; orientation < ORIENTATIONS; orientation++) {
    const turned = oriented(tile, height, width, orientation);
    all.add(turned.join());
    assertAllClose([...turned].sort(), [...tile].sort(), 0);
  }
  assertEquals(all.size, ORIENTATIONS);

  // What a network adds by position within the tile averages out to the same everywhere.
  const ramp = functionNetwork((pixels, _, columns) =>
    pixels.map((value, i) => value + 0.2 * (Math.floor(i / 3) % columns) / (columns - 1))
  );
  const dark: Photo = { ...randomPhoto({ seed: 105, width: 33, height: 21, bits: 16 }) };
  const rgb = dark.rgb.map((value) => value >> 1) as Uint16Array;
  const raised = await enhancePhoto({ ...dark, rgb }, ramp, { selfEnsemble: true });
  raised.rgb.forEach((value, i) =>
    assert(Math.abs(value - rgb[i] - 0.1 * 65535) <= 1, `${value} for ${rgb[i]}`)
  );

  using network = await cpu(106);
  const photo = randomPhoto({ seed: 107, width: 120, height: 75, bits: 16 });
  const whole = await enhancePhoto(photo, network, { selfEnsemble: true, tile: Infinity });
  const side = smallestTile(topology) + 8;
  let tiles = 0;
  const onProgress = (_: number, total: number) => {
    tiles = total;
  };
  const tiled = await enhancePhoto(photo, network, { selfEnsemble: true, tile: side, onProgress });
  assert(tiles > 8, `${tiles} tiles`); // more than one for each of the eight
  whole.rgb.forEach((value, i) => assert(Math.abs(value - tiled.rgb[i]) <= 2));
  const plain = await enhancePhoto(photo, network);
  assert(whole.rgb.some((value, i) => Math.abs(value - plain.rgb[i]) > 257));
});

Deno.test("CpuNetwork.run() refuses a tile whose sides do not fit, and to run after disposal", async () => {
  const network = await cpu(108);
  assertMatch(network.device, /^CPU \(onnxruntime, \d+ threads?\)$/);
  await assertRejects(
    network.run(new Float32Array(6 * 8 * 3), 6, 8),
    /RangeError: .*sides must be multiples of 4/,
  );
  network[Symbol.dispose]();
  network[Symbol.dispose]();
  await assertRejects(network.run(new Float32Array(8 * 8 * 3), 8, 8), /disposed/);
});
