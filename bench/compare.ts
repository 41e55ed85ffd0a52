/**
 * Ours against tfjs-backend-webgpu on the same adapter, in one run:
 * `deno run -A --lock=deno.dev.lock bench/compare.ts [--quick | --full | --tiny] [--images N×H×W] [--no-step] [--no-tune |
 * --variant NAME] [--json]`
 * (that lock file, so that tfjs stays out of the one of users).
 *
 * `--quick` takes smaller pictures and fewer rounds: under a minute on two cores with a software adapter. `--full` is for a discrete GPU:
 * large convolutions, and the networks of models/recipes.json. `--tiny` rehearses it over a few pixels (shapes.ts has them all).
 * `--no-tune` takes the default kernels in place of those that `--tune` has found on this adapter, `--variant` a version by name for all
 * layers that it can run.
 * `--images 1x256x256` times the U-Nets alone, over images of that size; `--no-step` leaves their training steps out.
 * `--json` prints `{adapter, peak: {gflops, gigabytesPerSecond}, tuned, variant, cases: [{name, ours_ms, tfjs_ms, ratio, ours_gflops, ours_share,
 * tfjs_gflops}]}`, where `tuned` is the number of layers with a kernel so found, and `ours_share` that of the peak; the training step has
 * also `ours_bytes`, `tfjs_bytes`, `tfjs_allocated_bytes` and `memory_ratio` (ours to tfjs's).
 *
 * Each case is also said as it comes, on standard error where `--json` has the other. A case is timed only where both have given the same
 * values; else it has an `error` in place of times, and the exit code is 1.
 */
import type { Gpu } from "../src/gpu/device.ts";
import { loadTfjs, type Tfjs, tfjsAdapter } from "../tests/tfjs/backend.ts";
import { CONV_VARIANTS } from "../src/ops/conv2d.ts";
import { isSettled } from "../src/ops/conv2d_choices.ts";
import { openAdapter } from "./adapter.ts";
import { OneChoice } from "./one_choice.ts";
import { type Cases, type OurCase, ourConvCases, ourUnetCases } from "./our_cases.ts";
import { type Shape4, SHAPES, type Size } from "./shapes.ts";
import { type TfjsCase, tfjsConvCases, tfjsUnetCases } from "./tfjs_cases.ts";
import { timeInTurns, TIMING } from "./timing.ts";
import { readArguments } from "../tools/arguments.ts";

/** Two float32 results of some thousand terms may differ by so much, relative to the largest value. */
const TOLERANCE = 1e-4;

const {
  values: {
    quick = false,
    full = false,
    tiny = false,
    images,
    "no-step": noStep = false,
    "no-tune": noTune = false,
    variant,
    json = false,
  },
} = readArguments(
  "deno run -A --lock=deno.dev.lock bench/compare.ts [--quick | --full | --tiny] [--images N×H×W] [--no-step] [--no-tune | --variant NAME] [--json]",
  {
    options: {
      quick: { type: "boolean" },
      full: { type: "boolean" },
      tiny: { type: "boolean" },
      images: { type: "string" },
      "no-step": { type: "boolean" },
      "no-tune": { type: "boolean" },
      variant: { type: "string" },
      json: { type: "boolean" },
    },
  },
);
const size: Size = tiny ? "tiny" : full ? "full" : quick ? "quick" : "usual";
if (variant !== undefined && !isSettled(variant)) {
  console.error(
    `--variant takes ${CONV_VARIANTS.filter((name) => name !== "auto").join(", ")}, got ${variant}`,
  );
  Deno.exit(2);
}
const extents = images?.split(/[x×]/).map(Number);
if (extents && (extents.length !== 3 || extents.some((extent) => !Number.isInteger(extent) || extent < 1))) {
  console.error(`--images takes a number, a height and a width, as in 1x256x256, got ${images}`);
  Deno.exit(2);
}
const { gpu, peak, tuned } = await openAdapter(!noTune && variant === undefined);
if (variant !== undefined) gpu.choices = new OneChoice(variant);
const tf = await loadTfjs();
const adapter = gpu.adapter.name;
if (tfjsAdapter(tf) !== adapter) {
  console.error(`tfjs runs on ${tfjsAdapter(tf)}, not on ${adapter}: nothing to compare`);
  Deno.exit(1);
}

