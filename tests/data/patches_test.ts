import { PatchStream, validationPatches } from "../../src/data/patches.ts";
import { writePatch } from "../../src/image/crop.ts";
import { resampleBicubic } from "../../src/image/resample.ts";
import type { PhotoPixels, PhotoSource } from "../../src/data/photo_source.ts";
import { jpegThroughSharp } from "../../src/degrade/jpeg_sharp.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { testPixels } from "./photos.ts";

/** Photos in memory; `broken` ones cannot be decoded, `low` gives the twins. */
function source(
  sizes: [number, number][],
  options: {
    broken?: number[];
    pixels?: (index: number) => Uint8Array;
    low?: (high: Uint8Array) => Uint8Array;
  } = {},
): PhotoSource {
  const high = sizes.map(([width, height], index) =>
    options.pixels?.(index) ?? testPixels(width, height, index)
  );
  return {
    photos: sizes.map(([width, height], index) => ({ name: `${index}`, width, height })),
    paired: options.low !== undefined,
    load(index): Promise<PhotoPixels> {
      if (options.broken?.includes(index)) return Promise.reject(new UserError(`Cannot read photo ${index}`));
      return Promise.resolve({ high: high[index], low: options.low?.(high[index]) });
    },
    handle: () => undefined,
  };
}

const clean = parseRecipe("none");
const three = source([[40, 50], [61, 33], [90, 70]]);

Deno.test("PatchStream.batch() depends on seed, step and place alone, not on what was asked before", async () => {
  const options = { patch: 16, batch: 4, seed: 11, recipe: parseRecipe("photo"), jpeg: jpegThroughSharp };
  const stream = new PatchStream(three, options);
  const inOrder = [await stream.batch(0), await stream.batch(1), await stream.batch(2)];
  const again = new PatchStream(three, options);
  assertEquals(await again.batch(2), inOrder[2]);
  assertEquals(await again.batch(0), inOrder[0]);
  const wider = await new PatchStream(three, { ...options, batch: 6 }).batch(1);
  assertEquals(wider.input.subarray(0, 4 * 16 * 16 * 3), inOrder[1].input);
  assert(inOrder[0].target.some((value, i) => value !== inOrder[1].target[i]));
  const other = await new PatchStream(three, { ...options, seed: 12 }).batch(0);
  assert(other.target.some((value, i) => value !== inOrder[0].target[i]));
});

Deno.test("PatchStream.batch() gives [batch, patch, patch, 3] of 8-bit values over 255, equal where nothing is damaged", async () => {
  const { input, target } = await new PatchStream(three, { patch: 20, batch: 5, seed: 1, recipe: clean })
    .batch(3);
  assertEquals(input.length, 5 * 20 * 20 * 3);
  assertEquals(input, target);
  for (const value of target) {
    assert(Math.abs(value * 255 - Math.round(value * 255)) < 1e-4 && value >= 0 && value <= 1);
  }
  const means = [0, 1, 2, 3, 4].map((n) =>
    target.subarray(n * 1200, (n + 1) * 1200).reduce((sum, v) => sum + v) / 1200
  );
  assert(new Set(means).size === 5, "every item is another patch");
});

Deno.test("PatchStream.batch() without augmentation cuts patches out of the photos as they are", async () => {
  const only = source([[24, 18]]);
  const high = (await only.load(0)).high;
  const places = new Set<string>();
  for (let step = 0; step < 60; step++) {
    const { target } = await new PatchStream(only, {
      patch: 8,
      batch: 1,
      seed: 2,
      recipe: clean,
      augment: false,
    }).batch(step);
    const patch = Array.from(target, (value) => Math.round(value * 255));
    let found = "";
    for (let top = 0; top <= 10 && !found; top++) {
      for (let left = 0; left <= 16 && !found; left++) {
        if (
          patch.every((value, i) => value === high[((top + Math.floor(i / 24)) * 24 + left) * 3 + i % 24])
        ) found = `${left},${top}`;
      }
    }
    assert(found, `the patch of step ${step} is nowhere in the photo`);
    places.add(found);
  }
  assert(places.size > 35, `${places.size} different places in 60 steps`);
});

