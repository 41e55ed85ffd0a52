/**
 * A shipped model's forward pass, and a step of its training, in f32 and in f16, on an adapter that has `shader-f16`:
 * `deno run -A --lock=deno.dev.lock bench/half.ts [--full | --tiny] [--model photo] [--json]`
 * `--full` takes tiles for a discrete GPU. `--json` prints `{adapter, model, rows: [{side, precision, variant, ms, bytes, psnr}], steps: [{batch, patch, precision, ms, bytes}]}`:
 * the least of some runs by timestamps, the bytes of the plan and the weights (of a step of all that its training takes), and how near the answer to a photo is to that of f32 by
 * default kernels. Each is also said as it comes, on standard error where `--json` has the other. What fails, or gives no
 * numbers, is said there, and the exit code is 1. Told to end (SIGTERM), it prints those that it has.
 */
import { oneLine } from "../src/base/errors.ts";
import { openGpu } from "../src/gpu/device.ts";
import { buildPlan } from "../src/gpu/plan.ts";
import { Recorder } from "../src/gpu/recorder.ts";
import type { ElementType } from "../src/gpu/tensor.ts";
import { decodePhoto } from "../src/image/decode.ts";
import { loadModel } from "../src/nn/models.ts";
import { unet, unetParameters } from "../src/nn/unet.ts";
import type { ConvVariant } from "../src/ops/conv2d.ts";
import { Trainer } from "../src/train/trainer.ts";
import { printWhenStopped } from "./stopped.ts";
import { readArguments } from "../tools/arguments.ts";

/** A case is timed so often, after one run that is not counted; the least counts. */
const RUNS = 6;
/** What `auto` takes; the products of f16 storage with f32 and with f16 multiply-adds; and Winograd's, whose tiles stay f32 or become f16. */
const VARIANTS: Readonly<Record<ElementType, readonly ConvVariant[]>> = {
  f32: ["auto", "gemm128", "winograd4"],
  f16: ["auto", "gemm128", "gemm128_f16", "winograd2", "winograd4"],
};

const { values } = readArguments(
  "deno run -A --lock=deno.dev.lock bench/half.ts [--full | --tiny] [--model photo] [--json]",
  {
    options: {
      ...{ full: { type: "boolean" }, tiny: { type: "boolean" }, json: { type: "boolean" } },
      model: { type: "string", default: "photo" },
    },
  },
);
const sides = values.full ? [512, 1024] : values.tiny ? [32] : [192];
/** Of a training step. */
const { batch, patch } = values.full
  ? { batch: 32, patch: 128 }
  : values.tiny
  ? { batch: 2, patch: 16 }
  : { batch: 4, patch: 64 };
using gpu = await openGpu({ half: true });
if (!gpu.half) {
  console.error(`${gpu.adapter.name} has no shader-f16`);
  Deno.exit(1);
}
const { topology, parameters } = await loadModel(values.model);
const photo = await decodePhoto(
  await Deno.readFile(new URL("../samples/damaged/temple.jpg", import.meta.url)),
);

/** The photo, repeated where the tile is larger. */
function tileOf(side: number): Float32Array {
  const { rgb, width, height } = photo;
  return Float32Array.from({ length: side * side * 3 }, (_, i) => {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const [x, y] = [pixel % side % width, Math.floor(pixel / side) % height];
    return rgb[(y * width + x) * 3 + c] / 255;
  });
}

async function measured(side: number, precision: ElementType, variant: ConvVariant) {
  using uploaded = unetParameters(gpu, topology, precision);
  uploaded.upload(parameters);
  const rec = new Recorder({ training: false });
  rec.output("y", unet(rec, rec.input("x", [1, side, side, 3]), topology, uploaded, { variant }));
  using plan = await buildPlan(gpu, rec);
  plan.write("x", tileOf(side));
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    times.push((await plan.profile()).reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  }
  const bytes = plan.bytes + uploaded.whole(rec, "values").bytes;
  return { ms: Math.min(...times.slice(1)), bytes, answer: await plan.read("y") };
}

const adapter = gpu.adapter.name;
const rows: object[] = [];
const steps: Awaited<ReturnType<typeof measuredStep>>[] = [];
const report = () => JSON.stringify({ adapter, model: values.model, rows, steps }, undefined, 2);
const say = values.json ? console.error : console.log;
if (values.json) printWhenStopped(report);
for (const side of sides) {
  let exact: Float32Array | undefined;
  for (const precision of ["f32", "f16"] as const) {
    for (const variant of VARIANTS[precision]) {
      const what = `${values.model} at ${side}×${side}, ${precision} ${variant}`;
      await attempt(what, async () => {
        const { ms, bytes, answer } = await measured(side, precision, variant);
        exact ??= answer;
        const error = answer.reduce((sum, value, i) => sum + (value - exact![i]) ** 2, 0) / answer.length;
        if (!Number.isFinite(error)) throw new Error("the answer is not numbers");
        // Of the answer with itself there is none.
        const psnr = error > 0 ? -10 * Math.log10(error) : null;
        rows.push({ side, precision, variant, ms, bytes, psnr });
        const megabytes = (bytes / 1e6).toFixed(1);
        say(`${what}: ${ms.toFixed(2)} ms, ${megabytes} MB${psnr === null ? "" : `, ${psnr.toFixed(1)} dB`}`);
      });
    }
  }
}

/** What fails costs nothing else. */
async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(`${what}: ${oneLine(error)}`);
    Deno.exitCode = 1;
  }
}

async function measuredStep(precision: ElementType) {
  const before = gpu.stats().liveBytes;
  using trainer = await Trainer.create(gpu, {
    topology,
    batch,
    patch,
    loss: "mse",
    optimiser: "muon",
    precision,
  });
  trainer.start(parameters);
  const target = Float32Array.from(
    { length: batch * (patch * topology.scale) ** 2 * 3 },
    () => Math.random(),
  );
  const input = target.slice(0, batch * patch ** 2 * 3);
  const times: number[] = [];
  for (let step = 1; step <= RUNS + 1; step++) {
    const rows = await trainer.profile({ input, target }, { step, learningRate: 1e-6 });
    times.push(rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  }
  return { batch, patch, precision, ms: Math.min(...times.slice(1)), bytes: gpu.stats().liveBytes - before };
}

for (const precision of ["f32", "f16"] as const) {
  const what = `a training step of ${batch} patches of ${patch}×${patch}, ${precision}`;
  await attempt(what, async () => {
    const step = await measuredStep(precision);
    steps.push(step);
    say(`${what}: ${step.ms.toFixed(1)} ms, ${(step.bytes / 1e6).toFixed(1)} MB`);
  });
}
console.log(values.json ? report() : `on ${adapter}`);
