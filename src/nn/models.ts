/** Finding, loading and saving models: the shipped ones by name, others by path or address. */
import { UserError } from "../base/errors.ts";
import { writeFileAtomically } from "../base/write_file.ts";
import { decodeModel, encodeModel, type Model, type ModelExtras } from "./model_file.ts";

/** Folder of the shipped models: in a checkout a folder, otherwise where the package lies on the web. */
export const SHIPPED_FOLDER = new URL("../../models/", import.meta.url);
/** What the package ships, for where a folder cannot be listed (https). A test holds it equal to the folder. */
export const SHIPPED_MODELS: readonly string[] = ["photo"];
const EXTENSION = ".safetensors";

/** Names that {@link loadModel} knows, sorted. */
export async function listModels(folder: URL = SHIPPED_FOLDER): Promise<string[]> {
  if (folder.protocol !== "file:") return [...SHIPPED_MODELS].sort();
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
 * @param model name of a shipped model, path of a `.safetensors` file, or an address (https:, file:, or in a page blob:).
 * @param folder where the shipped ones lie, a URL that ends with a slash.
 * @throws {UserError} in one line when there is none, naming what exists, or when the file cannot be read as a model.
 */
export async function loadModel(model: string, folder: URL = SHIPPED_FOLDER): Promise<Model> {
  if (/^(https?|file|blob):/.test(model)) return decodeModel(await readUrl(new URL(model), model), model);
  if (/[\\/]/.test(model) || model.endsWith(EXTENSION)) return decodeModel(await readPath(model), model);
  const names = await listModels(folder);
  if (!names.includes(model)) {
    const known = names.length === 0 ? "no model is shipped" : `shipped: ${names.join(", ")}`;
    throw new UserError(
      `There is no model ${JSON.stringify(model)}; ${known}; or give the path of a ${EXTENSION} file`,
      { exitCode: 2 },
    );
  }
  const url = new URL(model + EXTENSION, folder);
  return decodeModel(await readUrl(url, model), `${model}${EXTENSION}`);
}

/** Writes a model (or checkpoint) file, whole or not at all. */
export async function saveModel(path: string, model: Model, extras?: ModelExtras): Promise<void> {
  const bytes = encodeModel(model, extras);
  try {
    await writeFileAtomically(path, bytes);
  } catch (error) {
    throw new UserError(`Cannot write ${JSON.stringify(path)}: ${oneLine(error)}`, { cause: error });
  }
}

async function readPath(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UserError(`Cannot read the model ${JSON.stringify(path)}: ${oneLine(error)}`, { cause: error });
  }
}

async function readUrl(url: URL, name: string): Promise<Uint8Array> {
  if (url.protocol === "file:") {
    try {
      return await Deno.readFile(url);
    } catch (error) {
      throw new UserError(`Cannot read the model ${JSON.stringify(name)}: ${oneLine(error)}`, {
        cause: error,
      });
    }
  }
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

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
}
