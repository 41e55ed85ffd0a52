import type { PhotoSource } from "../../src/data/photo_source.ts";
import { splitForTrials } from "../../src/trials/split.ts";
import { testPairs } from "../../src/trials/test_pairs.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { testPixels } from "../data/photos.ts";

const photosOf = (count: number, side = 100) =>
  Array.from({ length: count }, (_, i) => ({ name: `photo${i}.jpg`, width: side, height: side + i }));
const options = { seed: 1, most: 12, smallest: 32 };

Deno.test("splitForTrials() parts the photos into three without one in common, by the seed", () => {
  for (const count of [3, 4, 10, 61]) {
    const { train, validation, test } = splitForTrials(photosOf(count), options);
    const parts = [...train, ...validation, ...test];
    assertEquals(parts.toSorted((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
    assert(train.length > 0 && validation.length > 0 && test.length > 0);
    assert(test.length <= 12);
  }
  const first = splitForTrials(photosOf(61), options);
  assertEquals(splitForTrials(photosOf(61), options), first);
  assert(`${splitForTrials(photosOf(61), { ...options, seed: 2 }).test}` !== `${first.test}`);
});

Deno.test("splitForTrials() tests on a data set's own held-out photos first", () => {
  const held = [5, 17, 30];
  const { test, train, validation } = splitForTrials(photosOf(40), { ...options, held });
  assertEquals(test.length, 8);
  for (const index of held) {
    assert(test.includes(index) && !train.includes(index) && !validation.includes(index));
  }
  const few = splitForTrials(photosOf(40), { ...options, most: 2, held });
  assert(few.test.length === 2 && few.test.every((index) => held.includes(index)));
});

Deno.test("splitForTrials() never has an original in two parts, however many low sides it comes with", () => {
  for (const [originals, lows] of [[10, 2], [10, 5], [40, 5], [100, 8]]) {
    const photos = photosOf(originals).flatMap((photo) => Array.from({ length: lows }, () => photo));
    for (let seed = 0; seed < 20; seed++) {
      const held = Array.from({ length: 2 * lows }, (_, i) => i + seed * lows % (8 * lows));
      const split = splitForTrials(photos, { ...options, seed, held });
      const [train, validation, test] = [split.train, split.validation, split.test].map((part) =>
        new Set(part.map((index) => photos[index].name))
      );
      const kind = `${originals} originals, ${lows} low sides, seed ${seed}`;
      assertEquals([train.isDisjointFrom(validation), train.isDisjointFrom(test)], [true, true], kind);
      assertEquals([validation.isDisjointFrom(test), split.train.length], [true, train.size * lows], kind);
      assertEquals(split.test.length, Math.min(12, test.size * lows), kind);
      assertEquals(test.size, Math.min(12, originals / 5), kind);
      assert(
        [...test].filter((name) => held.some((index) => photos[index].name === name)).length === 2,
        kind,
      );
    }
    const { test } = splitForTrials(photos, options);
    assertEquals(new Set(test.map((index) => index % lows)).size, lows, "each low side is tested on");
  }
  const pairs = photosOf(2).flatMap((photo) => [photo, photo]);
  assertThrows(
    () => splitForTrials(pairs, options),
    /^UserError: The trials need three photos .*: there are 2$/,
  );
});

Deno.test("splitForTrials() takes photos that show the same for one original, whatever they are called", () => {
  const photos = photosOf(30).map((photo, i) => i % 3 === 0 ? photo : { ...photo, sameAs: i - i % 3 });
  for (let seed = 0; seed < 10; seed++) {
    const { train, validation, test } = splitForTrials(photos, { ...options, seed });
    const [a, b, c] = [train, validation, test].map((part) => new Set(part.map((i) => Math.floor(i / 3))));
    assert(a.isDisjointFrom(b) && a.isDisjointFrom(c) && b.isDisjointFrom(c), `seed ${seed}`);
    assertEquals(a.size + b.size + c.size, 10);
  }
});

Deno.test("splitForTrials() tests on no photo that is too small, and says what is missing", () => {
  const photos = photosOf(20).map((photo, i) => i % 2 === 0 ? { ...photo, width: 31 } : photo);
  assert(splitForTrials(photos, options).test.every((index) => index % 2 === 1));
  assertThrows(
    () => splitForTrials(photosOf(2), options),
    /^UserError: The trials need three photos or more, .*: there are 2$/,
  );
  assertThrows(
    () => splitForTrials(photosOf(9, 20), options),
    /^UserError: The trials test on photos of 32×32 pixels or more: there is none$/,
  );
});

const source = (low?: (index: number) => Uint8Array): PhotoSource => ({
  photos: [{ name: "a.png", width: 50, height: 40 }, { name: "b.png", width: 30, height: 61 }],
  paired: low !== undefined,
  load: (index) =>
    Promise.resolve({ high: testPixels(index ? 30 : 50, index ? 61 : 40, index), low: low?.(index) }),
  handle: () => undefined,
});

Deno.test("testPairs() cuts the middle and damages it the same way each time", async () => {
  const pairs = testPairs(source(), [1, 0], { recipe: "blur:1-3,gaussian:5", seed: 4, size: 32 });
  assertEquals(pairs.names, ["b.png", "a.png"]);
  const pair = await pairs.load(1);
  assertEquals([pair.width, pair.height], [32, 32]);
  const whole = testPixels(50, 40, 0);
  for (const [x, y] of [[0, 0], [31, 0], [13, 31]]) {
    const at = ((y + 4) * 50 + x + 9) * 3;
    assertEquals(pair.original.slice((y * 32 + x) * 3, (y * 32 + x) * 3 + 3), whole.slice(at, at + 3));
  }
  assertEquals(await pairs.load(1), pair);
  assert(pair.degraded.some((value, i) => value !== pair.original[i]));
  const alone = await testPairs(source(), [0], { recipe: "blur:1-3,gaussian:5", seed: 4, size: 32 }).load(0);
  assertEquals(alone, pair, "whatever else is tested");
  const narrow = await pairs.load(0);
  assertEquals([narrow.width, narrow.height], [30, 32]);
});

Deno.test("testPairs() of pairs takes their own low side and adds to it", async () => {
  const low = (index: number) => testPixels(index ? 30 : 50, index ? 61 : 40, 77 + index);
  const options = { seed: 4, size: 64 };
  const bare = await testPairs(source(low), [0], { ...options, recipe: "none" }).load(0);
  assertEquals([bare.degraded, bare.original, bare.damage], [low(0), testPixels(50, 40, 0), "none"]);
  const blurred = await testPairs(source(low), [0], { ...options, recipe: "blur:2" }).load(0);
  assert(blurred.degraded.some((value, i) => value !== low(0)[i]));
});
