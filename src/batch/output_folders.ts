/** Whether results can be written where they are to go: found out before any work is done for them. */
import { dirname } from "node:path";
import { displayName } from "../base/display_name.ts";
import { writingFault } from "../base/folder_fault.ts";
import { STANDARD_STREAM, statOf, wrong } from "./list_sources.ts";
import type { OutputJob } from "./output_plan.ts";

/**
 * Finds the photos whose results can only fail, because no file can be made in their folder.
 * @returns why, in a person's words, for each of them.
 * @throws {UserError} (exit code 2) where that is so for all photos that are to be done.
 */
export async function findUnwritable(jobs: readonly OutputJob[]): Promise<Map<OutputJob, string>> {
  const faults = new Map<string, string | undefined>();
  const unwritable = new Map<OutputJob, string>();
  const wanted = jobs.filter(({ skip }) => !skip);
  for (const job of wanted) {
    // Of one that is missing that is worth telling: a mistyped path leads to a folder where nothing can be made either.
    if (job.input !== STANDARD_STREAM && !await statOf(job.input)) continue;
    const folder = await folderOf(job.output);
    if (folder === undefined) continue;
    if (!faults.has(folder)) faults.set(folder, await writingFault(folder));
    const fault = faults.get(folder);
    if (fault !== undefined) unwritable.set(job, fault);
  }
  if (wanted.length > 0 && unwritable.size === wanted.length) {
    const [[folder, fault]] = faults;
    wrong(`no file can be made in ${displayName(folder)}: ${fault}; name another folder with -o`);
  }
  return unwritable;
}

/** The folder that a result's file is made in, behind a link that leads to it; undefined for what is no file, such as a device. */
async function folderOf(output: string): Promise<string | undefined> {
  if (output === STANDARD_STREAM) return undefined;
  const stat = await statOf(output);
  if (stat === undefined) return dirname(output);
  return stat.isFile || stat.isDirectory ? dirname(await Deno.realPath(output)) : undefined;
}
