/** Folders to write into that cannot become folders. */
import { dirname, join, resolve } from "node:path";
import { systemReason } from "./errors.ts";

/** Why no folder can be made at this path, in a person's words; undefined where it is one, or where nothing is known to stand in its way. */
export async function folderFault(path: string): Promise<string | undefined> {
  try {
    return (await Deno.stat(path)).isDirectory ? undefined : "it is a file";
  } catch (error) {
    return error instanceof Deno.errors.NotADirectory ? systemReason(error, "folder") : undefined;
  }
}

/**
 * Why no file can be made in a folder, which may still have to be made itself, in a person's words; undefined where one can, or where this process
 * may not try. An empty file is made and removed again: nothing else tells of disks that are read-only.
 */
export async function writingFault(folder: string): Promise<string | undefined> {
  const probe = join(folder, `.clairnet.${crypto.randomUUID().slice(0, 8)}.tmp`);
  const { state } = await Deno.permissions.query({ name: "write", path: probe });
  if (state !== "granted") return undefined;
  try {
    (await Deno.open(probe, { write: true, createNew: true })).close();
    await Deno.remove(probe);
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return systemReason(error, "folder");
    const parent = dirname(resolve(folder));
    return parent === resolve(folder) ? undefined : await writingFault(parent);
  }
}
