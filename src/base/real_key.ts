/** Which paths lead to the same place. */
import { resolve } from "node:path";
import { pathKey } from "./paths.ts";

/** The same text for all paths of a folder or a file, links in them seen through; what is not there goes by its name. */
export async function realKey(path: string): Promise<string> {
  return pathKey(await Deno.realPath(path).catch(() => resolve(path)));
}
