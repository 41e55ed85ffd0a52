/** Finding the photos of a folder. */
import { UserError } from "../base/errors.ts";
import { folderFault } from "../base/folder_fault.ts";
import { EARLIER_RESULT, earlierResults } from "../image/earlier_result.ts";
import { isDataset, SHEET_FILE } from "./dataset_file.ts";
import { isHidden, isPhotoName, reasonOf } from "./decode.ts";
import { foreignNameReason, isForeignName } from "./foreign_photo.ts";
import type { SkippedFile } from "./photo_source.ts";

/** What a folder holds; paths are relative to it, with `/` between folders, sorted. */
export interface FolderPhotos {
  readonly names: readonly string[];
  /** Photos of formats that are not taken and, where they are not wanted, results of `enhance`. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Photos in a folder and below it. Hidden files and folders are
 * left out, and so are contact sheets of built data sets. Links are followed, after all else, and each folder is listed once, whatever links lead to it.
 * @param withoutResults skips results of `enhance` that lie beside their photos, which are photos like others without it.
 * @throws {UserError} where the folder cannot be read.
 */
export async function listPhotos(
  dir: string,
  { withoutResults = false } = {},
): Promise<FolderPhotos> {
  const found: string[] = [];
  const skipped: SkippedFile[] = [];
  const seen = new Set<string>();
  const linked: string[] = [];
  const walk = async (prefix: string): Promise<void> => {
    // Its path without links would take the permission to read the working directory.
    const { dev, ino } = await Deno.stat(`${dir}/${prefix}`);
    if (seen.has(`${dev} ${ino}`)) return;
    seen.add(`${dev} ${ino}`);
    const entries: Deno.DirEntry[] = [];
    for await (const entry of Deno.readDir(`${dir}/${prefix}`)) {
      if (!isHidden(entry.name)) entries.push(entry);
    }
    const files = entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name);
    const earlier = withoutResults ? earlierResults(files) : new Set();
    for (const entry of entries) {
      const path = prefix + entry.name;
      const { isDirectory, isFile } = entry.isSymlink ? await followed(`${dir}/${path}`) : entry;
      if (isDirectory && entry.isSymlink) {
        // Where the system does not tell folders apart, a link might lead round in circles.
        if (ino !== null) linked.push(`${path}/`);
      } else if (isDirectory) await walk(`${path}/`);
      else if (isFile && earlier.has(entry.name)) skipped.push({ name: path, reason: EARLIER_RESULT });
      else if (isFile && isPhotoName(entry.name)) {
        if (entry.name !== SHEET_FILE || !await isDataset(`${dir}/${prefix}`)) found.push(path);
      } else if (isFile && isForeignName(entry.name)) {
        skipped.push({ name: path, reason: foreignNameReason(path) });
      }
    }
  };
  try {
    await walk("");
    // By name, so that of two links to one folder the same is taken on every machine.
    for (let next = linked.sort().shift(); next !== undefined; next = linked.sort().shift()) await walk(next);
  } catch (error) {
    const reason = await folderFault(dir) ?? reasonOf(error, "folder");
    throw new UserError(`Cannot read the folder '${dir}': ${reason}`, { cause: error });
  }
  return { names: found.sort(), skipped: skipped.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

async function followed(path: string): Promise<{ isDirectory: boolean; isFile: boolean }> {
  try {
    return await Deno.stat(path);
  } catch {
    return { isDirectory: false, isFile: false }; // a link to nothing
  }
}

/**
 * Refuses photos that are the pictures of a built data set below their folder: half of them are damaged.
 * @param names as {@linkcode listPhotos} gives them.
 * @param advice what can be done beside giving the set itself.
 * @throws {UserError} (exit code 2) naming the first such set.
 */
export async function refuseDatasets(dir: string, names: readonly string[], advice: string): Promise<void> {
  const above = new Set(names.flatMap((name) => /^(.+)\/(?:low|high)\//.exec(name)?.[1] ?? []));
  for (const folder of above) {
    if (!await isDataset(`${dir}/${folder}`)) continue;
    throw new UserError(`'${dir}' holds the built data set '${folder}': give that folder itself, ${advice}`, {
      exitCode: 2,
    });
  }
}
