/** Reading a file where there are files, without an import that a browser's bundler would trip over. */

/** The part of node:fs/promises that is used here. */
interface NodeFiles {
  readFile(path: string | URL): Promise<Uint8Array>;
}

/**
 * Reads a file's bytes in Deno, Node (22.3 or newer) or Bun.
 * @throws {Error} where there is no such file, it cannot be read, or the runtime has no files (a browser).
 */
export async function readFile(path: string | URL): Promise<Uint8Array> {
  const { Deno: deno, process } = globalThis as {
    Deno?: { readFile(path: string | URL): Promise<Uint8Array> };
    process?: { getBuiltinModule?(name: "node:fs/promises"): NodeFiles };
  };
  if (deno) return await deno.readFile(path);
  const files = process?.getBuiltinModule?.("node:fs/promises");
  if (!files) throw new Error("there are no files here; give an address or the bytes");
  return new Uint8Array(await files.readFile(path));
}
