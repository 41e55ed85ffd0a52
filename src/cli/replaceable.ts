/** Which files a command without `--overwrite` replaces: a page that it has made itself, and nothing else that somebody may want. */
import { displayName } from "../base/display_name.ts";
import { UserError } from "../base/errors.ts";

/**
 * Refuses a path that holds something else than what is to be written there; before the work, because all of it would be lost.
 * @param option that named the path.
 * @param start how files begin that may be replaced; without it none may. What is no file (a device, a pipe) loses nothing.
 * @throws {UserError} (exit code 2) where the path is a folder or such a file.
 */
export async function refuseToReplace(path: string, option: string, start?: string): Promise<void> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (!stat?.isDirectory && !(stat?.isFile && stat.size > 0)) return;
  if (stat.isFile && start !== undefined && await beginsWith(path, start)) return;
  const what = stat.isDirectory
    ? "it is a folder"
    : start === undefined
    ? "it exists"
    : "it holds other things";
  throw new UserError(`Cannot write ${displayName(path)}: ${what}; choose another ${option}`, {
    exitCode: 2,
  });
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
