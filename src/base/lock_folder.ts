/** Folders that one process at a time writes into. */

/**
 * Locks a folder until what is returned is disposed, or the process ends, however it does. Nothing is written for it.
 * @returns undefined where another process holds the lock, or another call in this one. Where the system has no such locks (Windows, some network
 *   disks) nobody is kept out.
 */
export async function lockFolder(path: string): Promise<Disposable | undefined> {
  let folder: Deno.FsFile;
  try {
    folder = await Deno.open(path, { read: true });
  } catch {
    return { [Symbol.dispose]: () => {} };
  }
  if (await folder.tryLock(true).catch(() => true)) return folder;
  folder.close();
  return undefined;
}
