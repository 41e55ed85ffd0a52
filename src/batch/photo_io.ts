/** The bytes of photos in and out: files, standard input, standard output. */
import { displayName } from "../base/display_name.ts";
import { systemReason, UserError } from "../base/errors.ts";
import { readReason } from "../base/read_reason.ts";
import { writeNamedFile } from "../base/write_file.ts";
import { STANDARD_STREAM, statOf } from "./list_sources.ts";

/** Largest file that is read, bytes: what one array holds, and more than any photo that the megapixel limit lets through. */
const LARGEST_FILE = 2 ** 32 - 1;

export interface ReadOptions {
  /** What `-` reads in place of the process's own. */
  readonly stdin?: ReadableStream<Uint8Array>;
  /** Ends the wait for a pipe that nobody writes to. */
  readonly signal?: AbortSignal;
}

/** How the bytes of a result are put in their place. */
export interface OutputTarget {
  /** Keeps a file that has the name already. */
  readonly keep?: boolean;
  /** What `-` writes to in place of the process's own. */
  readonly stdout?: WritableStream<Uint8Array>;
}

/** What messages call a source. */
export function sourceName(path: string): string {
  return path === STANDARD_STREAM ? "standard input" : displayName(path);
}

/**
 * Reads a photo's file, or standard input to its end.
 * @throws {UserError} one line with the name, where it is missing, may not be read, or is no file.
 */
export async function readSource(path: string, { stdin, signal }: ReadOptions = {}): Promise<Uint8Array> {
  if (path === STANDARD_STREAM) {
    if (!stdin && Deno.stdin.isTerminal()) {
      throw new UserError("Cannot read standard input: it is a terminal; pipe a photo in, or name a file", {
        exitCode: 2,
      });
    }
    const bytes = (stdin ?? Deno.stdin.readable).pipeThrough(new TransformStream(), { signal });
    return new Uint8Array(await new Response(bytes).arrayBuffer());
  }
  try {
    const { size, isCharDevice, isBlockDevice } = await Deno.stat(path);
    // Such as /dev/zero, which never ends.
    if (isCharDevice || isBlockDevice) throw new Error("it is a device and no file");
    if (size > LARGEST_FILE) throw new Error(`it has ${(size / 1e9).toFixed(1)} GB, more than a photo has`);
    return await Deno.readFile(path, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new UserError(`Cannot read ${displayName(path)}: ${await readReason(error, path)}`, {
      cause: error,
    });
  }
}

/**
 * Whether writing to this path would replace something: a file, a folder, a link that leads nowhere. A device or a named pipe can be written to
 * without losing anything, and so can standard output.
 */
export async function isTaken(path: string): Promise<boolean> {
  if (path === STANDARD_STREAM) return false;
  const stat = await statOf(path);
  return stat ? stat.isFile || stat.isDirectory : await Deno.lstat(path).then(() => true, () => false);
}

/**
 * Writes a file whole or not at all, with the folders that lead to it, or writes to standard output.
 * @returns false where nothing was written, because a file of that name is kept.
 * @throws {UserError} one line with the name, where it cannot be written.
 */
export async function writeOutput(
  path: string,
  bytes: Uint8Array,
  { keep, stdout }: OutputTarget = {},
): Promise<boolean> {
  if (path !== STANDARD_STREAM) return await writeNamedFile(path, bytes, { keep });
  try {
    if (!stdout && Deno.stdout.isTerminal()) {
      throw new Error("it is a terminal; give -o FILE, or pipe it on");
    }
    const writer = (stdout ?? Deno.stdout.writable).getWriter();
    try {
      await writer.write(bytes);
      return true;
    } finally {
      writer.releaseLock();
    }
  } catch (error) {
    throw new UserError(`Cannot write standard output: ${systemReason(error)}`, { cause: error });
  }
}
