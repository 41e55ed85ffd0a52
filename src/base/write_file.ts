/** Files that are there whole or not at all. */
import { basename, dirname, join } from "node:path";

/**
 * Writes a file under a temporary name in the same folder, flushes it to the disk and renames it, so that no reader and no crash ever
 * meets half of it. The temporary file is removed if anything fails. A file that is replaced keeps its permissions, and one that a link
 * points to is replaced behind the link. What is no file (a device, a named pipe) is written to as it is.
 *
 * @throws {Deno.errors.PermissionDenied} where the file exists and is marked read-only: a rename would pass over that mark.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const there = await statOf(path);
  if (there && !there.isFile && !there.isDirectory) return await writeAll(path, bytes, { write: true });
  if (there?.isFile && (permissionsOf(there) & 0o222) === 0) {
    throw Object.assign(new Deno.errors.PermissionDenied("the file is marked read-only"), {
      code: "READONLY",
    });
  }
  const target = there ? await Deno.realPath(path) : path;
  const temporary = join(
    dirname(target),
    `.${shortened(basename(target))}.${crypto.randomUUID().slice(0, 8)}.tmp`,
  );
  try {
    await writeAll(temporary, bytes, { write: true, createNew: true });
    // Only where it differs from what a new file gets, because some file systems know no permissions.
    if (there && permissionsOf(there) !== permissionsOf(await Deno.stat(temporary))) {
      await Deno.chmod(temporary, permissionsOf(there));
    }
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

async function writeAll(path: string, bytes: Uint8Array, options: Deno.OpenOptions): Promise<void> {
  using file = await Deno.open(path, options);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  // Devices and pipes have nothing to flush and refuse it.
  if (options.createNew) await file.sync();
}

/** At most 80 bytes of a name, whole characters: names have 255 bytes at most, and the temporary one is longer than it. */
function shortened(name: string): string {
  let bytes = 0;
  let short = "";
  for (const character of name) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > 80) break;
    short += character;
  }
  return short;
}

/** Permission bits; those of an ordinary file where the system has none. */
function permissionsOf({ mode }: Deno.FileInfo): number {
  return (mode ?? 0o644) & 0o777;
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
