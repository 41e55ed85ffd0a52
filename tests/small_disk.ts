/** Disks that are soon full: file systems of 64 kB in memory, on Linux as root. */

import { succeeds } from "./succeeds.ts";

/** Bytes that fit on one. */
export const SMALL_DISK = 64 * 1024;

/** Mounts one on a folder. @returns false where this process may not. */
export async function mountSmallDisk(dir: string): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  return await succeeds("mount", ["-t", "tmpfs", "-o", `size=${SMALL_DISK}`, "tmpfs", dir]);
}

/** Lets nothing more be written to it. */
export async function makeReadOnly(dir: string): Promise<boolean> {
  return await succeeds("mount", ["-o", "remount,ro", dir]);
}

/** Takes it away, with all that is on it. */
export async function unmountDisk(dir: string): Promise<boolean> {
  return await succeeds("umount", [dir]);
}

/** Whether this process may mount one. */
export async function canMount(): Promise<boolean> {
  const dir = await Deno.makeTempDir();
  const can = await mountSmallDisk(dir);
  if (can) await unmountDisk(dir);
  await Deno.remove(dir);
  return can;
}
