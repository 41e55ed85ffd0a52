/** Saving models to files. */
import { oneLine, UserError } from "../base/errors.ts";
import { writeFileAtomically } from "../base/write_file.ts";
import { encodeModel, type Model, type ModelExtras } from "./model_file.ts";

/** Writes a model (or checkpoint) file, whole or not at all. */
export async function saveModel(path: string, model: Model, extras?: ModelExtras): Promise<void> {
  const bytes = encodeModel(model, extras);
  try {
    await writeFileAtomically(path, bytes);
  } catch (error) {
    throw new UserError(`Cannot write ${JSON.stringify(path)}: ${oneLine(error)}`, { cause: error });
  }
}
