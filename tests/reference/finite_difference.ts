/** Central finite differences: what a gradient has to agree with. */
import { assert } from "../assert.ts";
import { Random } from "../../src/base/random.ts";

/** Σ a·b: turns an output into a number whose gradient with respect to it is `b`. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Throws unless `gradient` agrees with (f(x + h) − f(x − h)) / 2h, h = 1e-6, to within 1e-7 of its own scale, at every
 * element of `values` or at `samples` of them. `f` reads `values`, which is changed and put back.
 */
export function assertGradient(
  what: string,
  values: Float64Array,
  gradient: Float64Array,
  f: () => number,
  samples = 60,
): void {
  assert(
    gradient.length === values.length,
    `${what}: ${gradient.length} gradients for ${values.length} values`,
  );
  const indices = new Random(values.length).shuffled([...values.keys()]).slice(0, samples);
  const scale = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const h = 1e-6;
  // The difference of two sums of size |f| keeps about |f|·1e-16/h of rounding.
  const rounding = Math.abs(f()) * 4e-16 / h;
  for (const i of indices) {
    const value = values[i];
    values[i] = value + h;
    const above = f();
    values[i] = value - h;
    const below = f();
    values[i] = value;
    const measured = (above - below) / (2 * h);
    const error = Math.abs(gradient[i] - measured);
    assert(
      error <= 1e-7 * scale + rounding,
      `${what}[${i}] is ${gradient[i]}, finite differences give ${measured} (scale ${scale})`,
    );
  }
}
