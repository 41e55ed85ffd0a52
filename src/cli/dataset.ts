/** `clairnet dataset`. */
import { displayName } from "../base/display_name.ts";
import { systemReason, UserError } from "../base/errors.ts";
import { writeNamedFile } from "../base/write_file.ts";
import { contactSheet } from "../data/contact_sheet.ts";
import {
  buildDataset,
  type DatasetDescription,
  type DatasetFormat,
  datasetInfo,
  lessonWarning,
} from "../data/dataset.ts";
import { SHEET_FILE } from "../data/dataset_file.ts";
import type { Fit } from "../data/decode.ts";
import { parseRecipe } from "../degrade/recipe.ts";
import { formatOfPath, isPhotoName } from "../image/formats.ts";
import { complain, complainOf } from "./messages.ts";
import { refuseToReplace } from "./replaceable.ts";
import { complainOfAllSkipped } from "./skipped_files.ts";
import { duration, interruptible, printJson, printLine, progressBar } from "./terminal.ts";

interface BuildOptions {
  readonly from: string[];
  readonly out: string;
  readonly size: number;
  readonly fit: Fit;
  readonly keepLow?: boolean;
  readonly lowSide?: string;
  readonly degrade?: string;
  readonly seed: number;
  readonly heldOut: number;
  readonly keepDuplicates?: boolean;
  readonly format: DatasetFormat;
  readonly limit?: number;
  readonly json?: boolean;
}

/** Photos that cannot be used are listed and do not count as a failure. */
export async function build(options: BuildOptions): Promise<number> {
  const { out, degrade, json, ...rest } = options;
  const recipe = degrade === undefined ? undefined : parseRecipe(degrade);
  using interrupt = interruptible();
  const bar = progressBar("{bar} {value}/{total} photos");
  const began = performance.now();
  try {
    const made = await buildDataset({
      ...{ ...rest, out, recipe, signal: interrupt.signal },
      onProgress: (done, total) => bar.update(done, total),
      onNote: (note) => console.error(note),
    });
    bar.stop();
    printLeftOut(made);
    const left = made.skipped.length > 0 ? `, ${made.skipped.length} left out` : "";
    const twice = made.duplicates.length > 0 ? `, ${made.duplicates.length} duplicates dropped` : "";
    const seconds = (performance.now() - began) / 1000;
    console.error(
      `Built ${out}: ${made.count} pairs of ${made.size}×${made.size} by ${originOf(made)}${left}${twice} (${
        duration(seconds)
      })`,
    );
    printWarning(made);
    if (json) await info(out, { json });
    console.error(`Train on it: clairnet train --data ${out} --out runs/NAME`);
    return 0;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    bar.stop();
    complainOf(error);
    return 130;
  } finally {
    bar.stop();
  }
}

function printLeftOut({ skipped, duplicates }: DatasetDescription): void {
  const left = [
    ...skipped,
    ...duplicates.map(({ name, of }) => ({ name, reason: `it is in already as ${displayName(of)}` })),
  ];
  complainOfAllSkipped(left, ", which dataset.json lists");
}

function printWarning(description: DatasetDescription): void {
  const warning = lessonWarning(description);
  if (warning) complain(`warning: ${warning}`);
}

/** Where the low side comes from. */
function originOf({ low, recipe }: DatasetDescription): string {
  if (low === "recipe") return recipe;
  return low === "own" ? "their own low side" : `their own low side and ${recipe}`;
}

export async function info(dir: string, options: { json?: boolean; sheet?: string }): Promise<number> {
  const facts = await datasetInfo(dir);
  const sheet = await sheetOf(dir, facts, options.sheet);
  if (options.json) {
    printJson({ ...facts, warning: lessonWarning(facts), sheet });
    return 0;
  }
  const { format, size, fit, count, seed, sources, split, skipped, duplicates, bytes, psnr, originals } =
    facts;
  const [smallest, largest] = [originals.smallest, originals.largest].map((side) => side.join("×"));
  const rows: [string, string | number][] = [
    ["pairs", `${count}, ${split.validation.length} of them held out`],
    ["size", `${size}×${size}, ${fit === "crop" ? "cut out of the middle" : "reduced"}`],
    ["originals", smallest === largest ? smallest : `${smallest} to ${largest}`],
    ["format", `${format}, ${(bytes / 1e6).toFixed(1)} MB`],
    ["recipe", originOf(facts)],
    ...facts.lowSides.filter(({ name }) => name).map(({ name, photos }): [string, string] => [
      "low side",
      `${name} (${photos})`,
    ]),
    ["degraded", Number.isFinite(psnr) ? `${psnr.toFixed(2)} dB` : "not at all (inf dB)"],
    ["seed", seed],
    ...sources.map(({ dir, photos }): [string, string] => ["from", `${dir} (${photos})`]),
    ["left out", skipped.length],
    ["duplicates", duplicates.length],
    ["sheet", sheet ?? "none"],
  ];
  // What a set from elsewhere says of itself must not reach the terminal as commands.
  for (const [key, value] of rows) printLine(`${key.padEnd(12)}${displayName(String(value))}`);
  printWarning(facts);
  return 0;
}

/**
 * Path of the contact sheet; it is drawn where it was asked for or is not there yet.
 * @returns undefined where nobody has asked for it and it cannot be drawn, such as on a disk that is read-only; a line says so.
 */
async function sheetOf(
  dir: string,
  facts: DatasetDescription,
  wanted: string | undefined,
): Promise<string | undefined> {
  if (wanted !== undefined) {
    refuseOtherFormats(wanted);
    await refuseToReplace(wanted, "--sheet");
  }
  const path = wanted ?? `${dir}/${SHEET_FILE}`;
  const there = wanted === undefined && await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  try {
    if (!there) await writeNamedFile(path, await contactSheet(dir, facts));
    return path;
  } catch (error) {
    if (wanted !== undefined) throw error;
    complain(`no contact sheet: ${systemReason(error)}`);
    return undefined;
  }
}

/** Programs go by a name's end: a JPEG called .png opens in few of them. @throws {UserError} */
function refuseOtherFormats(path: string): void {
  if (!isPhotoName(path) || formatOfPath(path) === "jpeg") return;
  throw new UserError(
    `Cannot write ${displayName(path)}: the contact sheet is a JPEG; give --sheet a name that ends with .jpg`,
    { exitCode: 2 },
  );
}
