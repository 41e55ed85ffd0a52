/** Times compute passes on the device's own clock. */
import type { Gpu } from "./device.ts";
import { GpuError } from "./errors.ts";

/** WebGPU's limit of a query set is 4,096, two of which each pass takes. */
const MAX_PASSES = 2048;
/** How far apart the two marks are by which the device's clock is held against ours, milliseconds. */
const CALIBRATION = 60;

/** Nanoseconds of a tick, of each device whose clock was looked at. */
const ticks = new WeakMap<Gpu, Promise<number>>();

/** Whether the device has a clock to ask. */
export function hasTimestamps(gpu: Gpu): boolean {
  return gpu.device.features.has("timestamp-query");
}

/**
 * Runs each of `passes` in a compute pass of its own, in order, waits for them, and gives the nanoseconds that each took.
 * @throws {GpuError} where the adapter has no timestamp queries.
 */
export async function timePasses(
  gpu: Gpu,
  passes: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<number[]> {
  if (!hasTimestamps(gpu)) throw new GpuError("Cannot profile: the adapter has no timestamp queries");
  const length = await nanosecondsOfTick(gpu);
  const times: number[] = [];
  for (let first = 0; first < passes.length; first += MAX_PASSES) {
    const marks = await marksOf(gpu, passes.slice(first, first + MAX_PASSES));
    // A clock that is set back in between, which drivers may do, would give a negative time.
    for (let i = 0; i < marks.length; i += 2) {
      times.push(Math.max(0, Number(marks[i + 1] - marks[i]) * length));
    }
  }
  return times;
}

/** The device's clock before and after each pass. */
async function marksOf(
  gpu: Gpu,
  passes: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<BigUint64Array> {
  const { device } = gpu;
  const count = passes.length * 2;
  const querySet = device.createQuerySet({ type: "timestamp", count });
  const resolved = gpu.buffer(
    "timestamps",
    count * 8,
    GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  );
  const staging = gpu.buffer(
    "read timestamps",
    count * 8,
    GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  );
  try {
    const encoder = device.createCommandEncoder();
    passes.forEach((encode, index) => {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: index * 2,
          endOfPassWriteIndex: index * 2 + 1,
        },
      });
      encode(pass);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, count * 8);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    gpu.check();
    return new BigUint64Array(staging.getMappedRange(0, count * 8).slice(0));
  } finally {
    for (const buffer of [resolved, staging]) gpu.release(buffer);
    querySet.destroy();
  }
}

/**
 * WebGPU's timestamps are nanoseconds, but a runtime may hand out the device's ticks as they are (https://github.com/gfx-rs/wgpu/issues/6719),
 * which are 10 ns on AMD and 52 or 83 on Intel: so the clock is held against ours once.
 */
function nanosecondsOfTick(gpu: Gpu): Promise<number> {
  let known = ticks.get(gpu);
  if (!known) ticks.set(gpu, known = measureTick(gpu));
  return known;
}

async function measureTick(gpu: Gpu): Promise<number> {
  const mark = async () => {
    const now = performance.now();
    const [start] = await marksOf(gpu, [() => {}]);
    return { now, start };
  };
  await mark(); // The first pass of a device may take its time to begin.
  const before = await mark();
  await new Promise((resolve) => setTimeout(resolve, CALIBRATION));
  const after = await mark();
  return tickLength(Number(after.start - before.start), (after.now - before.now) * 1e6);
}

/** Nanoseconds of a tick: 1 where the clocks agree as far as such a short while shows, else what was measured. */
export function tickLength(counted: number, nanoseconds: number): number {
  const ratio = nanoseconds / counted;
  return counted > 0 && (ratio < 0.5 || ratio > 2) ? ratio : 1;
}
