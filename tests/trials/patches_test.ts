import { PatchStream } from "../../src/data/patches.ts";
import type { PhotoSource } from "../../src/data/photo_source.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { nearest, type Points } from "../../src/trials/nearest.ts";
import { restoreByPatches, starts } from "../../src/trials/patch_restorer.ts";
import { drawPatchSet, type PatchSet, readPatch } from "../../src/trials/patch_set.ts";
import { findNeighbours, isomapSpace, pcaSpace, pixelSpace } from "../../src/trials/patch_space.ts";
import { testPixels } from "../data/photos.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { pointAt, randomPoints } from "./points.ts";

const [WIDTH, HEIGHT] = [70, 66];

/** A source in memory: photos made from seeds, pairs where `low` makes the other side. */
function sourceOf(seeds: readonly number[], low?: (seed: number) => Uint8Array): PhotoSource {
  return {
    photos: seeds.map((seed) => ({ name: `${seed}.png`, width: WIDTH, height: HEIGHT })),
    paired: low !== undefined,
    load: (index) =>
      Promise.resolve({ high: testPixels(WIDTH, HEIGHT, seeds[index]), low: low?.(seeds[index]) }),
    handle: () => undefined,
  };
}

/** Every patch of a picture at a stride, with the clean side of the same place. */
function patchesOf(
  low: Uint8Array,
  clean: Uint8Array,
  width: number,
  height: number,
  size: number,
  stride: number,
): PatchSet {
  const dims = size * size * 3;
  const places = starts(height, size, stride).flatMap((y) =>
    starts(width, size, stride).map((x) => y * width + x)
  );
  const sides = [low, clean].map(() => new Float32Array(places.length * dims));
  places.forEach((start, i) => {
    const means = readPatch(low, width, start, size, sides[0], i * dims, undefined, 1 / 255);
    readPatch(clean, width, start, size, sides[1], i * dims, means, 1 / 255);
  });
  const points = (values: Float32Array): Points => ({ values, count: places.length, dims });
  return { size, low: points(sides[0]), clean: points(sides[1]) };
}

Deno.test("restoreByPatches() gives back the clean picture exactly where every patch is in the set, overlaps averaged", () => {
  const [width, height, size] = [29, 23, 6];
  const clean = testPixels(width, height, 1);
  const low = testPixels(width, height, 2);
  for (const stride of [1, 3, 6]) {
    const set = patchesOf(low, clean, width, height, size, stride);
    const space = pixelSpace(set.low);
    const restored = restoreByPatches(low, width, height, {
      set,
      stride,
      find: (patch) => findNeighbours(space, patch),
    });
    assertEquals(restored, clean, `stride ${stride}`);
  }
});

Deno.test("restoreByPatches() averages what overlapping patches say", () => {
  // Two patches side by side, one pixel in common: each says its own level, the common column the mean.
  const set: PatchSet = {
    size: 2,
    low: { values: new Float32Array(12), count: 1, dims: 12 },
    clean: { values: new Float32Array(12).fill(0.1), count: 1, dims: 12 },
  };
  const levels = [10, 10, 50];
  const rgb = Uint8Array.from({ length: 18 }, (_, i) => levels[Math.floor(i / 3) % 3]);
  const exact = { indices: Int32Array.of(0), squared: Float64Array.of(0) };
  const restored = restoreByPatches(rgb, 3, 2, { set, stride: 1, find: () => exact });
  // Means of the patches: 10 and 30; 0.1 of 255 is added to both.
  assertEquals([...restored.subarray(0, 9)], [36, 36, 36, 46, 46, 46, 56, 56, 56]);
});

Deno.test("restoreByPatches() with a guide finds neighbours for the guide's patches", () => {
  const [width, height, size] = [24, 20, 5];
  const clean = testPixels(width, height, 3);
  const low = testPixels(width, height, 4);
  const set = patchesOf(low, clean, width, height, size, 2);
  const find = (patch: Float32Array) => nearest(set.clean, patch, 4);
  const [guided, blind] = [clean, low].map((guide) =>
    restoreByPatches(low, width, height, { set, find, stride: 2, guide })
  );
  assertEquals(guided, clean);
  assert(blind.some((value, i) => value !== clean[i]));
});

Deno.test("restoreByPatches() refuses a picture smaller than a patch", () => {
  const set = patchesOf(testPixels(9, 9, 1), testPixels(9, 9, 1), 9, 9, 8, 1);
  assertThrows(
    () =>
      restoreByPatches(new Uint8Array(7 * 9 * 3), 7, 9, { set, find: (patch) => nearest(set.low, patch, 1) }),
    /Cannot restore 7×9 pixels by patches of 8×8/,
  );
});

Deno.test("starts() covers a side to its very end", () => {
  assertEquals(starts(10, 4, 3), [0, 3, 6]);
  assertEquals(starts(11, 4, 3), [0, 3, 6, 7]);
  assertEquals(starts(4, 4, 2), [0]);
});

