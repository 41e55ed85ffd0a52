/**
 * `deno task npm [FILE]`: packs the package for npm (`clairnet.tgz` unless FILE is given; publish it with `npm publish FILE`).
 * It is what `deno pack` makes, but for three things: `deno pack` drops the references to other packages' types from the declarations that
 * it writes, so that a compiler outside of Deno would know none of WebGPU's types; it leaves the addresses of workers as they were, though their files
 * are JavaScript now; and it leaves `using`, which Node before 24 does not read.
 */
// Not in deno.json: Deno would fetch them for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import * as esbuild from "npm:esbuild@0.28.2";
// deno-lint-ignore no-import-prefix
import { createTarGzip, parseTarGzip } from "npm:nanotar@0.3.0";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomically } from "../src/base/write_file.ts";
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
    return await forOldNode(withEngines(withWorkers(withWebGpuTypes(files))));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The oldest Node that runs it, but for what takes Deno: `forOldNode` writes for it. */
const ENGINES = { node: ">=20" };

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

/** The address of a file beside the one that names it. */
const BESIDE = /new URL\("(\.[^"]+)", import\.meta\.url\)/g;

/**
 * The files with the addresses of others as these are called here.
 * @throws {Error} where one names a file that is not in the package.
 */
function withWorkers(files: PackedFiles): PackedFiles {
  return eachScript(files, (text, path) =>
    text.replaceAll(BESIDE, (whole, address: string) => {
      const packed = address.replace(/\.ts$/, ".js");
      const target = posix.join(posix.dirname(path), packed);
      const there = address.endsWith("/")
        ? target === "./" || files.keys().some((name) => name.startsWith(target))
        : files.has(target);
      if (!there) throw new Error(`${path} names ${address}, which is not in the package`);
      return whole.replace(address, packed);
    }));
}

function withEngines(files: PackedFiles): PackedFiles {
  const description = JSON.parse(new TextDecoder().decode(files.get("package.json")));
  const text = JSON.stringify({ ...description, engines: ENGINES }, null, 2);
  return new Map(files).set("package.json", new TextEncoder().encode(`${text}\n`));
}

const USING = /^\s*(await )?using /m;

/** The files in the JavaScript that Node 20 reads. */
async function forOldNode(files: PackedFiles): Promise<PackedFiles> {
  const lowered = new Map<string, string>();
  try {
    for (const [path, bytes] of files) {
      const text = path.endsWith(".js") ? new TextDecoder().decode(bytes) : "";
      if (!USING.test(text)) continue;
      const { code } = await esbuild.transform(text, { loader: "js", format: "esm", target: "es2022" });
      lowered.set(path, code);
    }
  } finally {
    await esbuild.stop();
  }
  return eachScript(files, (text, path) => lowered.get(path) ?? text);
}

/** The files with the text of each script changed. */
function eachScript(files: PackedFiles, change: (text: string, path: string) => string): PackedFiles {
  return new Map([...files].map(([path, bytes]) => {
    if (!path.endsWith(".js")) return [path, bytes];
    return [path, new TextEncoder().encode(change(new TextDecoder().decode(bytes), path))];
  }));
}

if (import.meta.main) {
  const { positionals } = readArguments("deno task npm [FILE]", { allowPositionals: true });
  const out = positionals[0] ?? "clairnet.tgz";
  const files = await packForNpm();
  const entries = [...files].map(([path, data]) => ({ name: `package/${path}`, data }));
  await writeFileAtomically(out, await createTarGzip(entries));
  console.log(`${out}: ${files.size} files`);
}
