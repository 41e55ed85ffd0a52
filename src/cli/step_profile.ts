/** What `train --profile` prints. */
import type { ProfileGroup } from "../gpu/profile.ts";
import type { StepProfile } from "../train/profile_step.ts";

const COLUMNS = ["calls", "ms", "share", "GFLOP/s", "GB/s", "of limit"];

/** Two tables, by kernel and by layer, and what their columns mean; a line each. */
export function stepProfileLines(profile: StepProfile): string[] {
  const { peak, dispatches, kernelMilliseconds: kernels, wallMilliseconds: wall } = profile;
  const width = Math.max(...[...profile.kernels, ...profile.layers].map(({ name }) => name.length));
  const table = (title: string, groups: readonly ProfileGroup[]) => [
    line(width, title, COLUMNS),
    ...groups.map((group) => line(width, group.name, cells(group))),
  ];
  return [
    ...table("kernel", profile.kernels),
    "",
    ...table("layer", profile.layers),
    "",
    `A step: ${dispatches} dispatches, ${kernels.toFixed(2)} ms of kernels, ${
      wall.toFixed(2)
    } ms by the wall clock (${
      (100 * kernels / wall).toFixed(0)
    } %): uploads and gaps included, reading photos not.`,
    `The limit was measured on this adapter just now, by two kernels: ${
      peak.gflops.toFixed(0)
    } GFLOP/s of multiply-adds, ${peak.gigabytesPerSecond.toFixed(1)} GB/s of copying.`,
    `A kernel's limit is the longer of its operations at that rate and its bytes at that rate. Operations are those of the plain`,
    `convolution, bytes each buffer's once: caches, or an algorithm that saves operations, can pass 100 %.`,
  ];
}

function cells(group: ProfileGroup): string[] {
  const { dispatches, milliseconds, share, gflops, gigabytesPerSecond, limit } = group;
  return [
    String(dispatches),
    milliseconds.toFixed(3),
    `${(100 * share).toFixed(1)} %`,
    gflops > 0 ? gflops.toFixed(1) : "–",
    gigabytesPerSecond.toFixed(2),
    `${(100 * limit).toFixed(0)} %`,
  ];
}

function line(width: number, name: string, values: readonly string[]): string {
  return [name.padEnd(width), ...values.map((value) => value.padStart(9))].join(" ");
}
