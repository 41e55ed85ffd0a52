import { assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { add } from "../../src/ops/add.ts";
import { add as exactAdd } from "../../src/reference/add.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { elementwiseCases } from "../cases/elementwise.ts";
import { normalTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import { sumTolerance } from "../tolerance.ts";
import { expectedGradient, runOp, sharedInput } from "./harness.ts";

for (const shape of elementwiseCases) {
  const [a, b, dy] = [1, 2, 3].map((seed) => normalTensor(shape, seed));

  Deno.test(`add() gives what float64 and tfjs give at ${formatShape(shape)}`, async () => {
    const { y, gradients } = await runOp(
      await testGpu(),
      [{ values: a }, { values: b }],
      dy,
      (rec, [x0, x1]) => add(rec, x0, x1),
    );
    assertAllClose(y, exactAdd(a, b).data, sumTolerance(2), "y");
    for (const dx of gradients) assertAllClose(dx, dy.data, 0, "dx");
    const tf = await loadTfjs();
    const other = await valueAndGradients(
      tf,
      (x0, x1) => tf.add(x0, x1),
      [upload(tf, a), upload(tf, b)],
      dy,
    );
    assertAllClose(y, other.y, 0, "y");
    gradients.forEach((dx, i) => assertAllClose(dx, other.gradients[i], 0, "dx"));
  });

  Deno.test(`add() goes back through activations and adds to gradients at ${formatShape(shape)}`, async () => {
    const inputs = [sharedInput(a, "relu", 4), sharedInput(b, "leaky-relu", 5)];
    const { gradients } = await runOp(await testGpu(), inputs, dy, (rec, [x0, x1]) => add(rec, x0, x1));
    gradients.forEach((dx, i) =>
      assertAllClose(dx, expectedGradient(inputs[i], dy), sumTolerance(2), `dx${i}`)
    );
  });

  // Where a term has no gradient yet, it takes over that of the sum.
  for (const [first, second] of [["relu", "none"], ["leaky-relu", "relu"], ["none", "none"]] as const) {
    for (const prior of [undefined, 0, 1]) {
      Deno.test(`add() passes its gradient on at ${formatShape(shape)}: ${first} and ${second}, prior ${prior}`, async () => {
        const inputs = [sharedInput(a, first, 4), sharedInput(b, second, 5)].map((input, i) =>
          i === prior ? input : { ...input, prior: undefined }
        );
        const { gradients } = await runOp(await testGpu(), inputs, dy, (rec, [x0, x1]) => add(rec, x0, x1));
        gradients.forEach((dx, i) =>
          assertAllClose(dx, expectedGradient(inputs[i], dy), sumTolerance(2), `dx${i}`)
        );
      });
    }
  }
}

Deno.test("add() of a chain copies no gradient that it can pass on", () => {
  const rec = new Recorder({ training: true });
  const [x, r] = [rec.input("x", [1, 2, 3, 4]), rec.input("r", [1, 2, 3, 4])];
  const y = add(rec, add(rec, x, r, "first"), r, "second");
  rec.gradientInput("dy", y);
  const before = rec.dispatches.length;
  rec.backward();
  // r gets a copy, then the same again; x takes what is left.
  assertEquals(rec.dispatches.slice(before).map(({ kernel }) => kernel.name), ["add_grad", "add_grad"]);
  assertEquals(rec.gradientOf(x).gradient, rec.gradientOf(y).gradient);
  assertThrows(() => rec.passGradient(x, rec.gradientOf(r).gradient), /x has a gradient already/);
});

Deno.test("add() names both shapes when they differ", () => {
  const rec = new Recorder({ training: true });
  const [a, b] = [rec.input("a", [1, 2, 3, 4]), rec.input("b", [1, 2, 3, 5])];
  assertThrows(() => add(rec, a, b, "restored"), /add "restored".*1×2×3×4 and 1×2×3×5/);
});

Deno.test("add() of a tensor to itself gives it the gradient twice", async () => {
  const [a, dy] = [1, 2].map((seed) => normalTensor([1, 3, 5, 6], seed));
  const { y, gradients } = await runOp(await testGpu(), [{ values: a }], dy, (rec, [x]) => add(rec, x, x));
  assertAllClose(y, a.data.map((value) => 2 * value), sumTolerance(2), "y");
  assertAllClose(gradients[0], dy.data.map((value) => 2 * value), sumTolerance(2), "dx");
});
