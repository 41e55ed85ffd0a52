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
const RUNTIME_PACKAGE = "npm:onnxruntime-web@1.30.0";

/**
 * Reads a file of onnxruntime-web; the first call fetches the package (140 MB unpacked) unless Deno has it already.
 * @throws {UserError} where it cannot be fetched.
 */
export async function runtimeFile(name: typeof RUNTIME_FILES[number]): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Brings the package into Deno's cache; this module of it does nothing by being loaded.
    await import(`${RUNTIME_PACKAGE}/ort-wasm-simd-threaded.mjs`);
    const inPackage = createRequire(
      import.meta.url.startsWith("file:") ? import.meta.url : "file:///clairnet.js",
    )
      .resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
    return await Deno.readFile(inPackage.replace(/[^/\\]+$/, name));
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new UserError(
      `Cannot fetch ${RUNTIME_PACKAGE}, which the page needs where there is no WebGPU: ${why}`,
      {
        cause: error,
      },
    );
  }
}
