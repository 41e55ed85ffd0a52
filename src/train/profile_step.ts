/** Where the time of a training step goes, kernel by kernel and layer by layer. */
import { Random } from "../base/random.ts";
import type { Gpu } from "../gpu/device.ts";
import { probeAdapter } from "../gpu/probe.ts";
import {
  type AdapterPeak,
  groupProfile,
  layerOf,
  medianProfile,
  type ProfileGroup,
  type ProfileRow,
} from "../gpu/profile.ts";
import { hasTimestamps } from "../gpu/timestamps.ts";
import { UserError } from "../base/errors.ts";
import { heInitialise } from "../nn/initialise.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";

/** A training step, taken apart. Shares add up to 1 over the kernels, and over the layers. */
export interface StepProfile {
  /** What the adapter can do at most, measured just before and after. */
  readonly peak: AdapterPeak;
  /** Of one step. */
  readonly dispatches: number;
  /** Of all kernels of a step, by the device's clock: for each dispatch the median over several steps. */
  readonly kernelMilliseconds: number;
  /** Of a step by the wall clock, several submitted one after the other: uploading the batch and the gaps between kernels included. */
  readonly wallMilliseconds: number;
  readonly kernels: readonly ProfileGroup[];
  readonly layers: readonly ProfileGroup[];
}

/** Steps that are timed, of each kind: at most so many, and none is begun after so many milliseconds. */
const MOST_STEPS = 15;
const BUDGET = 3000;

/**
 * Times the steps of a run on made-up patches, with weights of their own: what a kernel takes does not depend on the values.
 * @throws {UserError} where the adapter has no timestamp queries.
 */
export async function profileStep(gpu: Gpu, options: TrainerOptions): Promise<StepProfile> {
  if (!hasTimestamps(gpu)) {
    throw new UserError(
      `Cannot profile: ${gpu.adapter.name} has no timestamp queries; leave --profile out`,
    );
  }
  const before = await probeAdapter(gpu);
  using trainer = await Trainer.create(gpu, options);
  trainer.start(heInitialise(options.topology, 1));
  const { batch, patch, topology } = options;
  const random = new Random(1);
  const pixels = (side: number) =>
    Float32Array.from({ length: batch * side * side * topology.channels }, () => random.uniform());
  const patches = { input: pixels(patch), target: pixels(patch * topology.scale) };
  let step = 0;
  const adam = () => ({ step: ++step, learningRate: 1e-4 });
  // The first step compiles and touches memory for the first time.
  trainer.step(patches, adam());
  await trainer.look();

  const profiles: ProfileRow[][] = [];
  const end = performance.now() + BUDGET;
  do profiles.push(await trainer.profile(patches, adam())); while (
    profiles.length < MOST_STEPS && performance.now() < end
  );
  const rows = medianProfile(profiles);
  const kernelMilliseconds = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const steps = Math.max(2, Math.min(MOST_STEPS, Math.floor(BUDGET / Math.max(kernelMilliseconds, 1))));
  const start = performance.now();
  for (let i = 0; i < steps; i++) trainer.step(patches, adam());
  await trainer.look();
  const wallMilliseconds = (performance.now() - start) / steps;
  // What else the machine does can only lower what a probe finds.
  const after = await probeAdapter(gpu);
  const peak = {
    gflops: Math.max(before.gflops, after.gflops),
    gigabytesPerSecond: Math.max(before.gigabytesPerSecond, after.gigabytesPerSecond),
  };
  return {
    peak,
    dispatches: rows.length,
    kernelMilliseconds,
    wallMilliseconds,
    kernels: groupProfile(rows, ({ kernel }) => kernel, peak),
    layers: groupProfile(rows, layerOf, peak),
  };
}
