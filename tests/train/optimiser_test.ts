import { assert, assertEquals } from "../assert.ts";
import { optimiserAt } from "../../src/train/optimiser.ts";
import { learningRate } from "../../src/train/schedule.ts";

Deno.test("optimiserAt() gives Adam 0.9 and 0.99, a gradient norm of 1 at most, and the decay asked for", () => {
  for (const step of [1, 37, 400]) {
    const { beta1, beta2, maxNorm, decay, ...rest } = optimiserAt(step, {
      peak: 1e-3,
      steps: 400,
      decay: 0.02,
    });
    assertEquals([beta1, beta2, maxNorm, decay, rest.step], [0.9, 0.99, 1, 0.02, step]);
  }
  assertEquals(optimiserAt(3, { peak: 1e-3, steps: 400 }).decay, 0);
});

Deno.test("optimiserAt() warms up over a twentieth of the steps, 500 at most", () => {
  for (const [steps, warmup] of [[1, 1], [40, 2], [41, 3], [10_000, 500], [200_000, 500]]) {
    for (const step of [1, warmup, warmup + 1, steps]) {
      const expected = learningRate(step, { peak: 2e-3, warmup, steps });
      assertEquals(
        optimiserAt(step, { peak: 2e-3, steps }).learningRate,
        expected,
        `step ${step} of ${steps}`,
      );
    }
  }
});

Deno.test("optimiserAt() keeps 0.999 of the average of the weights, and less of it in the first steps", () => {
  const share = (step: number) => optimiserAt(step, { peak: 1e-3, steps: 20_000 }).ema!;
  assertEquals([share(1), share(8), share(90)], [2 / 11, 9 / 18, 91 / 100]);
  assert(share(8_980) < 0.999 && share(8_980) > 0.9989);
  assertEquals([share(8_990), share(20_000)], [0.999, 0.999]);
});
