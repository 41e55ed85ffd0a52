/** Markdown tables of what `tools/gpu_session.ts` measured. */
import { type PeerReport, table } from "../../bench/peers/report.ts";

/** What `clairnet doctor --json` prints, as far as it is shown here. */
interface Doctor {
  readonly runtime: string;
  readonly system: string;
  readonly adapter?: { readonly name: string; readonly features: readonly string[] };
}

/** What `bench/compare.ts --json` prints. */
export interface CompareReport {
  readonly adapter: string;
  /** What the adapter can do at most. */
  readonly peak?: { readonly gflops: number; readonly gigabytesPerSecond: number };
  readonly cases: readonly {
    readonly name: string;
    readonly error?: string;
    readonly ours_ms?: number;
    readonly tfjs_ms?: number;
    readonly ratio?: number;
    readonly ours_gflops?: number;
    readonly ours_share?: number;
    readonly ours_bytes?: number;
    readonly tfjs_bytes?: number;
    readonly memory_ratio?: number;
  }[];
}

/** What `clairnet train --profile --json` prints, as far as it is shown here. */
export interface ProfileReport {
  readonly adapter: string;
  readonly profile?: {
    readonly peak: { readonly gflops: number; readonly gigabytesPerSecond: number };
    readonly dispatches: number;
    readonly kernelMilliseconds: number;
    readonly wallMilliseconds: number;
    readonly kernels: readonly {
      readonly name: string;
      readonly dispatches: number;
      readonly milliseconds: number;
      readonly share: number;
      readonly gflops: number;
      readonly gigabytesPerSecond: number;
      readonly limit: number;
    }[];
  };
}

/** What `bench/half.ts --json` prints. */
export interface HalfReport {
  readonly adapter: string;
  readonly model: string;
  readonly rows: readonly {
    readonly side: number;
    readonly precision: "f32" | "f16";
    readonly variant: string;
    readonly ms: number;
    readonly bytes: number;
    readonly psnr: number | null;
  }[];
  readonly steps: readonly {
    readonly batch: number;
    readonly patch: number;
    readonly precision: "f32" | "f16";
    readonly ms: number;
    readonly bytes: number;
  }[];
}

/** What `bench/conv2d_variants.ts --json` prints. */
export interface VariantsReport {
  readonly adapter: string;
  readonly rows: readonly {
    readonly layer: string;
    readonly role: string;
    readonly variant: string;
    readonly ms: number;
    readonly gflops: number;
  }[];
}

/** All results of a folder; parts that are not there are left out. */
export async function sessionReport(folder: string): Promise<string> {
  const [doctor, compare, torch, profile, half, variants] = await Promise.all(
    ["doctor", "compare", "torch", "profile", "half", "variants"].map((part) =>
      readJson(`${folder}/${part}.json`)
    ),
  );
  const [speed, tests] = await Promise.all(
    ["profile", "tests"].map((part) => Deno.readTextFile(`${folder}/${part}.log`).catch(() => "")),
  );
  return [
    ...(doctor ? [doctorLine(doctor as Doctor)] : []),
    ...(compare ? ["## Against tfjs", compareTable(compare as CompareReport)] : []),
    ...(torch ? ["## Beside PyTorch", table(torch as PeerReport)] : []),
    ...(profile ? ["## A training step by kernel", profileTable(profile as ProfileReport, speed)] : []),
    ...(variants ? ["## Versions of the convolution", variantsTable(variants as VariantsReport)] : []),
    ...(half ? ["## f16 against f32", halfTable(half as HalfReport)] : []),
    ...(tests ? ["## Tests", testsLine(tests)] : []),
  ].join("\n\n") + "\n";
}

