/** What `deno test` sums up at the end of a run, read from its output. */

/** How many tests passed, failed and were skipped. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The summary of a run; undefined if it printed none, because it did not get as far as running tests. */
export function readSummary(output: string): Summary | undefined {
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  const summary = [
    ...plain.matchAll(/^(?:ok|FAILED) \| (\d+) passed\b.*?\| (\d+) failed\b(?:.*?\| (\d+) ignored\b)?/gm),
  ];
  const last = summary.at(-1);
  if (last === undefined) return undefined;
  const [passed, failed, skipped] = last.slice(1).map((count) => Number(count ?? 0));
  return { passed, failed, skipped };
}

/** The line that closes several runs; undefined if one of them has no summary, or there was none. */
export function closingLine(runs: readonly (Summary | undefined)[]): string | undefined {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const run of runs) {
    if (run === undefined) return undefined;
    total.passed += run.passed;
    total.failed += run.failed;
    total.skipped += run.skipped;
  }
  if (runs.length === 0) return undefined;
  return `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ""}`;
}