Deno.test("writePatch() gives each of the eight flips and quarter turns once", () => {
  const size = 3;
  const rgb = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => i * 4);
  const at = (y: number, x: number) => rgb[((1 + y) * 5 + 2 + x) * 3] / 255; // corner at (2, 1) of a 5×4 photo
  const seen = new Set<string>();
  for (let turn = 0; turn < 8; turn++) {
    const batch = new Float32Array(2 * 27);
    writePatch(batch, 27, size, { rgb, width: 5, left: 2, top: 1 }, turn);
    assert(batch.subarray(0, 27).every((value) => value === 0), "writes only its own item");
    const reds = Array.from({ length: 9 }, (_, i) => batch[27 + i * 3]);
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 3; x++) {
        const [u, v] = [turn & 2 ? 2 - y : y, turn & 1 ? 2 - x : x];
        assert(Math.abs(reds[y * 3 + x] - (turn & 4 ? at(v, u) : at(u, v))) < 1e-6, `turn ${turn}`);
      }
    }
    assertEquals(
      batch[28],
      Math.fround(rgb[Math.round(batch[27] * 255 / 4) + 1] / 255),
      "channels stay in order",
    );
    seen.add(reds.join());
  }
  assertEquals(seen.size, 8);
});

Deno.test("PatchStream.batch() turns input and target alike", async () => {
  const negative = source([[30, 30], [45, 32]], { low: (high) => high.map((value) => 255 - value) });
  const { input, target } = await new PatchStream(negative, { patch: 16, batch: 16, seed: 4 }).batch(0);
  input.forEach((value, i) => assert(Math.abs(value + target[i] - 1) < 1e-6));
  assert(target.some((value) => value > 0.6));
});

Deno.test("PatchStream.batch() degrades a patch as the whole photo would be degraded, up to its edge", async () => {
  for (const recipe of ["blur:1.5", "blur:0.7,blur:1"]) {
    const sizes: [number, number][] = [[50, 40]];
    const patch = 24;
    const options = { patch, batch: 6, seed: 8, augment: false };
    const damaged = await new PatchStream(source(sizes), { ...options, recipe: parseRecipe(recipe) }).batch(
      0,
    );
    const { degrade } = await import("../../src/degrade/degrade.ts");
    const { Random } = await import("../../src/base/random.ts");
    const steps = parseRecipe(recipe).sample(new Random(1));
    const whole = await degrade(testPixels(50, 40, 0), 50, 40, steps, new Random(1));
    const twin = await new PatchStream(source(sizes, { low: () => whole }), options).batch(0);
    assertEquals(damaged, twin);
  }
});

Deno.test("PatchStream.batch() mirrors photos smaller than the patch, down to one pixel", async () => {
  const tiny = source([[1, 1], [5, 40], [40, 3]]);
  for (const recipe of [clean, parseRecipe("blur:1,jpeg:50")]) {
    const { input, target } = await new PatchStream(tiny, {
      patch: 16,
      batch: 12,
      seed: 1,
      recipe,
      jpeg: jpegThroughSharp,
      choose: "each",
    }).batch(0);
    assert(input.every((value) => value >= 0 && value <= 1));
    assertEquals(new Set(target.subarray(0, 16 * 16 * 3).filter((_, i) => i % 3 === 0)).size, 1);
    const second = Array.from(target.subarray(16 * 16 * 3, 2 * 16 * 16 * 3));
    assert(new Set(second.map((value) => value.toFixed(5))).size > 30, "mirrored, not filled");
  }
});

