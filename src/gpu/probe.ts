/** What an adapter can do at most, measured by two short kernels: so that shares of the limit mean the same everywhere. */
import type { Gpu } from "./device.ts";
import { GpuOutOfMemoryError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { buildPlan, type Plan } from "./plan.ts";
import type { AdapterPeak } from "./profile.ts";
import { Recorder, vec4sOf } from "./recorder.ts";
import { timeOfRun } from "./stopwatch.ts";

export const probeFma: Kernel = {
  name: "probe_fma",
  params: ["count"],
  bindings: { work: "uniform", sink: "read_write" },
};
export const probeCopy: Kernel = {
  name: "probe_copy",
  params: ["count"],
  bindings: { source: "read", copy: "read_write" },
};

/** Operations of an invocation of probe_fma in a round: 64 multiply-adds of vec4s. */
const FLOPS_OF_ROUND = 64 * 4 * 2;
/** How long a probe should run to be timed well, milliseconds. */
const LONG_ENOUGH = 4;
/** For how long each probe is repeated, milliseconds. */
const BUDGET = 150;
/** More than the last cache of any adapter that we know holds; and what a software adapter copies in a few milliseconds. */
const COPIED_BYTES = { gpu: 128 << 20, software: 32 << 20 };

/** Probes an adapter, in a fraction of a second. @throws {GpuError} where it fails. */
export async function probeAdapter(gpu: Gpu): Promise<AdapterPeak> {
  return { gflops: await probeOperations(gpu), gigabytesPerSecond: await probeMemory(gpu) };
}

async function probeOperations(gpu: Gpu): Promise<number> {
  // Enough invocations to fill any GPU; on a processor a few for each core.
  const invocations = gpu.adapter.software ? 1 << 12 : 1 << 18;
  const rec = new Recorder({ training: false });
  const work = rec.scalars("work", 1);
  const sink = rec.tensor([invocations * 4], "sink", { layout: "flat" });
  rec.dispatch(probeFma, { work, sink }, { params: { count: invocations }, invocations });
  rec.output("work", work);
  using plan = await buildPlan(gpu, rec);
  let rounds = 4;
  for (;;) {
    plan.write("work", Float32Array.of(rounds, 0, 0, 0));
    const milliseconds = await timeOfRun(gpu, plan, "work", 0);
    if (milliseconds >= LONG_ENOUGH / 2 || rounds >= 1 << 20) break;
    rounds *= Math.ceil(Math.min(16, Math.max(2, LONG_ENOUGH / Math.max(milliseconds, 1e-3))));
  }
  return invocations * rounds * FLOPS_OF_ROUND / 1e6 / await timeOfRun(gpu, plan, "work", BUDGET);
}

async function probeMemory(gpu: Gpu): Promise<number> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const wanted = COPIED_BYTES[gpu.adapter.software ? "software" : "gpu"];
  for (let bytes = Math.min(wanted, maxBufferSize, maxStorageBufferBindingSize);; bytes /= 2) {
    try {
      const { plan, moved } = await copyPlan(gpu, Math.floor(bytes / 16) * 4);
      try {
        return moved / 1e6 / await timeOfRun(gpu, plan, "done", BUDGET);
      } finally {
        plan[Symbol.dispose]();
      }
    } catch (error) {
      if (!(error instanceof GpuOutOfMemoryError) || bytes < 1 << 20) throw error;
    }
  }
}

async function copyPlan(gpu: Gpu, floats: number): Promise<{ plan: Plan; moved: number }> {
  const rec = new Recorder({ training: false });
  const source = rec.tensor([floats], "source", { layout: "flat" });
  const copy = rec.tensor([floats], "copy", { layout: "flat" });
  const count = vec4sOf(source);
  rec.dispatch(probeCopy, { source, copy }, { params: { count }, invocations: count });
  // Something small to wait for.
  rec.output("done", rec.scalars("done", 1));
  return { plan: await buildPlan(gpu, rec), moved: source.bytes + copy.bytes };
}