Deno.test("findNeighbours() finds a patch that is in the set, in each of the spaces", async () => {
  const patches = randomPoints(90, 27, 6);
  const spaces = [pixelSpace(patches), await pcaSpace(patches, 1, 12), await isomapSpace(patches, 1, 12, 8)];
  for (const [number, space] of spaces.entries()) {
    for (const index of [0, 17, 89]) {
      const { indices, squared } = findNeighbours(space, pointAt(patches, index), 5);
      assertEquals([indices[0], indices.length], [index, 5], `space ${number}`);
      assert(squared[0] < 1e-6 && squared[1] > 1e-3, `space ${number}: ${squared}`);
    }
  }
});

Deno.test("pcaSpace() with all components keeps distances, so that its neighbours are the pixels' own", async () => {
  const patches = randomPoints(60, 9, 8);
  const space = await pcaSpace(patches, 2, 9);
  const query = pointAt(randomPoints(1, 9, 99), 0);
  const found = findNeighbours(space, query, 6);
  const direct = findNeighbours(pixelSpace(patches), query, 6);
  assertEquals(found.indices, direct.indices);
  assertAllClose(found.squared, direct.squared, 1e-3);
});

Deno.test("isomapSpace() places a new patch among the places of its nearest", async () => {
  // A curve in six dimensions: what lies between two of its points belongs between their places.
  const curve = (t: number) => [Math.cos(t), Math.sin(t), t, Math.cos(2 * t), Math.sin(2 * t), 0.3 * t];
  const values = Float32Array.from(Array.from({ length: 80 }, (_, i) => curve(i / 20)).flat());
  const space = await isomapSpace({ values, count: 80, dims: 6 }, 1, 2, 4);
  assertEquals([space.connected, space.places.count], [1, 80]);
  assert(space.kept > 0.7 && space.kept <= 1, `${space.kept}`);
  const { indices } = findNeighbours(space, Float32Array.from(curve(40.5 / 20)), 2);
  assertEquals([...indices].sort(), [40, 41]);
});

Deno.test("drawPatchSet() remembers low patches without their means and clean ones less the same means", async () => {
  const options = { count: 100, size: 8, seed: 5, indices: [0, 2], recipe: parseRecipe("blur:1.5") };
  const source = sourceOf([1, 2, 3]);
  const set = await drawPatchSet(source, options);
  assertEquals([set.low.count, set.low.dims, set.clean.count], [100, 192, 100]);
  const channelMean = (side: Points, row: number, channel: number) => {
    let sum = 0;
    for (let i = channel; i < 192; i += 3) sum += side.values[row * 192 + i];
    return sum / 64;
  };
  let differing = 0;
  for (let row = 0; row < 100; row++) {
    for (const channel of [0, 1, 2]) {
      assert(Math.abs(channelMean(set.low, row, channel)) < 1e-6);
      if (Math.abs(channelMean(set.clean, row, channel)) > 1e-4) differing++;
    }
  }
  assert(differing > 100, "the clean side keeps its own mean colour against the low one's");
  assertEquals(await drawPatchSet(source, options), set);
  const other = await drawPatchSet(source, { ...options, seed: 6 });
  assert(other.low.values.some((value, i) => value !== set.low.values[i]));
});

Deno.test("drawPatchSet() says so where the photos show nothing", async () => {
  const grey = new Uint8Array(WIDTH * HEIGHT * 3).fill(90);
  const source: PhotoSource = { ...sourceOf([1]), load: () => Promise.resolve({ high: grey }) };
  await assertRejects(
    drawPatchSet(source, { count: 40, size: 8, seed: 1, indices: [0], recipe: parseRecipe("none") }),
    /^UserError: The photos to train on are nearly all of one colour: give photos that show more$/,
  );
});

Deno.test("PatchStream with onto: low adds the recipe to the low side that a pair has", async () => {
  const source = sourceOf([7], (seed) => testPixels(WIDTH, HEIGHT, seed + 100));
  const stream = (onto: "low" | "high" | undefined, recipe: string) =>
    new PatchStream(source, { patch: 32, batch: 2, seed: 3, recipe: parseRecipe(recipe), onto }).batch(0);
  const own = await new PatchStream(source, { patch: 32, batch: 2, seed: 3 }).batch(0);
  const [kept, anew, blurred] = [
    await stream("low", "none"),
    await stream("high", "none"),
    await stream("low", "blur:2"),
  ];
  assertEquals(kept, own);
  assertEquals(anew.input, anew.target);
  assertEquals(blurred.target, own.target);
  const roughness = ({ input }: { input: Float32Array }) => {
    let sum = 0;
    for (let i = 3; i < input.length; i++) sum += Math.abs(input[i] - input[i - 3]);
    return sum;
  };
  assert(roughness(blurred) < 0.5 * roughness(own));
});
