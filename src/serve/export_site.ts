/** The page as files in a folder, to be hosted anywhere, under any path. */
import { dirname, resolve } from "node:path";
import { systemReason, UserError } from "../base/errors.ts";
import { nameFault } from "../base/paths.ts";
import { writeFileAtomically, writeNamedFile } from "../base/write_file.ts";
import { SECURITY_HEADERS } from "./security.ts";
import type { Site } from "./site.ts";

/** Folder below the site's in which it is put together. */
const STAGE = ".clairnet-page.partial";

/**
 * Writes every file of the site into a folder, and `_headers`, which several hosts of static files take their headers from. All are written before the
 * first takes its place: where the disk is full, the folder is left as it was.
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
  const fault = nameFault(folder);
  if (fault) throw new UserError(`Cannot write the page to ${folder}: ${fault}`);
  const stage = `${folder}/${STAGE}`;
  const made = await missingFolders(folder);
  try {
    // What a killed export has left there.
    await removeAll(stage);
    for (const [path, bytes] of files) {
      await Deno.mkdir(dirname(`${stage}/${path}`), { recursive: true });
      await writeFileAtomically(`${stage}/${path}`, bytes);
    }
  } catch (error) {
    await removeAll(stage).catch(() => {});
    // Those that hold anything by now are not ours alone.
    for (const each of made) await Deno.remove(each).catch(() => {});
    throw new UserError(`Cannot write the page to ${folder}: ${systemReason(error, "folder")}`, {
      cause: error,
    });
  }
  try {
    for (const [path, bytes] of files) await place(`${stage}/${path}`, `${folder}/${path}`, bytes);
  } finally {
    await removeAll(stage).catch(() => {});
  }
  return [...files.keys()];
}

/** Moves a file to its place, or writes it anew over what is there: that keeps its permissions and links. */
async function place(from: string, to: string, bytes: Uint8Array): Promise<void> {
  const there = await Deno.lstat(to).then(() => true, () => false);
  if (!there) {
    try {
      await Deno.mkdir(dirname(to), { recursive: true });
      return await Deno.rename(from, to);
    } catch {
      // What is in the way is said below.
    }
  }
  await Deno.remove(from); // makes room for the other
  await writeNamedFile(to, bytes);
}

/** The folder and those above it that are not there, deepest first. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = resolve(folder);; path = dirname(path)) {
    if (await Deno.lstat(path).then(() => true, () => false) || path === dirname(path)) return missing;
    missing.push(path);
  }
}

async function removeAll(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Whether anything is in a folder but what a killed export has left. */
async function holdsFiles(folder: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(folder)) if (name !== STAGE) return true;
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UserError(`Cannot write the page to ${folder}: it is a file; name a folder`, { exitCode: 2 });
    }
    throw new UserError(`Cannot write the page to ${folder}: ${systemReason(error)}`, { cause: error });
  }
}
