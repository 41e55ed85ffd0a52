/** An evaluation as a text table, a JSON document or a page. */
import { counted } from "../base/counted.ts";
import { displayName, withoutCommands } from "../base/display_name.ts";
import { oneLine } from "../base/errors.ts";
import { toJson } from "../base/json.ts";
import { type Comparison, type Evaluation, isHarmed, meanOf, type Scores } from "./evaluate.ts";

/** Column heads and how a score is written under each; the degraded photo's own scores are given for a restored one. */
const COLUMNS: readonly {
  readonly head: string;
  readonly text: (scores: Scores, degraded?: Scores) => string;
}[] = [
  { head: "MSE", text: ({ mse }) => mse.toFixed(2) },
  { head: "PSNR dB", text: ({ psnr }) => formatDecibels(psnr) },
  { head: "gain dB", text: ({ psnr }, degraded) => degraded ? gain(psnr, degraded.psnr) : "" },
  { head: "Y dB", text: ({ psnrY }) => Number.isFinite(psnrY) ? psnrY.toFixed(2) : "inf" },
  { head: "SSIM", text: ({ ssim }) => ssim.toFixed(4) },
  { head: "shift", text: ({ shift }) => shift.toFixed(2) },
];

/** What the columns and the mean are, in one line. */
export function explanationOf({ photos, restorers, mean }: Evaluation): string {
  const unharmed = photos.filter((photo) => !isHarmed(photo)).length;
  const left = unharmed === 0 || unharmed === photos.length
    ? ""
    : ` The mean PSNR leaves out ${unharmed} that the recipe did not harm.`;
  const exact = mean.restored.map(({ exact, psnr }, i) =>
    exact === undefined || psnr === Infinity
      ? ""
      : ` The mean PSNR of ${restorers[i]} leaves out ${exact} that came back exact, and so does its gain.`
  );
  return `PSNR over RGB, Y dB over luma; SSIM of luma; shift: largest mean change of a colour channel, in 1/255.${left}${
    exact.join("")
  }`;
}

/**
 * An aligned table: for each photo, and for the mean at the end, a row for the degraded one and one a restorer.
 * @returns lines joined by line feeds, without one at the end.
 */
export function formatTable(evaluation: Evaluation): string {
  const rows: string[][] = [["photo", "", ...COLUMNS.map(({ head }) => head)]];
  for (const { label, method, cells } of allRows(evaluation)) {
    rows.push([label && displayName(label), method, ...cells]);
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column]))));
  const lines = rows.map((row) =>
    row.map((cell, column) => {
      const blank = " ".repeat(widths[column] - displayWidth(cell));
      return column < 2 ? cell + blank : blank + cell;
    }).join("  ").trimEnd()
  );
  const { photos, failures } = evaluation;
  const meanAt = 1 + photos.length * (evaluation.restorers.length + 1);
  lines.splice(meanAt, 0, "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2)));
  return [
    titleOf(evaluation),
    "",
    ...lines,
    "",
    explanationOf(evaluation),
    ...failures.map(({ name, reason }) =>
      `Left out ${displayName(name)}: ${withoutCommands(oneLine(reason))}`
    ),
  ].join(
    "\n",
  );
}

/**
 * The whole evaluation as one JSON document, `restored` keyed by restorer. An infinite PSNR (equal pictures) is written as the text
 * `"Infinity"`, since JSON has no infinity.
 */
export function formatJson(evaluation: Evaluation): string {
  const keyed = ({ degraded, restored }: Comparison) => ({
    degraded,
    restored: Object.fromEntries(evaluation.restorers.map((name, i) => [name, restored[i]])),
  });
  const { photos, mean, ...rest } = evaluation;
  return toJson({
    ...rest,
    photos: photos.map((photo) => ({ ...photo, ...keyed(photo) })),
    mean: keyed(mean),
  }, 2);
}

/** Rows of the table, photo by photo, the mean last; the label stands in the first row of each block. */
export function allRows(evaluation: Evaluation): { label: string; method: string; cells: string[] }[] {
  const { photos, restorers, mean } = evaluation;
  /** What each restorer's gain is over; of the mean the same photos that its PSNR is the mean of. */
  const before = ({ degraded, restored }: Comparison): Scores[] =>
    restored.map(({ psnr, exact }, i) => {
      if (exact === undefined || psnr === Infinity) return degraded;
      return meanOf(photos.filter((photo) => photo.restored[i].mse > 0)).degraded;
    });
  const blocks: [string, Comparison][] = photos.map((photo) => [photo.name, photo]);
  blocks.push([`mean of ${photos.length}`, mean]);
  return blocks.flatMap(([label, comparison]) =>
    [comparison.degraded, ...comparison.restored].map((scores, row) => ({
      label: row === 0 ? label : "",
      method: row === 0 ? "degraded" : restorers[row - 1],
      cells: COLUMNS.map(({ text }) => text(scores, row === 0 ? undefined : before(comparison)[row - 1])),
    }))
  );
}

/** Heads of the columns that {@link allRows} fills. */
export const columnHeads: readonly string[] = COLUMNS.map(({ head }) => head);

/** What was evaluated, in one line. */
export function titleOf({ data, recipe, seed, photos }: Evaluation): string {
  const count = counted(photos.length, "photo");
  return recipe === undefined
    ? `${count} of ${data}`
    : `${count} of ${data}, degraded by ${recipe} (seed ${seed})`;
}

/** Decibels to two places, without the unit; `inf` for equal pictures. */
export function formatDecibels(psnr: number): string {
  return Number.isFinite(psnr) ? psnr.toFixed(2) : "inf";
}

function gain(value: number, before: number): string {
  if (value === before) return "+0.00"; // also where both are infinite
  const difference = value - before;
  if (!Number.isFinite(difference)) return difference > 0 ? "+inf" : "-inf";
  const text = Math.abs(difference).toFixed(2);
  return `${difference < 0 && Number(text) > 0 ? "-" : "+"}${text}`;
}

/** Columns that a text takes on a terminal, wide letters aside: accents may be letters of their own in file names. */
function displayWidth(text: string): number {
  return [...text.normalize("NFC")].length;
}
