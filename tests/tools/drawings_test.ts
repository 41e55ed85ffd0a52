import sharp from "sharp";
import { drawing } from "../../tools/drawings.ts";
import { assert, assertEquals } from "../assert.ts";

const FONTS = ["serif", "monospace"];
const same = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, i) => byte === other[i]);

Deno.test("drawing() gives the same PNG of 800×600 for the same seed and number, and another for others", async () => {
  const [first, again, other, elsewhere] = await Promise.all(
    [[1, 0], [1, 0], [2, 0], [1, 6]].map(([seed, number]) => drawing(seed, number, FONTS)),
  );
  assert(same(first, again));
  assert(!same(first, other) && !same(first, elsewhere));
  const { width, height, format, channels } = await sharp(first).metadata();
  assertEquals([width, height, format, channels], [800, 600, "png", 3]);
});

Deno.test("drawing() of every kind has colours and edges", async () => {
  for (let number = 0; number < 6; number++) {
    const { channels } = await sharp(await drawing(3, number, FONTS)).stats();
    // A sheet on which nothing was drawn has one colour.
    assert(
      channels.some(({ stdev }) => stdev > 5),
      `drawing ${number}: ${channels.map(({ stdev }) => stdev)}`,
    );
  }
});
