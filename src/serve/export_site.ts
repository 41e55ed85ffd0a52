/** The page as files in a folder, to be hosted anywhere, under any path. */
import { systemReason, UserError } from "../base/errors.ts";
import { writeNamedFile } from "../base/write_file.ts";
import { SECURITY_HEADERS } from "./security.ts";
import type { Site } from "./site.ts";

/**
 * Writes every file of the site into a folder, and `_headers`, which several hosts of static files take their headers from.
 * @returns paths written, relative to the folder.
 * @throws {UserError} where the folder holds other things and `overwrite` is not given, or cannot be written.
 */
export async function exportSite(
  site: Site,
  folder: string,
  options: { overwrite?: boolean } = {},
): Promise<string[]> {
  if (!options.overwrite && await holdsFiles(folder)) {
    throw new UserError(
      `Cannot write the page to ${folder}: it is not empty; add --overwrite to replace files there`,
      {
        exitCode: 2,
      },
    );
  }
  const headers = Object.entries(SECURITY_HEADERS).map(([name, value]) => `  ${name}: ${value}\n`).join("");
  // All is read before anything is written: a page that lacks a file would leave a folder that the next call refuses.
  const files = new Map<string, Uint8Array>();
  for (const [path, { read }] of site) files.set(path, await read());
  files.set("_headers", new TextEncoder().encode(`/*\n${headers}`));
  for (const [path, bytes] of files) await writeNamedFile(`${folder}/${path}`, bytes);
  return [...files.keys()];
}

async function holdsFiles(folder: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(folder)) return true;
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UserError(`Cannot write the page to ${folder}: it is a file; name a folder`, { exitCode: 2 });
    }
    throw new UserError(`Cannot write the page to ${folder}: ${systemReason(error)}`, { cause: error });
  }
}
