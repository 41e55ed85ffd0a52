/** Which files a command without `--overwrite` writes: new ones where some can be made, in place of a page that it has made itself, and of nothing else that somebody may want. */
import { dirname } from "node:path";
import { displayName } from "../base/display_name.ts";
import { UserError } from "../base/errors.ts";
import { writingFault } from "../base/folder_fault.ts";

/**
 * Refuses a path that holds something else than what is to be written there, or where no file can be made; before the work, because all of it would be lost.
 * @param option that named the path.
 * @param start how files begin that may be replaced; without it none may. What is no file (a device, a pipe) loses nothing.
 * @throws {UserError} (exit code 2) where the path is a folder or such a file, or its folder takes no files.
 */
export async function refuseToReplace(path: string, option: string, start?: string): Promise<void> {
  const stat = await Deno.stat(path).catch(() => undefined);
  const what = await held(path, stat, start) ??
    (stat && !stat.isFile ? undefined : await writingFault(dirname(path)));
  if (what === undefined) return;
  throw new UserError(`Cannot write ${displayName(path)}: ${what}; choose another ${option}`, {
    exitCode: 2,
  });
}

/** What is there that must not be replaced, in words; undefined where nothing is. */
async function held(
  path: string,
  stat: Deno.FileInfo | undefined,
  start?: string,
): Promise<string | undefined> {
  if (stat?.isDirectory) return "it is a folder";
  if (!stat?.isFile || stat.size === 0) return undefined;
  if (start === undefined) return "it exists";
  return await beginsWith(path, start) ? undefined : "it holds other things";
}

async function beginsWith(path: string, start: string): Promise<boolean> {
  const wanted = new TextEncoder().encode(start);
  const bytes = new Uint8Array(wanted.length);
  try {
    using file = await Deno.open(path, { read: true });
    await file.read(bytes);
  } catch {
    return false;
  }
  return bytes.every((byte, i) => byte === wanted[i]);
}
