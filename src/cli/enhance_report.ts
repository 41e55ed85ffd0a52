/** What `clairnet enhance` says: what it left out, what became of each photo and of all, where the time went. */
import type { FileResult } from "../batch/files.ts";
import { type StageClock, STAGES } from "../batch/stage_clock.ts";
import { displayName } from "../base/display_name.ts";
import { countByExtension } from "../image/formats.ts";
import { complain, styled } from "./messages.ts";
import { duration } from "./terminal.ts";

/** Said of an output that exists: only names are compared. */
const MADE = "made with these or other options";

/** What folders hold and is not enhanced, by path. */
export interface LeftOut {
  /** Photos of formats that cannot be read. */
  readonly foreign: readonly string[];
  /** Results of earlier runs. */
  readonly earlier: readonly string[];
  /** Links to folders. */
  readonly linked: readonly string[];
}

/** A line for each kind of thing that was left out. */
export function leftOut({ foreign, earlier, linked }: LeftOut): string[] {
  const lines: string[] = [];
  if (foreign.length > 0) {
    const kinds = countByExtension(foreign);
    lines.push(`Left out, because they cannot be read: ${kinds} (convert them to JPEG or TIFF)`);
  }
  if (earlier.length === 1) {
    const name = displayName(earlier[0]);
    lines.push(`Left out ${name}, the result of an earlier run (name it to enhance it again)`);
  } else if (earlier.length > 1) {
    const all = `${earlier.length} results of earlier runs, the first ${displayName(earlier[0])}`;
    lines.push(`Left out ${all} (name one to enhance it again)`);
  }
  if (linked.length === 1) {
    lines.push(`Left out ${displayName(linked[0])}, a link to a folder (name it to take it in)`);
  } else if (linked.length > 1) {
    const all = `${linked.length} links to folders, the first ${displayName(linked[0])}`;
    lines.push(`Left out ${all} (name one to take it in)`);
  }
  return lines;
}

/** The end of a batch: how many photos became what, and again which failed: between hundreds of other lines nobody sees them. */
export function summary(results: readonly FileResult[], seconds: number): string[] {
  const count = (status: FileResult["status"]) => results.filter((result) => result.status === status).length;
  const skipped = count("skipped")
    ? `, ${
      count("skipped")
    } skipped (their output exists, ${MADE}: --overwrite redoes them, another -o keeps both)`
    : "";
  return [
    `${count("done")} of ${results.length} photos done in ${duration(seconds)}${skipped}, ${
      count("failed")
    } failed`,
    ...results.filter(({ status }) => status === "failed").map(({ error }) => `  failed: ${error}`),
  ];
}

/** Prints where the time went; stages of different photos overlap. */
export function printProfile(clock: StageClock): void {
  const { seconds, busy } = clock;
  const total = STAGES.reduce((sum, stage) => sum + (seconds[stage] ?? 0), 0);
  for (const stage of STAGES) {
    const spent = seconds[stage] ?? 0;
    const share = total > 0 ? 100 * spent / total : 0;
    console.error(`${stage.padEnd(9)}${spent.toFixed(3).padStart(10)} s ${share.toFixed(1).padStart(6)} %`);
  }
  if (busy !== undefined) {
    console.error(
      `The device was at work ${(100 * busy).toFixed(1)} % of the time between first and last tile.`,
    );
  }
}

/** Says what became of a photo. @param single whether it is the only one of the call. */
export function reportPhoto(
  result: FileResult,
  say: (line: string) => void,
  { single, verbose }: { single: boolean; verbose: boolean },
): void {
  const { status, seconds, width, height, notes, compare, error } = result;
  const [input, output] = [displayName(result.input), displayName(result.output)];
  // With --verbose it has been said already, with all that is known about it.
  if (status === "failed") verbose || complain(error!);
  else if (status === "skipped") {
    // Among several, the summary says what to do.
    const hint = single ? ` (${MADE}: --overwrite redoes it, -o keeps both)` : "";
    say(`${input}: skipped, ${output} exists${hint}`);
  } else {
    say(`${input} → ${output} (${width}×${height}, ${seconds.toFixed(1)} s)`);
    if (compare) say(`  before and after: ${displayName(compare)}`);
  }
  for (const note of notes) say(`  ${styled("yellow", "note:")} ${note}`);
}
