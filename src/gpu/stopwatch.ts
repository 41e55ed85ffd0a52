/** How long a plan takes: by the device's clock where it has one, else by ours. */
import type { Gpu } from "./device.ts";
import type { Plan } from "./plan.ts";
import { hasTimestamps } from "./timestamps.ts";

/** Waiting for a result takes the runtime some 10 ms: a batch of runs must last many times as long, milliseconds. */
const LEAST_BATCH = 150;

/**
 * Milliseconds of one run of a plan's kernels, the least of what it sees: whatever else the machine does only adds. Runs the plan once before,
 * so that `once` steps are not counted. The inputs are those last written, and the state changes as in `run`.
 * @param budget milliseconds after which it begins no further run (at least one is timed).
 */
export async function timeOfRun(gpu: Gpu, plan: Plan, output: string, budget: number): Promise<number> {
  plan.run();
  await plan.read(output);
  const end = performance.now() + budget;
  let least = Infinity;
  if (hasTimestamps(gpu)) {
    do {
      const rows = await plan.profile();
      least = Math.min(least, rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    } while (performance.now() < end);
    return least;
  }
  for (let runs = 1;;) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) plan.run();
    await plan.read(output);
    const now = performance.now();
    least = Math.min(least, (now - start) / runs);
    if (now >= end) return least;
    if (now - start < LEAST_BATCH) runs *= 2;
  }
}
