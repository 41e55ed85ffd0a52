/** What tests assert with: one place to switch (jsr:@std/assert has the same names). */
export {
  deepStrictEqual as assertEquals,
  match as assertMatch,
  ok as assert,
  rejects as assertRejects,
} from "node:assert/strict";
export { throws as assertThrows } from "node:assert/strict";
import { match, ok } from "node:assert/strict";
import { UserError } from "../src/base/errors.ts";

/** What `assertRejects` and `assertThrows` check with: a person's mistake, told in one line that fits all the patterns. */
export function isUserError(...patterns: readonly RegExp[]): (error: unknown) => true {
  return (error) => {
    ok(error instanceof UserError, `threw ${error}`);
    ok(!/[\n\r]/.test(error.message), `more than one line: ${error.message}`);
    for (const pattern of patterns) match(error.message, pattern);
    return true;
  };
}

/** Largest |actual − expected| over the largest |expected|: the error relative to the tensor's scale. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`Cannot compare: ${actual.length} values with ${expected.length}`);
  }
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    // A NaN is the worst of all and stays.
    if (!(difference <= worst) && !Number.isNaN(worst)) worst = difference;
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / Math.max(scale, 1e-30);
}

/** Throws when two arrays differ by more than `tolerance` relative to the largest expected value (NaN always differs). */
export function assertAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "values",
): void {
  const error = relativeError(actual, expected);
  if (!(error <= tolerance)) {
    let index = 0;
    for (let i = 0; i < actual.length; i++) {
      const [here, there] = [i, index].map((at) => Math.abs(actual[at] - expected[at]));
      if (!(here <= there) && !Number.isNaN(there)) index = i;
    }
    throw new Error(
      `${what} differ: relative error ${error.toExponential(2)} > ${tolerance.toExponential(2)}; ` +
        `at ${index} got ${actual[index]}, expected ${expected[index]}`,
    );
  }
}