Deno.test("PatchStream draws photos by their area and only from the ones given", async () => {
  const sizes: [number, number][] = [[20, 20], [60, 60], [20, 40], [100, 100]];
  const flat = source(sizes, {
    pixels: (index) => new Uint8Array(sizes[index][0] * sizes[index][1] * 3).fill(index + 1),
  });
  const stream = new PatchStream(flat, { patch: 4, batch: 4000, seed: 3, recipe: clean, indices: [0, 1, 2] });
  const { target } = await stream.batch(0);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < target.length; i += 48) counts[Math.round(target[i] * 255) - 1]++;
  assertEquals(counts[3], 0);
  [400, 3600, 800].forEach((area, index) => {
    assert(Math.abs(counts[index] / 4000 - area / 4800) < 0.03, `photo ${index}: ${counts[index]} of 4000`);
  });
});

Deno.test("PatchStream.batch() passes over a photo that cannot be decoded, the same way each time", async () => {
  const options = { patch: 8, batch: 10, seed: 6, recipe: clean };
  const some = source([[30, 30], [30, 30], [30, 30]], { broken: [0, 1] });
  assertEquals(await new PatchStream(some, options).batch(1), await new PatchStream(some, options).batch(1));
  const none = source([[30, 30], [30, 30]], { broken: [0, 1] });
  await assertRejects(() => new PatchStream(none, options).batch(0), /Cannot read photo/);
});

Deno.test("PatchStream refuses nothing to cut from, and plain photos without a recipe", () => {
  assertThrows(
    () => new PatchStream(three, { patch: 8, batch: 1, seed: 1, recipe: clean, indices: [] }),
    UserError,
  );
  assertThrows(() => new PatchStream(three, { patch: 8, batch: 1, seed: 1 }), /recipe/);
  assertThrows(() => new PatchStream(three, { patch: 8, batch: 0, seed: 1, recipe: clean }), RangeError);
});

Deno.test("validationPatches() is a fixed set that takes the photos in turn", async () => {
  const recipe = parseRecipe("gaussian:20");
  const options = { count: 6, size: 16, seed: 5, recipe, indices: [0, 2] };
  const set = await validationPatches(three, options);
  assertEquals(set, await validationPatches(three, options));
  assertEquals(set.input.length, 6 * 16 * 16 * 3);
  const other = await validationPatches(three, { ...options, seed: 6 });
  assert(other.target.some((value, i) => value !== set.target[i]));
  const training = await new PatchStream(three, { patch: 16, batch: 6, seed: 5, recipe, indices: [0, 2] })
    .batch(0);
  assert(training.target.some((value, i) => value !== set.target[i]));
  let squares = 0;
  set.input.forEach((value, i) => squares += (value - set.target[i]) ** 2);
  const deviation = Math.sqrt(squares / set.input.length) * 255;
  assert(Math.abs(deviation - 20) < 1.5, `the recipe is applied, got sigma ${deviation}`);
});

Deno.test("PatchStream.batch() of a recipe that shrinks gives small patches whose clean ones are as much larger", async () => {
  const stream = new PatchStream(three, {
    patch: 12,
    batch: 6,
    seed: 5,
    recipe: parseRecipe("shrink:2"),
    augment: true,
  });
  const { input, target } = await stream.batch(4);
  assertEquals([input.length, target.length], [6 * 12 * 12 * 3, 6 * 24 * 24 * 3]);
  // Away from its border (where the photo goes on and the patch does not), the small patch is the large one's, shrunk, in the same turn.
  for (let item = 0; item < 6; item++) {
    const large = target.subarray(item * 24 * 24 * 3, (item + 1) * 24 * 24 * 3);
    const small = resampleBicubic(large, 24, 24, 12, 12);
    for (let y = 2; y < 10; y++) {
      for (let i = y * 36 + 6; i < y * 36 + 30; i++) {
        const difference = Math.abs(Math.min(Math.max(small[i], 0), 1) - input[item * 12 * 12 * 3 + i]);
        assert(difference <= 0.51 / 255, `item ${item}, ${i}: ${difference * 255}`);
      }
    }
  }
});

