/**
 * Ours beside PyTorch on the same machine, same shapes, same weights:
 * `deno run -A bench/peers/run.ts [--quick | --full | --tiny] [--python python3] [--device cuda|cpu] [--precisions LIST] [--json]`
 *
 * Sizes as in `bench/compare.ts`. Ours is timed first, then torch_unet.py, which checks PyTorch's values against ours before it times
 * anything. `--json` prints `{adapter, torch: {device, version, threads}, checks, cases: [{name, ours_ms, ours_gflops, ours_bytes?, torch:
 * {PRECISION: {ms, gflops, peak_bytes?, ratio, memory_ratio?}}}], skipped}`; `ratio` is PyTorch's time to ours, `memory_ratio` our bytes
 * to PyTorch's.
 *
 * Told to end (SIGTERM) while PyTorch is measured, it reports the cases that there are.
 *
 * `--keep FOLDER` keeps what the two share; `--write FOLDER` does no more than write it, for `python3 torch_unet.py FOLDER` elsewhere.
 */
import { fileURLToPath } from "node:url";
import { openAdapter } from "../adapter.ts";
import { type Cases, type OurCase, ourConvCases, ourUnetCases } from "../our_cases.ts";
import { SHAPES, type Size, type TimedShape } from "../shapes.ts";
import { timeInTurns, TIMING } from "../timing.ts";
import { exportCases, listCases } from "./export_cases.ts";
import { joined, type OurFigures, table, type TorchReport } from "./report.ts";
import { readArguments } from "../../tools/arguments.ts";
import { endsWithUs } from "../../tools/ends_with_us.ts";

const { values } = readArguments(
  "deno run -A bench/peers/run.ts [--quick | --full | --tiny] [--python python3] [--device cuda|cpu] [--precisions LIST] [--keep FOLDER | --write FOLDER] [--json]",
  {
    options: {
      quick: { type: "boolean" },
      full: { type: "boolean" },
      tiny: { type: "boolean" },
      json: { type: "boolean" },
      python: { type: "string", default: "python3" },
      device: { type: "string" },
      precisions: { type: "string" },
      keep: { type: "string" },
      write: { type: "string" },
    },
  },
);
const size: Size = values.tiny ? "tiny" : values.full ? "full" : values.quick ? "quick" : "usual";
const shapes = SHAPES[size];
// Before anything is measured: on a machine that is lent that time would be lost.
if (!values.write && !await hasTorch(values.python)) {
  console.error(`${values.python} has no PyTorch: name a Python that has it with --python`);
  Deno.exit(1);
}
const { gpu } = await openAdapter();
const folder = values.write ?? values.keep ?? await Deno.makeTempDir({ prefix: "clairnet-peers-" });

const ours: OurFigures[] = [];
const listed = [];
for (const what of [...shapes.convs, ...shapes.unets]) {
  using made = await casesOf(what);
  listed.push(...listCases(made.cases, what));
  if (values.write) continue;
  for (const work of made.cases) {
    const { name, flops, peakBytes } = work;
    const [ms] = await timeInTurns([work], TIMING[size]);
    console.error(`${name}, ours: ${ms.toFixed(2)} ms`);
    ours.push({ name, ms, gflops: flops / ms / 1e6, peakBytes });
  }
}
await exportCases(gpu, folder, shapes, listed);
if (values.write) Deno.exit(0);

const child = new Deno.Command(values.python, {
  args: [
    fileURLToPath(new URL("torch_unet.py", import.meta.url)),
    folder,
    ...(size === "tiny" ? ["--quick"] : []),
    ...(values.device ? ["--device", values.device] : []),
    ...(values.precisions ? ["--precisions", values.precisions] : []),
  ],
  stdout: "piped",
  stderr: "inherit",
}).spawn();
// Told to end, it prints what it has.
using _ends = endsWithUs(child);
const { code, stdout } = await child.output();
if (!values.keep) await Deno.remove(folder, { recursive: true });
if (code !== 0) Deno.exit(code);
const report = joined(gpu.adapter.name, ours, JSON.parse(new TextDecoder().decode(stdout)) as TorchReport);
console.log(values.json ? JSON.stringify(report, undefined, 2) : table(report));

async function hasTorch(python: string): Promise<boolean> {
  try {
    return (await new Deno.Command(python, { args: ["-c", "import torch"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function casesOf(what: TimedShape): Promise<Cases<OurCase>> {
  if ("widths" in what) return ourUnetCases(gpu, what.widths, what.shape);
  return ourConvCases(gpu, what.shape, what.outChannels);
}
