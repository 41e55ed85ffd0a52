import { fromFloat16, toFloat16 } from "../../src/tensor/float16.ts";
import { assert, assertEquals } from "../assert.ts";
import { Random } from "../../src/base/random.ts";

Deno.test("fromFloat16() gives what Float16Array gives, for all halves", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const expected = new Float16Array(bits.buffer);
  fromFloat16(bits).forEach((value, i) =>
    assert(Object.is(value, expected[i]), `${i}: ${value}, not ${expected[i]}`)
  );
});

Deno.test("toFloat16() gives back all halves but NaN's payload, and rounds as Float16Array does", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7fff) <= 0x7c00);
  const values = fromFloat16(bits);
  assertEquals(toFloat16(values), bits);
  const random = new Random(1);
  const between = Float32Array.from({ length: 20_000 }, (_, i) => {
    const near = values[Math.floor(random.uniform() * values.length)];
    const step = Math.max(2 ** -24, Math.abs(near) * 2 ** -10);
    // A quarter of them halfway between two halves.
    return near + step * (i % 4 === 0 ? 0.5 : random.uniform() - 0.5);
  });
  for (const edge of [[65519.99, 65520, 1e30, Infinity, NaN], [2 ** -25, 2 ** -26, 1e-40, 2 ** -14, -0]]) {
    const all = Float32Array.from([...between, ...edge, ...edge.map((value) => -value)]);
    const expected = new Float32Array(new Float16Array(all));
    fromFloat16(toFloat16(all)).forEach((value, i) =>
      assert(Object.is(value, expected[i]), `${all[i]}: ${value}, not ${expected[i]}`)
    );
  }
});
