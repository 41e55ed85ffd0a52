/**
 * `deno task npm [FILE]`: packs the package for npm (`clairnet.tgz` unless FILE is given; publish it with `npm publish FILE`).
 * It is what `deno pack` makes, but for one thing: `deno pack` drops the references to other packages' types from the declarations that
 * it writes, so that a compiler outside of Deno would know none of WebGPU's types.
 */
// Not in deno.json: Deno would fetch it for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import { createTarGzip, parseTarGzip } from "npm:nanotar@0.3.0";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.ts";

const TYPES = "@webgpu/types";
const REFERENCE = `/// <reference types="${TYPES}" />\n`;
/** A name that only WebGPU's types declare. */
const WEBGPU_NAME = /\bGPU[A-Z]\w*/;

/** Files of a package by their path inside it, `mod.d.ts`. */
export type PackedFiles = Map<string, Uint8Array>;

/**
 * Packs this project.
 * @returns the files of the package.
 * @throws {Error} where `deno pack` fails, or leaves @webgpu/types out of the dependencies.
 */
export async function packForNpm(): Promise<PackedFiles> {
  const folder = await Deno.makeTempDir();
  try {
    const archive = `${folder}/package.tgz`;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["pack", "--allow-dirty", "--output", archive],
      cwd: fileURLToPath(new URL("../", import.meta.url)),
    }).output();
    if (code !== 0) throw new Error(`deno pack failed:\n${new TextDecoder().decode(stderr)}`);
    const entries = await parseTarGzip(await Deno.readFile(archive));
    const files: PackedFiles = new Map();
    for (const { name, data } of entries) if (data) files.set(name.replace(/^package\//, ""), data);
    return withWebGpuTypes(files);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The files with a reference to WebGPU's types wherever a declaration names one. */
function withWebGpuTypes(files: PackedFiles): PackedFiles {
  const description = JSON.parse(new TextDecoder().decode(files.get("package.json")));
  if (!(TYPES in description.dependencies)) {
    throw new Error(`package.json does not depend on ${TYPES}: src/gpu/device.ts must refer to it`);
  }
  const result: PackedFiles = new Map();
  for (const [path, bytes] of files) {
    const text = path.endsWith(".d.ts") ? new TextDecoder().decode(bytes) : "";
    const add = WEBGPU_NAME.test(text) && !text.includes(REFERENCE);
    result.set(path, add ? new TextEncoder().encode(REFERENCE + text) : bytes);
  }
  return result;
}

if (import.meta.main) {
  const { positionals } = readArguments("deno task npm [FILE]", { allowPositionals: true });
  const out = positionals[0] ?? "clairnet.tgz";
  const files = await packForNpm();
  const entries = [...files].map(([path, data]) => ({ name: `package/${path}`, data }));
  await Deno.writeFile(out, await createTarGzip(entries));
  console.log(`${out}: ${files.size} files`);
}
