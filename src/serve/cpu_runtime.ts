/** onnxruntime-web, with which a page runs the network where there is no WebGPU. */
import { createRequire } from "node:module";
import { UserError } from "../base/errors.ts";

/** The files that the page's CPU worker loads, as the package calls them. */
export const RUNTIME_FILES = [
  "ort.wasm.min.mjs",
  "ort-wasm-simd-threaded.mjs",
  "ort-wasm-simd-threaded.wasm",
] as const;

// Not a literal in the import below: Deno fetches packages that it sees there even where nothing asks for them, and this one is large.
const RUNTIME_PACKAGE = "onnxruntime-web@1.30.0";

/** Deno fetches nothing for what is itself installed there. */
const IN_NODE_MODULES = import.meta.url.includes("/node_modules/");

/** Where a file of the package lies, once it is there: in Deno's cache, or in a node_modules above this module. @throws where it is not. */
function installed(): string {
  const here = import.meta.url.startsWith("file:") ? import.meta.url : "file:///clairnet.js";
  return createRequire(here).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
}

/** The same, fetched where it has to be. */
async function fetched(): Promise<string> {
  if (IN_NODE_MODULES) return installed();
  // Brings the package into Deno's cache; this module of it does nothing by being loaded.
  await import(`npm:${RUNTIME_PACKAGE}/ort-wasm-simd-threaded.mjs`);
  return installed();
}

/**
 * Reads a file of onnxruntime-web; the first call fetches the package (140 MB unpacked) unless Deno has it already.
 * @throws {UserError} where it cannot be fetched.
 */
export async function runtimeFile(name: typeof RUNTIME_FILES[number]): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile((await fetched()).replace(/[^/\\]+$/, name));
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    const needed = `${RUNTIME_PACKAGE}, which the page needs where there is no WebGPU`;
    throw new UserError(
      IN_NODE_MODULES
        ? `Cannot find ${needed}: npm install ${RUNTIME_PACKAGE} brings it`
        : `Cannot fetch npm:${needed}: ${why}`,
      { cause: error },
    );
  }
}
