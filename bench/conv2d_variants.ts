/**
 * Every version of the convolution kernels on this adapter, layer by layer and role by role, by timestamps:
 * `deno run -A --lock=deno.dev.lock bench/conv2d_variants.ts [--full] [--variant NAME,…] [--json]`
 * `--full` takes layers for a discrete GPU. `--json` prints `{adapter, rows: [{layer, role, variant, ms, gflops}]}`.
 * GFLOP/s are effective: multiply-adds of the direct convolution, twice, over the time; Winograd's can pass the adapter's limit.
 * What is done once in an inference plan (packing and transforming weights) is not in the forward pass's time.
 */
import { openGpu } from "../src/gpu/device.ts";
import { buildPlan, type Plan } from "../src/gpu/plan.ts";
import { Recorder } from "../src/gpu/recorder.ts";
import { conv2d } from "../src/ops/conv2d.ts";
import { geometry } from "../src/ops/conv2d_geometry.ts";
import {
  CONV_ROLES,
  CONV_VARIANTS,
  type ConvLayer,
  type ConvRole,
  type ConvVariant,
  settledVariant,
  variantCandidates,
} from "../src/ops/conv2d_variant.ts";
import { ParameterSet } from "../src/ops/parameter.ts";
import { conv2dBenchCases, type Conv2dCase, conv2dName } from "../tests/cases/conv2d.ts";
import { recordRole } from "./one_role.ts";
import { uniform } from "./random.ts";
import { readArguments } from "../tools/arguments.ts";

/** A case is timed so often, after one run that is not counted; the least counts. */
const RUNS = 6;

const { values } = readArguments(
  "deno run -A --lock=deno.dev.lock bench/conv2d_variants.ts [--full] [--variant NAME,…] [--json]",
  {
    options: { full: { type: "boolean" }, json: { type: "boolean" }, variant: { type: "string" } },
  },
);
const asked = values.variant?.split(",") as ConvVariant[] | undefined;
const unknown = asked?.find((name) => !CONV_VARIANTS.includes(name));
if (unknown !== undefined) {
  console.error(`--variant takes ${CONV_VARIANTS.join(", ")}, got ${unknown}`);
  Deno.exit(2);
}
using gpu = await openGpu();

/** Records one role of a layer alone. */
async function planOf(item: Conv2dCase, role: ConvRole, variant: ConvVariant): Promise<[Plan, ConvLayer]> {
  const { batch, height, width, kernel, stride, inChannels, outChannels, upsampled } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: [kernel, kernel, fanIn, outChannels], sources: inChannels },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  parameters.upload(
    new Map([
      ["conv.weight", uniform([kernel, kernel, fanIn, outChannels])],
      ["conv.bias", uniform([outChannels])],
    ]),
  );
  const rec = new Recorder({ training: role !== "forward" });
  const inputs = inChannels.map((channels, i) => {
    const factor = upsampled && i === 0 ? 2 : 1;
    return rec.input(`x${i}`, [batch, height / factor, width / factor, channels]);
  });
  const sources = inputs.map((x, i) => upsampled && i === 0 ? { upsampled: x } : x);
  const withoutGradient = new Set(role === "weight-gradient" ? inputs : []);
  const y = conv2d(rec, sources, parameters, { name: "conv", ...item }, { variant, withoutGradient });
  recordRole(rec, y, role);
  const plan = await buildPlan(gpu, rec);
  let seed = 0;
  for (const [name, { shape }] of rec.inputs) plan.write(name, uniform(shape, seed++));
  return [plan, { kernel, stride, ...geometry(sources, y) }];
}

/** Milliseconds of the least of some runs. */
async function time(plan: Plan): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const rows = await plan.profile();
    times.push(rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  }
  return Math.min(...times.slice(1));
}

const rows: { layer: string; role: ConvRole; variant: string; ms: number; gflops: number }[] = [];
for (const item of conv2dBenchCases[values.full ? "full" : "usual"]) {
  const { batch, height, width, stride, kernel, inChannels, outChannels } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const pixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
  const flops = 2 * pixels * kernel ** 2 * fanIn * outChannels;
  for (const role of CONV_ROLES) {
    const [first, layer] = await planOf(item, role, "naive");
    first[Symbol.dispose]();
    const auto = settledVariant("auto", gpu.adapter, layer, role);
    for (const variant of asked ?? variantCandidates(gpu.adapter, layer, role)) {
      const settled = settledVariant(variant, gpu.adapter, layer, role);
      const [plan] = await planOf(item, role, variant);
      const ms = await time(plan);
      plan[Symbol.dispose]();
      rows.push({ layer: conv2dName(item), role, variant: settled, ms, gflops: flops / ms / 1e6 });
      if (!values.json) {
        console.log(
          `${conv2dName(item)}, ${role}, ${settled}: ${ms.toFixed(3)} ms, ${
            (flops / ms / 1e6).toFixed(1)
          } GFLOP/s${settled === auto ? " (auto)" : ""}`,
        );
      }
    }
  }
}
const adapter = gpu.adapter.name;
console.log(values.json ? JSON.stringify({ adapter, rows }, undefined, 2) : `on ${adapter}`);
