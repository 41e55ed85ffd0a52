import { assert, assertEquals } from "../assert.ts";
import { learningRate } from "../../src/train/schedule.ts";

const schedule = { peak: 3e-3, warmup: 10, steps: 200 };
const rates = Array.from({ length: schedule.steps }, (_, i) => learningRate(i + 1, schedule));

Deno.test("learningRate() rises in equal parts to its peak during the warm-up", () => {
  for (let step = 1; step <= 10; step++) {
    assert(Math.abs(rates[step - 1] - 3e-3 * step / 10) < 1e-15, `step ${step}: ${rates[step - 1]}`);
  }
  assertEquals(Math.max(...rates), 3e-3);
});

Deno.test("learningRate() falls along a cosine: half the peak in the middle, nearly zero at the last step", () => {
  for (let step = 11; step <= 200; step++) assert(rates[step - 1] < rates[step - 2], `step ${step}`);
  // Equally far before and after the middle, the two add up to the peak.
  for (const distance of [0, 1, 40, 94]) {
    const sum = learningRate(105 - distance, schedule) + learningRate(106 + distance, schedule);
    assert(Math.abs(sum - 3e-3) < 1e-12, `±${distance}: ${sum}`);
  }
  assert(rates[199] > 0 && rates[199] < 3e-3 * 1e-3, `${rates[199]}`);
});

Deno.test("learningRate() of the shortest trainings is positive and at most the peak", () => {
  for (const steps of [1, 2, 3]) {
    for (let step = 1; step <= steps; step++) {
      const rate = learningRate(step, { peak: 1, warmup: 1, steps });
      assert(rate > 0 && rate <= 1, `step ${step} of ${steps}: ${rate}`);
    }
  }
});
