import { assertAllClose, assertEquals } from "../assert.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { upsample, upsampleGradient } from "../../src/reference/upsample.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { upsampleCases, upsampleModes } from "../cases/upsample.ts";
import { assertGradient, dot } from "./finite_difference.ts";

Deno.test("upsample() nearest repeats each pixel twice each way", () => {
  const y = upsample(tensor64([1, 2, 2, 1], [1, 2, 3, 4]), "nearest");
  assertEquals(y.shape, [1, 4, 4, 1]);
  assertEquals([...y.data], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
});

Deno.test("upsample() bilinear has half-pixel centres and clamps at the edge", () => {
  const y = upsample(tensor64([1, 1, 3, 1], [0, 4, 16]), "bilinear");
  assertAllClose(y.data, [0, 1, 3, 7, 13, 16, 0, 1, 3, 7, 13, 16], 1e-15);
});

Deno.test("upsample() bilinear continues a ramp in both directions at once", () => {
  const shape = [1, 4, 5, 1] as const;
  const x = tensor64(shape, Array.from({ length: 20 }, (_, i) => 10 * Math.floor(i / 5) + (i % 5)));
  const y = upsample(x, "bilinear");
  for (let oy = 1; oy < 7; oy++) {
    for (let ox = 1; ox < 9; ox++) {
      const expected = 10 * ((oy + 0.5) / 2 - 0.5) + ((ox + 0.5) / 2 - 0.5);
      assertAllClose([y.data[oy * 10 + ox]], [expected], 1e-14);
    }
  }
});

for (const mode of upsampleModes) {
  for (const shape of upsampleCases) {
    Deno.test(`upsampleGradient() ${mode} agrees with finite differences at ${formatShape(shape)}`, () => {
      const x = normalTensor(shape, 1);
      const dy = normalTensor(upsample(x, mode).shape, 2);
      const dx = upsampleGradient(shape, dy, mode);
      assertGradient("dx", x.data, dx.data, () => dot(upsample(x, mode).data, dy.data), 20);
    });
  }
}
