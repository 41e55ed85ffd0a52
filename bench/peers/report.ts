/** Joins our figures with PyTorch's. */

export interface OurFigures {
  readonly name: string;
  readonly ms: number;
  readonly gflops: number;
  readonly peakBytes?: number;
}

/** What torch_unet.py prints. */
export interface TorchReport {
  readonly device: string;
  readonly torch: string;
  readonly threads: number;
  readonly checks: readonly { readonly name: string; readonly difference: number }[];
  readonly cases: readonly {
    readonly name: string;
    readonly precision: string;
    readonly ms: number;
    readonly gflops: number;
    readonly peak_bytes?: number;
  }[];
  readonly skipped: readonly { readonly name: string; readonly precision: string; readonly why: string }[];
}

/** Figures of PyTorch in one precision, and how ours stand to them. */
export interface TorchFigures {
  readonly ms: number;
  readonly gflops: number;
  readonly peak_bytes?: number;
  /** PyTorch's time to ours: above 1 where ours is faster. */
  readonly ratio: number;
  /** Our bytes to PyTorch's: below 1 where ours takes less. */
  readonly memory_ratio?: number;
}

export interface PeerReport {
  readonly adapter: string;
  readonly torch: { readonly device: string; readonly version: string; readonly threads: number };
  readonly checks: TorchReport["checks"];
  readonly cases: readonly {
    readonly name: string;
    readonly ours_ms: number;
    readonly ours_gflops: number;
    readonly ours_bytes?: number;
    readonly torch: Readonly<Record<string, TorchFigures>>;
  }[];
  readonly skipped: TorchReport["skipped"];
}

/** One report of both, case by case. */
export function joined(adapter: string, ours: readonly OurFigures[], theirs: TorchReport): PeerReport {
  return {
    adapter,
    torch: { device: theirs.device, version: theirs.torch, threads: theirs.threads },
    checks: theirs.checks,
    cases: ours.map(({ name, ms, gflops, peakBytes }) => ({
      ...{ name, ours_ms: ms, ours_gflops: gflops },
      ...(peakBytes && { ours_bytes: peakBytes }),
      torch: Object.fromEntries(
        theirs.cases.filter((their) => their.name === name).map((their): [string, TorchFigures] => [
          their.precision,
          {
            ...{ ms: their.ms, gflops: their.gflops, ratio: their.ms / ms },
            ...(peakBytes && their.peak_bytes &&
              { peak_bytes: their.peak_bytes, memory_ratio: peakBytes / their.peak_bytes }),
          },
        ]),
      ),
    })),
    skipped: theirs.skipped,
  };
}

/** The report as a Markdown table, a row a case and precision. */
export function table({ adapter, torch, checks, cases, skipped }: PeerReport): string {
  const megabytes = (bytes?: number) => bytes === undefined ? "" : `${(bytes / 1e6).toFixed(1)} MB`;
  const worst = Math.max(...checks.map(({ difference }) => difference));
  const rows = cases.flatMap(({ name, ours_ms, ours_gflops, ours_bytes, torch }) =>
    Object.entries(torch).map(([precision, their]) =>
      [
        ...[name, precision, `${ours_ms.toFixed(2)} ms, ${ours_gflops.toFixed(1)} GFLOP/s`],
        ...[`${their.ms.toFixed(2)} ms, ${their.gflops.toFixed(1)} GFLOP/s`, their.ratio.toFixed(2)],
        ...[megabytes(their.peak_bytes && ours_bytes), megabytes(their.peak_bytes)],
      ].join(" | ")
    )
  );
  return [
    `Ours on ${adapter}; PyTorch ${torch.version} on ${torch.device}, ${torch.threads} threads. Values differ by ${
      worst.toExponential(1)
    } of the largest at most.`,
    "",
    "| case | PyTorch's precision | ours (f32) | PyTorch | times as fast as it | memory | PyTorch's |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    ...skipped.map(({ name, precision, why }) => `\n${name}, ${precision}: not measured (${why})`),
  ].join("\n");
}
