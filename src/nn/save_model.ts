/** Saving models to files. */
import { writeNamedFile } from "../base/write_file.ts";
import { encodeModel, type Model, type ModelExtras } from "./model_file.ts";

/**
 * Writes a model (or checkpoint) file, whole or not at all. For Deno; elsewhere write the bytes that `encodeModel` gives.
 * @throws {UserError} where the file cannot be written, or a weight is not finite.
 *
 * @example
 * ```ts
 * import { freshModel, loadModel } from "@clairnet/clairnet";
 * import { saveModel } from "@clairnet/clairnet/native";
 *
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await saveModel(path, freshModel({ base: 4, depth: 1 }));
 * console.log((await loadModel(path)).topology.widths.join()); // 4,8
 * await Deno.remove(path);
 * ```
 */
export async function saveModel(path: string, model: Model, extras?: ModelExtras): Promise<void> {
  const bytes = encodeModel(model, extras);
  await writeNamedFile(path, bytes);
}
