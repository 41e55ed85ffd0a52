import { assertAllClose, assertEquals } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { sumGradient, sumSlices } from "../../src/ops/reduce.ts";
import { normalValues } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";

/** Parameters and into how many slices their gradients are parted: the last one's partial sums take 2 MB. */
const GRADIENTS = [
  { name: "a", length: 8, slices: 5 },
  { name: "b", length: 260, slices: 1 },
  { name: "c", length: 1028, slices: 3 },
  { name: "d", length: 4, slices: 70 },
  { name: "e", length: 2048, slices: 260 },
];

Deno.test("sumGradient() sums the slices of many gradients in one dispatch, and large ones at once", async () => {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, GRADIENTS.map(({ name, length }) => ({ name, shape: [length] })));
  const rec = new Recorder({ training: true });
  const loss = rec.input("loss", [1, 1, 1, 4]);
  rec.gradient(loss, () => {
    for (const { name, slices } of GRADIENTS) {
      const total = parameters.range(rec, name, "gradients");
      sumGradient(rec, total, slices, (partials) => {
        // A copy: what is summed over one slice.
        const given = rec.input(name, [1, 1, slices, total.size / 4]);
        sumSlices(rec, given, { ...partials, size: given.bytes }, 1);
      });
    }
  });
  rec.gradientOf(loss);
  rec.backward();
  // A copy for each, the large one's sum behind its own, those of three others at the end.
  assertEquals(rec.dispatches.map(({ params }) => params.length), [1, 1, 1, 1, 1, 1, 3]);
  assertEquals(rec.dispatches.at(-1)!.label, "weights/weight-gradient/sum_slices");
  using plan = await buildPlan(gpu, rec);
  for (let run = 0; run < 2; run++) {
    const values = GRADIENTS.map(({ length, slices }, i) => normalValues(length * slices, 10 * run + i + 1));
    GRADIENTS.forEach(({ name }, i) => plan.write(name, values[i]));
    plan.run();
    const found = await parameters.download("gradients");
    GRADIENTS.forEach(({ name, length, slices }, i) => {
      const expected = new Float32Array(length);
      for (let s = 0; s < slices; s++) {
        for (let at = 0; at < length; at++) expected[at] += values[i][s * length + at];
      }
      // In the same order and precision, so the same bits.
      assertAllClose(found.get(name)!, expected, 0, `${name}, run ${run}`);
    });
  }
});
