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
 * `--images 1x256x256` times the U-Nets alone, over images of that size; `--no-step` leaves their training steps out, which take square ones.
 * `--json` prints `{adapter, peak: {gflops, gigabytesPerSecond}, tuned, variant, cases: [{name, ours_ms, tfjs_ms, ratio, ours_gflops, ours_share,
 * tfjs_gflops}]}`, where `tuned` is the number of layers with a kernel so found, and `ours_share` that of the peak; the training step has
 * also `ours_bytes`, `tfjs_bytes`, `tfjs_allocated_bytes` and `memory_ratio` (ours to tfjs's).
 *
 * Each case is also said as it comes, on standard error where `--json` has the other. A case is timed only where both have given the same
 * values; else, or where it fails, it has an `error` in place of times, and the exit code is 1. Told to end (SIGTERM), it prints the cases
 * that it has.
 */
import { oneLine } from "../src/base/errors.ts";
import { sizeMultiple } from "../src/nn/topology.ts";
import { loadTfjs, tfjsAdapter } from "../tests/tfjs/backend.ts";
import { CONV_VARIANTS } from "../src/ops/conv2d.ts";
import { isSettled } from "../src/ops/conv2d_choices.ts";
import { openAdapter } from "./adapter.ts";
import { OneChoice } from "./one_choice.ts";
import {
  type Cases,
  convName,
  type OurCase,
  ourConvCases,
  ourUnetCases,
  unetModel,
  unetName,
} from "./our_cases.ts";
import { type Shape4, SHAPES, type Size, type TimedShape } from "./shapes.ts";
import { printWhenStopped } from "./stopped.ts";
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
const multiple = sizeMultiple(unetModel(SHAPES[size].unets[0].widths).topology);
if (extents && (extents[1] % multiple !== 0 || extents[2] % multiple !== 0)) {
  console.error(`--images takes sides that are multiples of ${multiple}, got ${images}`);
  Deno.exit(2);
}
if (extents && !noStep && extents[1] !== extents[2]) {
  console.error(
    `--images takes square ones where training steps are timed (--no-step leaves them out), got ${images}`,
  );
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

type Compared = Awaited<ReturnType<typeof compare>>;
const cases: Compared[] = [];
const report = () => JSON.stringify({ adapter, peak, tuned, variant, cases }, undefined, 2);
if (json) printWhenStopped(report);
for (const what of [...extents ? [] : SHAPES[size].convs, ...SHAPES[size].unets]) {
  const shape: Shape4 = extents ? [extents[0], extents[1], extents[2], what.shape[3]] : what.shape;
  await compareAll({ ...what, shape });
}
if (json) console.log(report());
else console.log(`on ${adapter}, ${peak.gflops.toFixed(0)} GFLOP/s at most`);
// tfjs keeps its device open.
Deno.exit(cases.some((compared) => "error" in compared) ? 1 : 0);

/** The cases of one shape, made when those of the one before are gone. What fails costs none of the others. */
async function compareAll(what: TimedShape): Promise<void> {
  const all = "widths" in what ? unetName(what.widths, what.shape) : convName(what.shape, what.outChannels);
  try {
    using ours = await ourCases(what);
    using theirs = tfjsCases(what);
    for (const [i, our] of ours.cases.entries()) {
      note(await compare(our, theirs.cases[i]).catch((error) => failed(our.name, error)));
    }
  } catch (error) {
    note(failed(all, error));
  }
}

function failed(name: string, error: unknown) {
  return { name, error: oneLine(error) };
}

function note(compared: Compared): void {
  cases.push(compared);
  (json ? console.error : console.log)(describe(compared));
}

function ourCases(what: TimedShape): Promise<Cases<OurCase>> {
  if ("widths" in what) return ourUnetCases(gpu, what.widths, what.shape, !noStep);
  return ourConvCases(gpu, what.shape, what.outChannels);
}

function tfjsCases(what: TimedShape): Cases<TfjsCase> {
  if ("widths" in what) return tfjsUnetCases(tf, what.widths, what.shape, !noStep);
  return tfjsConvCases(tf, what.shape, what.outChannels);
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

function describe(compared: Compared): string {
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