async function readJson(path: string): Promise<unknown> {
  const text = await Deno.readTextFile(path).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function doctorLine({ runtime, system, adapter }: Doctor): string {
  if (!adapter) return `${runtime} on ${system}: no adapter.`;
  return `${runtime} on ${system}: ${adapter.name} (${adapter.features.join(", ")}).`;
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const heading = (cells: readonly string[]) => [row(cells), row(cells.map(() => "---"))];
const percent = (share: number | undefined) => share === undefined ? "" : `${(100 * share).toFixed(0)} %`;
const megabytes = (bytes: number | undefined) => bytes === undefined ? "" : `${(bytes / 1e6).toFixed(0)} MB`;
const figure = (value: number) => value >= 100 ? value.toFixed(0) : value.toPrecision(3);
const milliseconds = (ms: number | undefined) => ms === undefined ? "" : `${figure(ms)} ms`;

/** The comparison with tfjs as a Markdown table. */
export function compareTable({ adapter, peak, cases }: CompareReport): string {
  return [
    `${adapter}${
      peak ? `; limit ${peak.gflops.toFixed(0)} GFLOP/s, ${peak.gigabytesPerSecond.toFixed(0)} GB/s` : ""
    }`,
    "",
    ...heading([
      "case",
      "ours",
      "GFLOP/s",
      "of the limit",
      "tfjs",
      "times as fast",
      "memory: ours, tfjs, share",
    ]),
    ...cases.map((measured) => {
      const { name, error, ours_ms, ours_gflops, ours_share, tfjs_ms, ratio } = measured;
      if (error) return row([name, error, "", "", "", "", ""]);
      const { ours_bytes, tfjs_bytes, memory_ratio } = measured;
      const memory = [megabytes(ours_bytes), megabytes(tfjs_bytes), percent(memory_ratio)];
      return row([
        ...[
          name,
          milliseconds(ours_ms),
          ours_gflops === undefined ? "" : figure(ours_gflops),
          percent(ours_share),
        ],
        ...[milliseconds(tfjs_ms), ratio?.toFixed(1) ?? "", memory.filter(Boolean).join(", ")],
      ]);
    }),
  ].join("\n");
}

/** Every version of the convolution as a Markdown table, a row a layer and role, the fastest first. */
export function variantsTable({ adapter, rows }: VariantsReport): string {
  const groups = Map.groupBy(rows, ({ layer, role }) => row([layer, role]).slice(0, -2));
  return [
    `${adapter}: milliseconds, and GFLOP/s of the direct convolution.`,
    "",
    ...heading(["layer", "role", "versions, the fastest first"]),
    ...[...groups].map(([start, members]) => {
      const versions = members.toSorted((a, b) => a.ms - b.ms).map(({ variant, ms, gflops }) =>
        `\`${variant}\` ${milliseconds(ms)}, ${figure(gflops)}`
      );
      return `${start} | ${versions.join("; ")} |`;
    }),
  ].join("\n");
}

/** A forward pass, and a training step, in f32 and in f16 as Markdown tables. */
export function halfTable({ adapter, model, rows, steps }: HalfReport): string {
  return [
    `${adapter}: forward pass of the model \`${model}\`.`,
    "",
    ...heading([
      "tile",
      "stored as",
      "kernels",
      "time",
      "times as fast as f32 by default",
      "memory",
      "PSNR to it",
    ]),
    ...rows.map(({ side, precision, variant, ms, bytes, psnr }) => {
      const base = rows.find((other) =>
        other.side === side && other.precision === "f32" && other.variant === "auto"
      );
      return row([
        ...[`${side}×${side}`, precision, `\`${variant}\``, milliseconds(ms)],
        ...[base ? (base.ms / ms).toFixed(2) : "", `${(bytes / 1e6).toFixed(1)} MB`],
        psnr === null ? "" : `${psnr.toFixed(1)} dB`,
      ]);
    }),
    "",
    "A training step:",
    "",
    ...heading(["patches", "stored as", "time", "times as fast as f32", "memory"]),
    ...steps.map(({ batch, patch, precision, ms, bytes }) => {
      const base = steps.find((other) => other.precision === "f32");
      return row([
        ...[`${batch} of ${patch}×${patch}`, precision, milliseconds(ms)],
        ...[base ? (base.ms / ms).toFixed(2) : "", `${(bytes / 1e6).toFixed(1)} MB`],
      ]);
    }),
  ].join("\n");
}

/** The profile of a training step as a Markdown table. @param log what the training said: its last line has the speed. */
export function profileTable({ adapter, profile }: ProfileReport, log: string): string {
  const speed = [...log.matchAll(/([\d.]+) steps\/s/g)].at(-1)?.[1];
  const lines = speed
    ? [`${adapter}: ${speed} steps a second with the preparation of the patches.`, ""]
    : [adapter, ""];
  if (!profile) return lines.join("\n");
  const { peak, dispatches, kernelMilliseconds, wallMilliseconds, kernels } = profile;
  return [
    ...lines,
    `A step takes ${wallMilliseconds.toFixed(2)} ms, ${
      kernelMilliseconds.toFixed(2)
    } of them in its ${dispatches} dispatches; limit ${peak.gflops.toFixed(0)} GFLOP/s, ${
      peak.gigabytesPerSecond.toFixed(0)
    } GB/s.`,
    "",
    ...heading(["kernel", "dispatches", "ms", "share", "GFLOP/s", "GB/s", "of the limit"]),
    ...kernels.map(({ name, dispatches, milliseconds, share, gflops, gigabytesPerSecond, limit }) =>
      row([
        ...[`\`${name}\``, String(dispatches), milliseconds.toFixed(3), percent(share), gflops.toFixed(0)],
        ...[gigabytesPerSecond.toFixed(0), percent(limit)],
      ])
    ),
  ].join("\n");
}

/** What deno test says last, and the tests that failed. */
function testsLine(log: string): string {
  const summary = log.match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1) ?? "the tests did not come to their end";
  const failed = new Set([...log.matchAll(/^(.*) \.\.\. FAILED/gm)].map(([, name]) => name));
  return [summary, ...[...failed].map((name) => `- ${name}`)].join("\n");
}