const cases: Awaited<ReturnType<typeof compare>>[] = [];
for await (const [ours, theirs] of pairs(gpu, tf)) {
  for (const [i, our] of ours.cases.entries()) {
    if (noStep && our.peakBytes !== undefined) continue;
    const compared = await compare(our, theirs.cases[i]);
    cases.push(compared);
    (json ? console.error : console.log)(describe(compared));
  }
  ours[Symbol.dispose]();
  theirs[Symbol.dispose]();
}
if (json) console.log(JSON.stringify({ adapter, peak, tuned, variant, cases }, undefined, 2));
else console.log(`on ${adapter}, ${peak.gflops.toFixed(0)} GFLOP/s at most`);
// tfjs keeps its device open.
Deno.exit(cases.some((compared) => "error" in compared) ? 1 : 0);

/** The cases of one shape after the other's, each made when the one before is gone. */
async function* pairs(gpu: Gpu, tf: Tfjs): AsyncGenerator<[Cases<OurCase>, Cases<TfjsCase>]> {
  for (const { shape, outChannels } of extents ? [] : SHAPES[size].convs) {
    yield [await ourConvCases(gpu, shape, outChannels), tfjsConvCases(tf, shape, outChannels)];
  }
  for (const { widths, shape: usual } of SHAPES[size].unets) {
    const shape: Shape4 = extents ? [extents[0], extents[1], extents[2], usual[3]] : usual;
    yield [await ourUnetCases(gpu, widths, shape), tfjsUnetCases(tf, widths, shape)];
  }
}

async function compare(our: OurCase, their: TfjsCase) {
  const { name, flops, peakBytes } = our;
  const error = difference(await our.values(), await their.values());
  if (error) return { name, error };
  const [ours_ms, tfjs_ms] = await timeInTurns([our, their], TIMING[size]);
  const theirPeak = await their.peakBytes?.();
  return {
    name,
    ours_ms,
    tfjs_ms,
    ratio: tfjs_ms / ours_ms,
    ours_gflops: flops / ours_ms / 1e6,
    ours_share: flops / ours_ms / 1e6 / peak.gflops,
    tfjs_gflops: flops / tfjs_ms / 1e6,
    ...(peakBytes && theirPeak && {
      ours_bytes: peakBytes,
      tfjs_bytes: theirPeak.used,
      tfjs_allocated_bytes: theirPeak.allocated,
      memory_ratio: peakBytes / theirPeak.used,
    }),
  };
}

/** What is wrong with `ours`, if anything is. */
function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>): string | undefined {
  let largest = 0;
  let most = 0;
  for (let i = 0; i < theirs.length; i++) {
    largest = Math.max(largest, Math.abs(theirs[i]));
    most = Math.max(most, Math.abs(ours[i] - theirs[i]));
  }
  if (ours.length === theirs.length && most <= TOLERANCE * largest) return undefined;
  return `ours and tfjs differ by ${most} where the largest value is ${largest}`;
}

function describe(compared: Awaited<ReturnType<typeof compare>>): string {
  const { name } = compared;
  if ("error" in compared) return `${name}: ${compared.error}`;
  const { ours_ms, tfjs_ms, ratio, ours_gflops, ours_bytes, tfjs_bytes } = compared;
  const memory = ours_bytes && tfjs_bytes
    ? `; ${(ours_bytes / 1e6).toFixed(1)} MB, tfjs ${(tfjs_bytes / 1e6).toFixed(1)} MB`
    : "";
  return `${name}: ${ours_ms.toFixed(1)} ms (${ours_gflops.toFixed(1)} GFLOP/s), tfjs ${
    tfjs_ms.toFixed(1)
  } ms, ${ratio.toFixed(1)} times as fast${memory}`;
}
