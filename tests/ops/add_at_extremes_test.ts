import type { Tensor4D } from "../tfjs/tensorflow.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { addAtExtremes } from "../../src/ops/add_at_extremes.ts";
import {
  addAtExtremes as exactAdd,
  addAtExtremesGradients as exactGradients,
} from "../../src/reference/add_at_extremes.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { elementwiseCases } from "../cases/elementwise.ts";
import { impulseTensor, normalTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { sumTolerance } from "../tolerance.ts";
import { expectedGradient, runOp, sharedInput } from "./harness.ts";

for (const extremes of ["values", "holes"] as const) {
  for (const shape of elementwiseCases) {
    const x = impulseTensor(shape, 1);
    const [base, r, dy] = [2, 3, 4].map((seed) => normalTensor(shape, seed));
    const exact = exactGradients(x, dy, extremes);
    const kind = `of ${extremes} at ${formatShape(shape)}`;

    Deno.test(`addAtExtremes() gives what float64 and tfjs give ${kind}`, async () => {
      const { y, gradients } = await runOp(
        await testGpu(),
        [{ values: x, constant: true }, { values: base }, { values: r }],
        dy,
        (rec, [x0, base0, r0]) => addAtExtremes(rec, x0, base0, r0, extremes),
      );
      assertAllClose(y, exactAdd(x, base, r, extremes).data, sumTolerance(2), "y");
      // Nothing is computed in the gradients, nor where the base is kept: not a bit may differ.
      assertEquals(gradients.map((values) => [...values]), [
        [...exact.base.data],
        [...exact.correction.data],
      ]);
      x.data.forEach((value, i) => value > 0 && value < 1 && assertEquals(y[i], base.data[i]));

      const tf = await loadTfjs();
      const picture = upload(tf, x);
      const other = await valueAndGradients(
        tf,
        (base0, r0) => tfjs.addAtExtremes(tf, picture, base0 as Tensor4D, r0 as Tensor4D, extremes),
        [upload(tf, base), upload(tf, r)],
        dy,
      );
      picture.dispose();
      assertAllClose(y, other.y, 0, "y");
      gradients.forEach((values, i) => assertAllClose(values, other.gradients[i], 0, "dx"));
    });

    Deno.test(`addAtExtremes() goes back through activations and adds to gradients ${kind}`, async () => {
      const inputs = [sharedInput(base, "relu", 4), sharedInput(r, "leaky-relu", 5)];
      const { gradients } = await runOp(
        await testGpu(),
        [{ values: x, constant: true }, ...inputs],
        dy,
        (rec, [x0, base0, r0]) => addAtExtremes(rec, x0, base0, r0, extremes),
      );
      const wanted = [exact.base, exact.correction];
      gradients.forEach((values, i) =>
        assertAllClose(values, expectedGradient(inputs[i], wanted[i]), sumTolerance(2), `dx${i}`)
      );
    });
  }
}

Deno.test("addAtExtremes() takes a pixel for a hole whose channels are all at the same end", async () => {
  // Of five channels, so that a pixel takes two vec4s: black, white, of both, and nearly either.
  const pixels = [[0, 0, 0, 0, -1], [1, 1, 1, 2, 1], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0.5], [0.5, 1, 1, 1, 1]];
  const x = tensor64([1, 1, 5, 5], pixels.flat());
  const r = tensor64(x.shape, x.data.map(() => 0.25));
  const { y } = await runOp(
    await testGpu(),
    [{ values: x }, { values: r }],
    normalTensor([1, 1, 5, 5], 6),
    (rec, [x0, r0]) => addAtExtremes(rec, x0, x0, r0, "holes"),
  );
  assertEquals([...y], pixels.flatMap((pixel, i) => pixel.map((value) => i < 2 ? value + 0.25 : value)));
});

Deno.test("addAtExtremes() takes values outside of 0..1 for extremes, and keeps those next to its ends", async () => {
  const [lowest, highest] = [2 ** -149, 1 - 2 ** -24];
  const x = tensor64([1, 1, 3, 3], [-1, -0, 0, lowest, 1 / 65535, 65534 / 65535, highest, 1, 1.5]);
  const r = tensor64(x.shape, x.data.map(() => 0.25));
  const dy = normalTensor([1, 1, 3, 3], 6);
  const { y, gradients } = await runOp(
    await testGpu(),
    [{ values: x }, { values: r }],
    dy,
    // The values themselves may be the base.
    (rec, [x0, r0]) => addAtExtremes(rec, x0, x0, r0, "values"),
  );
  const kept = [...Float32Array.of(1 / 65535, 65534 / 65535, highest)];
  assertEquals([...y.subarray(4, 7)], kept);
  assertEquals([...y.subarray(0, 3), ...y.subarray(7)], [-0.75, 0.25, 0.25, 1.25, 1.75]);
  // An adapter may take a denormal for zero; no photo holds one.
  assert(y[3] === 0.25 || y[3] === lowest, `${y[3]}`);
  assertEquals(gradients[1].map((value) => value === 0 ? 0 : 1).subarray(4, 7), Float32Array.of(0, 0, 0));
});

Deno.test("addAtExtremes() gives no gradient to what needs none, and says which shapes differ", () => {
  const rec = new Recorder({ training: true });
  const [x, base, r] = ["x", "base", "r"].map((name) => rec.input(name, [1, 4, 4, 3]));
  const y = addAtExtremes(rec, x, base, r, "holes", "restored", new Set([base]));
  rec.gradientInput("dy", y);
  rec.backward();
  assertEquals(rec.dispatches.map(({ kernel }) => kernel.name), ["add_at_extremes", "add_at_extremes_grad"]);
  const other = rec.input("other", [1, 4, 4, 4]);
  assertThrows(
    () => addAtExtremes(rec, x, base, other, "values"),
    /of one shape.* not 1×4×4×3, 1×4×4×3, 1×4×4×4/,
  );
  assertThrows(
    () => addAtExtremes(rec, x, other, r, "values"),
    /of one shape.* not 1×4×4×3, 1×4×4×4, 1×4×4×3/,
  );
  assertThrows(() => addAtExtremes(rec, x, base, base, "values"), /a correction that is none of the others/);
});
