/** The files of the web page: where each comes from, and under which path it is found. */
import { UserError } from "../base/errors.ts";
import { decodeModel } from "../nn/model_file.ts";
import { listModels, SHIPPED_FOLDER } from "../nn/models.ts";
import { RUNTIME_FILES, runtimeFile } from "./cpu_runtime.ts";

/** A file of the site. */
export interface SiteFile {
  /** Media type. */
  readonly type: string;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** All that the page may load, by path relative to it (`index.html`, `models/photo.safetensors`). */
export type Site = ReadonlyMap<string, SiteFile>;

/** What the page knows of a model before it loads it; models.json is a list of these. */
export interface ModelSummary {
  readonly name: string;
  /** Relative to the page. */
  readonly path: string;
  /** Size of its file. */
  readonly bytes: number;
  /** Recipe that it was trained on. */
  readonly recipe: string;
  readonly steps: number;
  /** By how much it enlarges; 1 keeps the size. */
  readonly scale: number;
}

/** What `deno task web` makes; written by hand are the others. */
export const BUILT_FILES = ["app.js", "gpu_worker.js", "cpu_worker.js", "train_worker.js"] as const;

const ROOT = new URL("../../", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  jpg: "image/jpeg",
  wasm: "application/wasm",
  safetensors: "application/octet-stream",
};

/** The page with the models that are shipped. Nothing is read before it is asked for. */
export async function pageSite(models: URL = SHIPPED_FOLDER): Promise<Site> {
  const site = new Map<string, SiteFile>();
  const add = (path: string, read: SiteFile["read"]) =>
    site.set(path, { type: TYPES[path.slice(path.lastIndexOf(".") + 1)], read });
  const stored = (path: string, source: URL) => add(path, () => readAsset(source));

  for (const name of ["index.html", "style.css", "icon.svg"]) stored(name, new URL(`web/${name}`, ROOT));
  for (const name of BUILT_FILES) stored(name, new URL(`web/dist/${name}`, ROOT));
  stored("sample.jpg", new URL("samples/damaged/raccoon.jpg", ROOT));
  for (const name of RUNTIME_FILES) add(`onnxruntime/${name}`, () => runtimeFile(name));
  const names = await listModels(models);
  for (const name of names) stored(`models/${name}.safetensors`, new URL(`${name}.safetensors`, models));
  add("models.json", async () => {
    const summaries = await Promise.all(names.map((name) => summaryOf(name, models)));
    return new TextEncoder().encode(JSON.stringify(summaries));
  });
  return site;
}

async function summaryOf(name: string, folder: URL): Promise<ModelSummary> {
  const file = `${name}.safetensors`;
  const bytes = await readAsset(new URL(file, folder));
  const { topology, info: { recipe, steps } } = decodeModel(bytes, file);
  return { name, path: `models/${file}`, bytes: bytes.length, recipe, steps, scale: topology.scale };
}

/** Reads a file of the package: from the disk in a checkout, from where the package lies otherwise. */
async function readAsset(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  try {
    if (url.protocol === "file:") return await Deno.readFile(url);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url.host} answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new UserError(`Cannot read the page's ${name}: ${(error as Error).message}`, { cause: error });
  }
}
