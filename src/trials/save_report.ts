/** Writes what the trials found: a page for people and a document for programs. */
import { writeNamedFile } from "../base/write_file.ts";
import { narrate } from "./narrative.ts";
import { formatReport } from "./report_page.ts";
import { formatTrialsJson } from "./results.ts";
import type { TrialsOutcome } from "./run_trials.ts";
import { makeStrips } from "./strips.ts";
import { REPORT_FILES } from "./trials_folder.ts";

/**
 * Writes `report.html` and `trials.json` into a folder, each whole or not at all.
 * @returns path of the page, and its most important sentences.
 */
export async function saveReport(
  out: string,
  { report, pictures }: TrialsOutcome,
): Promise<{ page: string; sentences: readonly string[] }> {
  const names = report.trials[0].methods.map(({ name }) => name);
  const strips = await Promise.all(pictures.map((photos) => makeStrips(photos, names)));
  const page = `${out}/${REPORT_FILES.page}`;
  await writeNamedFile(page, new TextEncoder().encode(await formatReport(report, strips)));
  await writeNamedFile(`${out}/${REPORT_FILES.document}`, new TextEncoder().encode(formatTrialsJson(report)));
  return { page, sentences: narrate(report).summary };
}
