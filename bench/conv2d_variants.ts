/**
 * Every version of the convolution kernels on this adapter, layer by layer and role by role, by timestamps:
 * `deno run -A --lock=deno.dev.lock bench/conv2d_variants.ts [--full] [--variant NAME,…] [--json]`
 * `--full` takes layers for a discrete GPU. `--json` prints `{adapter, rows: [{layer, role, variant, ms, gflops}]}`.
 * GFLOP/s are effective: multiply-adds of the direct convolution, twice, over the time; Winograd's can pass the adapter's limit.
 * Each row is also said as it comes, on standard error where `--json` has the other; so is a version that fails, which costs none of the
 * others, and exit code 1. Told to end (SIGTERM), it prints the rows that it has.
 * What is done once in an inference plan (packing and transforming weights) is not in the forward pass's time.
 */
import { oneLine } from "../src/base/errors.ts";
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
import { printWhenStopped } from "./stopped.ts";
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
function record(
  item: Conv2dCase,
  role: ConvRole,
  variant: ConvVariant,
  parameters: ParameterSet,
): [Recorder, ConvLayer] {
  const { batch, height, width, kernel, stride, inChannels, upsampled } = item;
  const rec = new Recorder({ training: role !== "forward" });
  const inputs = inChannels.map((channels, i) => {
    const factor = upsampled && i === 0 ? 2 : 1;
    return rec.input(`x${i}`, [batch, height / factor, width / factor, channels]);
  });
  const sources = inputs.map((x, i) => upsampled && i === 0 ? { upsampled: x } : x);
  const withoutGradient = new Set(role === "weight-gradient" ? inputs : []);
  const y = conv2d(rec, sources, parameters, { name: "conv", ...item }, { variant, withoutGradient });
  recordRole(rec, y, role);
  return [rec, { kernel, stride, ...geometry(sources, y) }];
}

function parametersOf({ kernel, inChannels, outChannels }: Conv2dCase): ParameterSet {
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const shape = [kernel, kernel, fanIn, outChannels];
  const parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape, sources: inChannels },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  parameters.upload(new Map([["conv.weight", uniform(shape)], ["conv.bias", uniform([outChannels])]]));
  return parameters;
}

/** Milliseconds of a layer in a role, by a version. */
async function measured(item: Conv2dCase, role: ConvRole, variant: ConvVariant): Promise<number> {
  using parameters = parametersOf(item);
  const [rec] = record(item, role, variant, parameters);
  using plan = await buildPlan(gpu, rec);
  let seed = 0;
  for (const [name, { shape }] of rec.inputs) plan.write(name, uniform(shape, seed++));
  return await time(plan);
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
const adapter = gpu.adapter.name;
const report = () => JSON.stringify({ adapter, rows }, undefined, 2);
if (values.json) printWhenStopped(report);
for (const item of conv2dBenchCases[values.full ? "full" : "usual"]) {
  const { batch, height, width, stride, kernel, inChannels, outChannels } = item;
  const fanIn = inChannels.reduce((sum, channels) => sum + channels, 0);
  const pixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
  const flops = 2 * pixels * kernel ** 2 * fanIn * outChannels;
  using parameters = parametersOf(item);
  for (const role of CONV_ROLES) {
    const [, layer] = record(item, role, "naive", parameters);
    const auto = settledVariant("auto", gpu.adapter, layer, role);
    for (const variant of asked ?? variantCandidates(gpu.adapter, layer, role)) {
      const settled = settledVariant(variant, gpu.adapter, layer, role);
      const what = `${conv2dName(item)}, ${role}, ${settled}`;
      try {
        const ms = await measured(item, role, variant);
        const gflops = flops / ms / 1e6;
        rows.push({ layer: conv2dName(item), role, variant: settled, ms, gflops });
        const line = `${what}: ${ms.toFixed(3)} ms, ${gflops.toFixed(1)} GFLOP/s`;
        (values.json ? console.error : console.log)(line + (settled === auto ? " (auto)" : ""));
      } catch (error) {
        console.error(`${what}: ${oneLine(error)}`);
        Deno.exitCode = 1;
      }
    }
  }
}
console.log(values.json ? report() : `on ${adapter}`);
