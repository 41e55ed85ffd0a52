/**
 * Ours against tfjs-backend-webgpu on the same adapter, in one run: `deno run -A bench/compare.ts [--quick] [--json]`
 * (with `--lock=deno.dev.lock`, so that tfjs stays out of the lock file of users).
 * `--quick` takes smaller pictures and fewer rounds: under a minute on two cores with a software adapter. `--json` prints
 * `{adapter, cases: [{name, ours_ms, tfjs_ms, ratio}]}`. A case is timed only after both have given the same values.
 * Rounds of the two alternate, and the median round counts. A round is as many repetitions for the one as for the other, at least
 * four, and one wait: that alone takes Deno 11 ms, of its own sleep and not of either's work.
 */
import { parseArgs } from "node:util";
import { openGpu } from "../src/gpu/device.ts";
import { loadTfjs, tfjsAdapter } from "../tests/tfjs/backend.ts";
import { type Comparison, convComparisons, unetComparisons } from "./compare_cases.ts";

/** Two float32 results of some thousand terms may differ by so much, relative to the largest value. */
const TOLERANCE = 1e-4;
/** A round repeats until tfjs has worked so long, milliseconds. */
const ROUND_MS = 1000;

const { values: { quick = false, json = false } } = parseArgs({
  args: Deno.args,
  options: { quick: { type: "boolean" }, json: { type: "boolean" } },
});
using gpu = await openGpu();
const tf = await loadTfjs();
const adapter = gpu.adapter.name;
if (tfjsAdapter(tf) !== adapter) {
  console.error(`tfjs runs on ${tfjsAdapter(tf)}, not on ${adapter}: nothing to compare`);
  Deno.exit(1);
}

const rounds = quick ? 3 : 7;
const comparisons = [
  ...await convComparisons(gpu, tf, quick ? [1, 64, 64, 32] : [1, 128, 128, 32], 32),
  ...await unetComparisons(gpu, tf, [2, 64, 64, 3]),
];
const cases = [];
for (const comparison of comparisons) {
  await check(comparison);
  const [ours_ms, tfjs_ms] = await time(comparison);
  const measured = { name: comparison.name, ours_ms, tfjs_ms, ratio: tfjs_ms / ours_ms };
  cases.push(measured);
  if (!json) {
    console.log(
      `${comparison.name}: ${ours_ms.toFixed(1)} ms, tfjs ${tfjs_ms.toFixed(1)} ms, ${
        measured.ratio.toFixed(1)
      } times as fast`,
    );
  }
}
if (json) console.log(JSON.stringify({ adapter, cases }, undefined, 2));
else console.log(`on ${adapter}`);
// tfjs keeps its device open.
Deno.exit(0);

async function check({ name, values }: Comparison): Promise<void> {
  const [ours, theirs] = await values();
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < theirs.length; i++) {
    largest = Math.max(largest, Math.abs(theirs[i]));
    difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
  }
  if (ours.length !== theirs.length || !(difference <= TOLERANCE * largest)) {
    console.error(`${name}: ours and tfjs differ by ${difference} where the largest value is ${largest}`);
    Deno.exit(1);
  }
}

/** Milliseconds of one repetition by ours and by tfjs: medians of the rounds. */
async function time({ ours, tfjs }: Comparison): Promise<[number, number]> {
  // The first call compiles; the second says how often the work has to be repeated until the wait hardly counts.
  await ours(1);
  await tfjs(1);
  const began = performance.now();
  await tfjs(1);
  const once = performance.now() - began;
  const repeat = Math.min(Math.max(Math.ceil(ROUND_MS / once), 4), 64);
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [which, work] of [ours, tfjs].entries()) {
      const began = performance.now();
      await work(repeat);
      times[which].push((performance.now() - began) / repeat);
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]) as [number, number];
}