Deno.test("validationPatches() of a recipe that shrinks are as large as asked before it is undone", async () => {
  const { input, target } = await validationPatches(three, {
    count: 3,
    size: 8,
    seed: 2,
    recipe: parseRecipe("shrink:4"),
  });
  assertEquals([input.length, target.length], [3 * 8 * 8 * 3, 3 * 32 * 32 * 3]);
});

Deno.test("PatchStream.batch() lays three quarters of the patches on JPEG's grid of blocks, the others anywhere", async () => {
  // In place of a codec: what comes back says where in a block each pixel lies.
  const jpeg = (_: Uint8Array, width: number, height: number) =>
    Promise.resolve(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return 16 * [pixel % width % 16, Math.floor(pixel / width) % 16, 0][i % 3];
      }),
    );
  // No extent is a multiple of a block, and patches reach every edge.
  const photos = source([[130, 75], [71, 93]]);
  for (const [recipe, patch] of [["jpeg:20", 32], ["blur:1,jpeg:20", 48]] as const) {
    const options = { patch, batch: 600, seed: 5, recipe: parseRecipe(recipe), jpeg, augment: false };
    const { input } = await new PatchStream(photos, options).batch(0);
    const starts = Array.from({ length: 600 }, (_, item) => {
      const at = item * patch * patch * 3;
      return [0, 1].map((c) => Math.round(input[at + c] * 255 / 16));
    });
    const onGrid = starts.filter(([x, y]) => x === 0 && y === 0).length;
    // Of 600, 450 and now and then one of the others: three standard deviations are 32.
    assert(onGrid > 415 && onGrid < 490, `${onGrid} of 600`);
    assertEquals(new Set(starts.map(([x]) => x)).size, 16);
    assertEquals(new Set(starts.map(([, y]) => y)).size, 16);
  }
});

Deno.test("PatchStream.batch() cuts the more detailed of two places, and what is bare now and then", async () => {
  // Left bare, right of lines: a patch lies mostly in either.
  const [width, height, patch] = [400, 40, 8];
  const lines = source([[width, height]], {
    pixels: () =>
      Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const x = Math.floor(i / 3) % width;
        return x < width / 2 || x % 2 ? 100 : 200;
      }),
  });
  const shareOfLines = async (augment: boolean) => {
    const { target } = await new PatchStream(lines, { patch, batch: 800, seed: 9, recipe: clean, augment })
      .batch(0);
    const length = patch * patch * 3;
    const detailed = Array.from({ length: 800 }, (_, item) => {
      const values = target.subarray(item * length, (item + 1) * length);
      return values.some((value) => value !== values[0]);
    });
    return detailed.filter(Boolean).length / 800;
  };
  const [one, two] = [await shareOfLines(false), await shareOfLines(true)];
  // Half of the places, and three quarters of the pairs of them: within four standard deviations.
  assert(Math.abs(one - 0.5) < 0.07, `${one}`);
  assert(Math.abs(two - 0.75) < 0.07, `${two}`);
});

Deno.test("PatchStream.batch() turns patches in all eight ways, each as often", async () => {
  // Red grows to the right, green downwards: what they do in a patch says how it was turned.
  const [width, height, patch] = [30, 26, 8];
  const ramps = source([[width, height]], {
    pixels: () =>
      Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return [8 * (pixel % width), 8 * Math.floor(pixel / width), 0][i % 3];
      }),
  });
  const { target } = await new PatchStream(ramps, { patch, batch: 800, seed: 10, recipe: clean }).batch(0);
  const counts = new Map<string, number>();
  for (let item = 0; item < 800; item++) {
    const at = item * patch * patch * 3;
    const key = [0, 1].flatMap((c) =>
      [3, 3 * patch].map((step) => Math.sign(target[at + step + c] - target[at + c]))
    ).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts.size, 8);
  for (const [key, count] of counts) assert(count > 60 && count < 140, `${key}: ${count} of 800`);
});
