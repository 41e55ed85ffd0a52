import { assert, assertEquals } from "../assert.ts";
import { processorPart, TILES, type TileVariant } from "../../src/ops/conv2d_parts.ts";
import { blocksInUniform } from "../../src/ops/conv2d_variant.ts";

const VARIANTS: readonly TileVariant[] = ["tile8", "tile8x4", "tile8x4x16"];

Deno.test("processorPart() gives parts of which a uniform binding holds a block, for any layer and number of cores", () => {
  for (const variant of VARIANTS) {
    for (const in4 of [1, 2, 7, 24, 56, 57, 100, 256]) {
      for (const blocks of [1, 3, 32]) {
        for (const tiles of [1, 40, 4096]) {
          for (const cores of [1, 2, 64]) {
            const part = processorPart(in4, blocks, tiles, variant, cores);
            assert(part >= 1 && part <= in4, `${part} of ${in4}`);
            assert(blocksInUniform(part) >= TILES[variant].blocks, `${part} of ${in4} do not fit`);
          }
        }
      }
    }
  }
});

Deno.test("processorPart() leaves large images whole, and parts wide layers over small ones", () => {
  for (const variant of VARIANTS) {
    assertEquals(processorPart(8, 4, 4096, variant, 2), 8);
    assert(processorPart(24, 12, 4, variant, 2) < 24);
  }
});
