/** Which layer of the code may import which, and a check of it. tests/architecture_test.ts runs the check. */

import { fileURLToPath } from "node:url";

/** Modules (paths relative to the project, `src/ops/conv2d.ts`) and what each imports, type-only imports included. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * What each layer may import besides itself, top to bottom. A layer is a folder of src/; `entry` is mod.ts, native.ts and
 * cli.ts. `src/reference` is there for tests and benches, so nothing else in src may import it.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  entry: [
    "cli",
    "serve",
    "library",
    "trials",
    "train",
    "evaluate",
    "batch",
    "enhance",
    "tune",
    "data",
    "degrade",
    "image",
    "nn",
    "ops",
    "gpu",
    "tensor",
    "base",
  ],
  cli: [
    "serve",
    "trials",
    "train",
    "evaluate",
    "batch",
    "enhance",
    "tune",
    "data",
    "degrade",
    "image",
    "nn",
    "ops",
    "gpu",
    "tensor",
    "base",
  ],
  serve: ["nn", "base"],
  library: ["train", "evaluate", "enhance", "data", "degrade", "image", "nn", "ops", "gpu", "tensor", "base"],
  trials: ["train", "evaluate", "enhance", "data", "degrade", "image", "nn", "ops", "gpu", "tensor", "base"],
  train: ["evaluate", "data", "degrade", "image", "nn", "ops", "gpu", "tensor", "base"],
  evaluate: ["enhance", "data", "degrade", "image", "nn", "ops", "gpu", "tensor", "base"],
  batch: ["enhance", "image", "tensor", "base"],
  enhance: ["image", "nn", "ops", "gpu", "tensor", "base"],
  data: ["degrade", "image", "tensor", "base"],
  degrade: ["image", "tensor", "base"],
  image: ["tensor", "base"],
  tune: ["nn", "ops", "gpu", "tensor", "base"],
  nn: ["ops", "gpu", "tensor", "base"],
  ops: ["gpu", "tensor", "base"],
  gpu: ["tensor", "base"],
  tensor: ["base"],
  base: [],
  reference: ["nn", "tensor", "base"],
};

/** Modules that users import or run. */
const ENTRIES: readonly string[] = ["mod.ts", "native.ts", "cli.ts"];

/** The layer of a module, or undefined for one outside the product (tests, benches, tools). */
export function layerOf(module: string): string | undefined {
  if (ENTRIES.includes(module)) return "entry";
  return /^src\/([^/]+)\//.exec(module)?.[1];
}

/** One sentence for each import that a layer may not have; empty when all is well. */
export function forbiddenImports(graph: ImportGraph): string[] {
  const faults: string[] = [];
  for (const [module, imports] of graph) {
    const layer = layerOf(module);
    if (layer === undefined) continue;
    const allowed = LAYERS[layer];
    if (allowed === undefined) {
      faults.push(`${module}: src/${layer} is not in the table of layers`);
      continue;
    }
    for (const imported of imports) {
      const target = layerOf(imported);
      if (target === layer || (target !== undefined && allowed.includes(target))) continue;
      faults.push(`${module} imports ${imported}: ${layer} may import ${allowed.join(", ") || "nothing"}`);
    }
  }
  return faults;
}

/** Each cycle found, as `a.ts → b.ts → a.ts`; empty when there is none. */
export function importCycles(graph: ImportGraph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (module: string) => {
    if (done.has(module)) return;
    const start = path.indexOf(module);
    if (start >= 0) {
      cycles.push([...path.slice(start), module].join(" → "));
      return;
    }
    path.push(module);
    for (const imported of graph.get(module) ?? []) visit(imported);
    path.pop();
    done.add(module);
  };
  for (const module of graph.keys()) visit(module);
  return cycles;
}

/**
 * Reads the imports of the entries and everything in src/, as Deno resolves them; npm and node modules are left out.
 * @param root folder of the project, ending in a slash.
 * @throws {Error} if Deno cannot parse or resolve a module.
 */
export async function readImportGraph(root: URL): Promise<ImportGraph> {
  const modules = ENTRIES.filter((name) => exists(new URL(name, root)));
  await collect(new URL("src/", root), "src/", modules);
  // `deno info` takes one module, so a module that imports all of them goes in front.
  const front = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      front,
      modules.map((module) => `import "${new URL(module, root).href}";\n`).join(""),
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", fileURLToPath(new URL("deno.json", root)), front],
    }).output();
    if (code !== 0) throw new Error(`Cannot read the imports: ${new TextDecoder().decode(stderr)}`);
    return graphOf(JSON.parse(new TextDecoder().decode(stdout)), root, new Set(modules));
  } finally {
    await Deno.remove(front);
  }
}

/** The part of `deno info --json` that is read here. */
interface DenoInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string; readonly error?: string };
      readonly type?: { readonly specifier?: string; readonly error?: string };
    }[];
  }[];
}

function graphOf(info: DenoInfo, root: URL, wanted: ReadonlySet<string>): ImportGraph {
  const graph = new Map<string, string[]>();
  for (const { specifier, error, dependencies = [] } of info.modules) {
    if (!specifier.startsWith(root.href)) continue;
    const module = specifier.slice(root.href.length);
    if (!wanted.has(module)) continue;
    if (error !== undefined) throw new Error(`Cannot read ${module}: ${error}`);
    const imports = new Set<string>();
    for (const resolved of dependencies.flatMap(({ code, type }) => [code, type])) {
      if (resolved?.error !== undefined) {
        throw new Error(`Cannot resolve an import of ${module}: ${resolved.error}`);
      }
      if (resolved?.specifier?.startsWith(root.href)) imports.add(resolved.specifier.slice(root.href.length));
    }
    graph.set(module, [...imports].sort());
  }
  return new Map([...graph].sort(([a], [b]) => a < b ? -1 : 1));
}

async function collect(folder: URL, prefix: string, modules: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await collect(new URL(`${name}/`, folder), `${prefix}${name}/`, modules);
    else if (name.endsWith(".ts")) modules.push(prefix + name);
  }
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
