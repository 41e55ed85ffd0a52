import { fromFloat16 } from "../../src/nn/float16.ts";
import { assert } from "../assert.ts";

Deno.test("fromFloat16() gives what Float16Array gives, for all halves", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const expected = new Float16Array(bits.buffer);
  fromFloat16(bits).forEach((value, i) =>
    assert(Object.is(value, expected[i]), `${i}: ${value}, not ${expected[i]}`)
  );
});
