/** Finding and loading models: the shipped ones by name, others by path, address or bytes. Runs in browsers too. */
import { oneLine, systemReason, UserError } from "../base/errors.ts";
import { readFile } from "../base/read_file.ts";
import { decodeModel, type Model } from "./model_file.ts";
import { SHIPPED_MODELS } from "./shipped.ts";

/** Folder of the shipped models: in a checkout a folder, otherwise where the package lies on the web. */
export const SHIPPED_FOLDER = new URL("../../models/", import.meta.url);
const EXTENSION = ".safetensors";

/**
 * Names that {@linkcode loadModel} knows, sorted: those of the shipped models.
 * @param folder another folder of models, a URL that ends with a slash; listed where it is on this machine's disk.
 *
 * @example
 * ```ts
 * import { listModels } from "@clairnet/clairnet";
 *
 * console.log((await listModels()).includes("photo")); // true
 * ```
 */
export async function listModels(folder: URL = SHIPPED_FOLDER): Promise<string[]> {
  if (folder.protocol !== "file:" || !("Deno" in globalThis)) return [...SHIPPED_MODELS];
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile && entry.name.endsWith(EXTENSION)) names.push(entry.name.slice(0, -EXTENSION.length));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

/**
 * Loads a model.
 * @param model name of a shipped model, path of a `.safetensors` file (not in browsers), an address (https:, file:, blob:, data:), or the
 *   bytes of such a file.
 * @param folder where the shipped ones lie, a URL that ends with a slash: beside this package unless given. A page whose
 *   bundler does not bring the weights along gives the folder that it serves them from.
 * @throws {UserError} in one line when there is none, naming what exists, or when the file cannot be read as a model.
 *
 * @example By name; an address or the bytes of a file work alike
 * ```ts
 * import { loadModel } from "@clairnet/clairnet";
 *
 * const { topology, info } = await loadModel("photo");
 * console.log(topology.widths.join(), info.license);
 * ```
 */
export async function loadModel(
  model: string | URL | Uint8Array | ArrayBuffer,
  folder: URL = SHIPPED_FOLDER,
): Promise<Model> {
  if (model instanceof Uint8Array) return decodeModel(model);
  if (model instanceof ArrayBuffer) return decodeModel(new Uint8Array(model));
  const text = String(model);
  if (model instanceof URL || /^(https?|file|blob|data):/.test(text)) {
    if (!URL.canParse(text)) {
      throw new UserError(`Cannot fetch the model ${JSON.stringify(text)}: it is no whole address`, {
        exitCode: 2,
      });
    }
    return decodeModel(await readUrl(new URL(text), text), text);
  }
  if (/[\\/]/.test(text) || text.endsWith(EXTENSION)) return decodeModel(await readPath(text, text), text);
  const names = await listModels(folder);
  if (text.includes("+") && text.split("+").every((part) => names.includes(part))) {
    throw new UserError(`${JSON.stringify(text)} names several models, where one is wanted`, { exitCode: 2 });
  }
  if (!names.includes(text)) {
    const known = names.length === 0 ? "no model is shipped" : `shipped: ${names.join(", ")}`;
    throw new UserError(
      `There is no model ${JSON.stringify(text)}; ${known}; or give the path of a ${EXTENSION} file`,
      { exitCode: 2 },
    );
  }
  const file = text + EXTENSION;
  return decodeModel(await readUrl(new URL(file, folder), file), file);
}

async function readPath(path: string | URL, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = systemReason(error);
    const hint = (error as { code?: unknown }).code === "EISDIR" ? `; give the ${EXTENSION} file in it` : "";
    throw new UserError(`Cannot read the model ${JSON.stringify(name)}: ${reason}${hint}`, { cause: error });
  }
}

async function readUrl(url: URL, name: string): Promise<Uint8Array> {
  if (url.protocol === "file:") return await readPath(url, name);
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new UserError(`Cannot fetch the model ${JSON.stringify(name)}: ${oneLine(error)}`, {
      cause: error,
    });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new UserError(
      `Cannot fetch the model ${JSON.stringify(name)}: ${url.host} answered ${response.status}`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}
