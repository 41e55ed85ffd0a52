import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { adamState, adamStep } from "../../src/reference/adam.ts";
import { clipScale, globalNorm } from "../../src/reference/clip.ts";
import { emaStep } from "../../src/reference/ema.ts";
import { normalValues } from "../cases/inputs.ts";

const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };

Deno.test("adamStep() moves by the learning rate against the sign of the first gradient", () => {
  const parameter = Float64Array.of(1, -2, 3);
  adamStep(parameter, [1e-3, -5, 200], adamState(3), 1, options);
  // m̂ = g and √v̂ = |g| at the first step: the bias correction undoes both decays.
  assertAllClose(parameter, [0.99, -1.99, 2.99], 1e-6);
});

Deno.test("adamStep() gives Kingma and Ba's numbers over three steps", () => {
  const gradients = [0.5, -0.25, 0.75];
  const parameter = Float64Array.of(1);
  const state = adamState(1);
  let expected = 1;
  gradients.forEach((g, i) => {
    adamStep(parameter, [g], state, i + 1, options);
    // The moments written out as the weighted sums that they are.
    const past = gradients.slice(0, i + 1).reverse();
    const mean = (beta: number, power: number) => {
      const weights = past.map((_, age) => beta ** age);
      const sum = weights.reduce((total, weight, age) => total + weight * past[age] ** power, 0);
      return sum / weights.reduce((total, weight) => total + weight);
    };
    expected -= 0.01 * mean(0.9, 1) / (Math.sqrt(mean(0.99, 2)) + 1e-8);
    assertAllClose(parameter, [expected], 1e-14);
  });
});

Deno.test("adamStep() decays weights beside the adaptive step, not through it", () => {
  const gradient = normalValues(50, 3);
  const start = Float64Array.from(normalValues(50, 4));
  const plain = start.slice();
  const decayed = start.slice();
  adamStep(plain, gradient, adamState(50), 1, options);
  adamStep(decayed, gradient, adamState(50), 1, { ...options, weightDecay: 0.1 });
  assertAllClose(decayed, plain.map((value, i) => value - 0.01 * 0.1 * start[i]), 1e-15);
});

Deno.test("adamStep() finds the minimum of a badly scaled parabola", () => {
  const parameter = Float64Array.of(1, 1);
  const state = adamState(2);
  for (let step = 1; step <= 2000; step++) {
    const learningRate = 0.02 * (1 - step / 2001);
    adamStep(parameter, [1000 * parameter[0], 0.01 * parameter[1]], state, step, {
      ...options,
      learningRate,
    });
  }
  assert(Math.abs(parameter[0]) < 1e-3 && Math.abs(parameter[1]) < 1e-3, `ended at ${parameter}`);
});

Deno.test("globalNorm() and clipScale() bring all gradients together to the norm allowed", () => {
  const gradients = [Float64Array.of(3, 0), Float64Array.of(4)];
  assertEquals(globalNorm(gradients), 5);
  assertEquals(clipScale(5, 1), 0.2);
  assertEquals(clipScale(5, 10), 1);
  assertEquals(clipScale(0, 1), 1);
  const clipped = gradients.map((gradient) => gradient.map((value) => value * clipScale(5, 2)));
  assertAllClose([globalNorm(clipped)], [2], 1e-15);
});

Deno.test("emaStep() weighs the past by the decay", () => {
  const average = Float64Array.of(1, 2);
  emaStep(average, [3, 0], 0.75);
  assertAllClose(average, [1.5, 1.5], 1e-15);
});
