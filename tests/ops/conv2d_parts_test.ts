import { assert, assertEquals } from "../assert.ts";
import { lanesOf, processorPart, TILES, type TileVariant } from "../../src/ops/conv2d_parts.ts";
import { blocksInUniform } from "../../src/ops/conv2d_variant.ts";

const VARIANTS = Object.keys(TILES) as TileVariant[];

Deno.test("processorPart() gives parts of which a uniform binding holds a block, for any layer and number of cores", () => {
  for (const variant of VARIANTS) {
    for (const in4 of [1, 2, 7, 24, 56, 57, 100, 256]) {
      for (const blocks of [1, 3, 32]) {
        for (const tiles of [1, 40, 4096]) {
          for (const cores of [1, 2, 64]) {
            const { part, time } = processorPart(in4, blocks, tiles, variant, cores);
            assert(part >= 1 && part <= in4, `${part} of ${in4}`);
            assert(time > 0 && Number.isFinite(time), `${time} µs`);
            assert(
              TILES[variant].anyWidth || blocksInUniform(part) >= TILES[variant].blocks,
              `${part} of ${in4} do not fit`,
            );
          }
        }
      }
    }
  }
});

Deno.test("processorPart() leaves large images whole, and parts wide layers over small ones", () => {
  for (const variant of VARIANTS) {
    assertEquals(processorPart(8, 4, 4096, variant, 2).part, 8);
    // Lanes that share something are filled by other lanes' outputs, or not at all.
    const { lanes, sharesWeights } = TILES[variant];
    const alone = lanes === 1 && !sharesWeights;
    if (alone) assert(processorPart(24, 12, 4, variant, 2).part < 24, variant);
  }
});

Deno.test("lanesOf() counts the lanes of whole subgroups where lanes share what they load", () => {
  assertEquals(lanesOf(TILES.tile8, 5, 3), 15);
  assertEquals(lanesOf(TILES.tile8x4x16, 5, 4), 10);
  // Five tiles fill one subgroup, and a block of outputs is another one's.
  assertEquals(lanesOf(TILES.subgroup8x4, 5, 3), 24);
  assertEquals(lanesOf(TILES.subgroup8x4x16, 9, 4), 32);
  // Two tiles side by side, of sixteen outputs each; one of 32.
  assertEquals(lanesOf(TILES.subgroup8x8x16, 5, 3), 48);
  assertEquals(lanesOf(TILES.subgroup8x8x32, 5, 5), 80);
});
