/** Folders to write into that cannot become folders. */
import { systemReason } from "./errors.ts";

/** Why no folder can be made at this path, in a person's words; undefined where it is one, or where nothing is known to stand in its way. */
export async function folderFault(path: string): Promise<string | undefined> {
  try {
    return (await Deno.stat(path)).isDirectory ? undefined : "it is a file";
  } catch (error) {
    return error instanceof Deno.errors.NotADirectory ? systemReason(error, "folder") : undefined;
  }
}
