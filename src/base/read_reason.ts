/** Why a file could not be read, for messages. */
import { displayName } from "./display_name.ts";
import { systemReason } from "./errors.ts";

/** As {@linkcode systemReason}; of a symbolic link that leads nowhere it says where it leads, and an address is told from a file that is missing. */
export async function readReason(error: unknown, path: string): Promise<string> {
  if (!(error instanceof Deno.errors.NotFound)) return systemReason(error);
  // The runtime gives a replacement character for each byte of a name that is no UTF-8, and does not find the file by that.
  if (path.includes("\ufffd")) return "its name cannot be read as UTF-8; rename it";
  if (/^[a-z]+:\/\//i.test(path)) return "it is an address; give the path of a file";
  const target = await Deno.readLink(path).catch(() => undefined);
  return target === undefined
    ? systemReason(error)
    : `it is a link to ${displayName(target)}, which is not there`;
}
