/** Where the time of a plan goes: rows of `Plan.profile()`, their medians, and sums by kernel or by layer. */
import type { Dispatch } from "./dispatch.ts";
import { rangeOf } from "./recorder.ts";

/** One dispatch of a plan. */
export interface ProfileRow {
  /** Who recorded it: `enc1a/conv2d_tile8`, with `.grad` behind the layer on the way back. */
  readonly label: string;
  readonly kernel: string;
  readonly milliseconds: number;
  /** Floating-point operations that the mathematics asks for, a multiply-add counted as two; 0 where only bytes count. */
  readonly flops: number;
  /** What has to be moved at least, see `bytesOf`. */
  readonly bytes: number;
}

/** Measured limits of an adapter. */
export interface AdapterPeak {
  /** 10⁹ floating-point operations a second of f32 multiply-adds in registers, each counted as two. */
  readonly gflops: number;
  /** 10⁹ bytes a second, read and written together, of copying a large buffer. */
  readonly gigabytesPerSecond: number;
}

/** Sums over the dispatches of one kernel, or of one layer. */
export interface ProfileGroup {
  readonly name: string;
  readonly dispatches: number;
  readonly milliseconds: number;
  /** Of the time of all dispatches, 0..1. */
  readonly share: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  /** Share of the adapter's limit, see `limitOf`. */
  readonly limit: number;
}

/** Bytes of the ranges that a dispatch binds, each counted once, and twice where it adds to or updates what was there. */
export function bytesOf({ kernel, bindings, params }: Dispatch): number {
  const adds = params.some(({ accumulate = 0 }) => accumulate !== 0);
  return Object.entries(bindings).reduce((sum, [name, binding]) => {
    const twice = kernel.bindings[name] === "read_write" && (adds || kernel.updates?.includes(name));
    return sum + rangeOf(binding).size * (twice ? 2 : 1);
  }, 0);
}

/** The median time of each dispatch over several profiles of one plan. */
export function medianProfile(profiles: readonly (readonly ProfileRow[])[]): ProfileRow[] {
  return profiles[0].map((row, index) => {
    const times = profiles.map((rows) => rows[index].milliseconds).sort((a, b) => a - b);
    return { ...row, milliseconds: times[Math.floor(times.length / 2)] };
  });
}

/** Sums the rows that have the same name, the slowest group first. */
export function groupProfile(
  rows: readonly ProfileRow[],
  nameOf: (row: ProfileRow) => string,
  peak: AdapterPeak,
): ProfileGroup[] {
  const groups = new Map<string, ProfileRow[]>();
  for (const row of rows) {
    const name = nameOf(row);
    groups.set(name, [...groups.get(name) ?? [], row]);
  }
  const total = sum(rows, "milliseconds");
  return [...groups].map(([name, members]): ProfileGroup => {
    const milliseconds = sum(members, "milliseconds");
    const [flops, bytes] = [sum(members, "flops"), sum(members, "bytes")];
    return {
      name,
      dispatches: members.length,
      milliseconds,
      share: ratio(milliseconds, total),
      gflops: ratio(flops / 1e6, milliseconds),
      gigabytesPerSecond: ratio(bytes / 1e6, milliseconds),
      limit: ratio(members.reduce((least, row) => least + limitOf(row, peak), 0), milliseconds),
    };
  }).sort((a, b) => b.milliseconds - a.milliseconds);
}

/**
 * The milliseconds below which the adapter cannot do a dispatch (the roofline of Williams, Waterman and Patterson 2009): its operations
 * at the measured rate of multiply-adds, or its bytes at the measured rate of copying, whichever takes longer.
 */
function limitOf({ flops, bytes }: Pick<ProfileRow, "flops" | "bytes">, peak: AdapterPeak): number {
  return Math.max(flops / peak.gflops, bytes / peak.gigabytesPerSecond) / 1e6;
}

/** The layer of a row: what recorded it, forward (`enc1a`) and on the way back (`enc1a.grad`) apart. */
export function layerOf({ label }: ProfileRow): string {
  return label.split("/")[0];
}

function sum(rows: readonly ProfileRow[], field: "milliseconds" | "flops" | "bytes"): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

function ratio(value: number, by: number): number {
  return by > 0 ? value / by : 0;
}
