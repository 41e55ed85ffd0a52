import { assertEquals } from "../assert.ts";
import { reflect } from "../../src/tensor/shape.ts";

Deno.test("reflect() mirrors at the edge pixels, however far outside", () => {
  const indexes = (extent: number) => Array.from({ length: 13 }, (_, i) => reflect(i - 6, extent));
  assertEquals(indexes(4), [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
  assertEquals(indexes(2), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  assertEquals(indexes(1), Array(13).fill(0));
  assertEquals(indexes(100).slice(0, 7), [6, 5, 4, 3, 2, 1, 0]);
});
