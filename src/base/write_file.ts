/** Files that are there whole or not at all. */
import { basename, dirname, join } from "node:path";
import { displayName } from "./display_name.ts";
import { systemReason, UserError } from "./errors.ts";
import { nameFault } from "./paths.ts";

export interface WriteOptions {
  /** Keeps what has the name already, also where it came by it while the file was written. */
  readonly keep?: boolean;
}

/**
 * Writes a file under a temporary name in the same folder, flushes it to the disk and renames it, so that no reader and no crash ever
 * meets half of it. The temporary file is removed if anything fails. A file that is replaced keeps its permissions, and one that a link
 * points to is replaced behind the link. What is no file (a device, a named pipe) is written to as it is. What writers of the same file
 * that were killed have left behind is removed first, see `removeLeftovers`.
 *
 * @returns false where nothing was written, because something of that name is kept.
 * @throws {Deno.errors.PermissionDenied} where the file exists and is marked read-only: a rename would pass over that mark.
 */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array,
  { keep = false }: WriteOptions = {},
): Promise<boolean> {
  const there = await statOf(path);
  if (there && !there.isFile && !there.isDirectory) {
    // Devices and pipes have nothing to flush and refuse it.
    using device = await Deno.open(path, { write: true });
    await writeAll(device, bytes);
    return true;
  }
  if (there && keep) return false;
  if (there?.isFile && (permissionsOf(there) & 0o222) === 0) {
    throw Object.assign(new Deno.errors.PermissionDenied("the file is marked read-only"), {
      code: "READONLY",
    });
  }
  const target = there ? await Deno.realPath(path) : path;
  await removeLeftoversOf(target);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const end = await placed(target, bytes, there, keep);
    if (end !== "lost") return end === "placed";
  }
  throw new Error("its temporary file is taken away again and again");
}

/**
 * Writes a file that a person has named, whole or not at all, with the folders that lead to it.
 * @returns false where nothing was written, because something of that name is kept.
 * @throws {UserError} one line with the name, where it cannot be written.
 */
export async function writeNamedFile(
  path: string,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<boolean> {
  const fault = nameFault(path);
  if (fault) throw new UserError(`Cannot write ${displayName(path)}: ${fault}`);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    return await writeFileAtomically(path, bytes, options);
  } catch (error) {
    // Its folder was just made, and has gone again or takes no files, as /proc.
    const reason = error instanceof Deno.errors.NotFound ? "no file can be made there" : systemReason(error);
    throw new UserError(`Cannot write ${displayName(path)}: ${reason}`, { cause: error });
  }
}

/**
 * Removes the temporary files that writers of these paths have left behind when they were killed, also where nothing is written to them. A living writer
 * holds a lock on its file, which the system takes back however the process ends: what is locked stays, and so does everything on a file system
 * without locks.
 */
export async function removeLeftovers(paths: Iterable<string>): Promise<void> {
  const listed = new Map<string, Leftovers>();
  for (const path of paths) {
    const target = await Deno.realPath(path).catch(() => path);
    const folder = dirname(target);
    const leftovers = listed.get(folder) ?? await listLeftovers(folder);
    listed.set(folder, leftovers);
    await removeUnlocked(leftovers, target);
  }
}

/** Paths of temporary files by the shortened names of what was to be written. */
type Leftovers = Map<string, string[]>;

/** By folder. Each is listed once, at the first write there: a folder of a million photos is not listed a million times. */
const leftoversIn = new Map<string, Promise<Leftovers>>();

async function removeLeftoversOf(target: string): Promise<void> {
  const folder = dirname(target);
  // Nobody is asked for a permission for the sake of tidiness.
  const { state } = await Deno.permissions.query({ name: "read", path: folder });
  if (state !== "granted") return;
  const listed = leftoversIn.get(folder) ?? listLeftovers(folder);
  leftoversIn.set(folder, listed);
  await removeUnlocked(await listed, target);
}

async function listLeftovers(folder: string): Promise<Leftovers> {
  const leftovers: Leftovers = new Map();
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const short = isFile ? TEMPORARY.exec(name)?.[1] : undefined;
      if (short !== undefined) leftovers.set(short, [...leftovers.get(short) ?? [], join(folder, name)]);
    }
  } catch {
    // A folder that is not there yet has no leftovers; those of one that may not be listed are in nobody's way.
  }
  return leftovers;
}

/** Removes the target's leftovers of which no living writer holds the lock, and takes all of the target's from the list. */
async function removeUnlocked(leftovers: Leftovers, target: string): Promise<void> {
  const short = shortened(basename(target));
  const paths = leftovers.get(short) ?? [];
  leftovers.delete(short);
  for (const path of paths) {
    try {
      using file = await Deno.open(path, { write: true });
      if (await file.tryLock(true)) await Deno.remove(path);
    } catch {
      // It has been finished or removed in the meantime, or there are no locks here.
    }
  }
}

/** How often a write is begun in all, where somebody takes its temporary file away. */
const ATTEMPTS = 3;
/** `.NAME.xxxxxxxx.tmp`, the name cut short. */
const TEMPORARY = /^\.(.+)\.[0-9a-f]{8}\.tmp$/s;

function temporaryPath(target: string): string {
  return join(dirname(target), `.${shortened(basename(target))}.${crypto.randomUUID().slice(0, 8)}.tmp`);
}

/** What became of a temporary file: it has its name, something else that has it was kept, or it was taken away before. */
type End = "placed" | "kept" | "lost";

/** Writes `target` through a temporary file. */
async function placed(
  target: string,
  bytes: Uint8Array,
  there: Deno.FileInfo | undefined,
  keep: boolean,
): Promise<End> {
  const temporary = temporaryPath(target);
  using file = await Deno.open(temporary, { write: true, createNew: true });
  try {
    // Tells `removeLeftovers` that somebody is at work here. Some file systems have no locks; it leaves files alone there.
    await file.tryLock(true).catch(() => {});
    await writeAll(file, bytes);
    await file.sync();
    // Only where it differs from what a new file gets, because some file systems know no permissions.
    if (there && permissionsOf(there) !== permissionsOf(await file.stat())) {
      await Deno.chmod(temporary, permissionsOf(there));
    }
    if (!keep) await Deno.rename(temporary, target);
    else if (!await renamedWhereFree(temporary, target)) {
      await Deno.remove(temporary).catch(() => {});
      return "kept";
    }
    return "placed";
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    // Between its making and its locking it can be taken for a leftover, and on a network disk that keeps locks to one machine at any time.
    if (error instanceof Deno.errors.NotFound) return "lost";
    throw error;
  }
}

/**
 * Renames a file unless something has that name. A rename replaces what is there, and to look before would leave a moment between: a hard link
 * does neither.
 * @returns false where something has that name; then the file is where it was.
 */
async function renamedWhereFree(from: string, to: string): Promise<boolean> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    if (error instanceof Deno.errors.NotFound) throw error;
    // A disk without hard links (FAT, some network disks): there the moment is as short as can be.
    if (await isThere(to)) return false;
    await Deno.rename(from, to);
    return true;
  }
  // It is there by its name: another one that cannot be taken away is no failure.
  await Deno.remove(from).catch(() => {});
  return true;
}

/** Whether anything has this name, a link that leads nowhere included. */
async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
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
