/** Models by address or from bytes. */
import { UserError } from "../../src/base/errors.ts";
import { decodeModel, type Model } from "../../src/nn/model_file.ts";
import type { ModelSource } from "./protocol.ts";

/** @throws {UserError} in one line where it cannot be fetched or is no model. */
export async function loadModelFrom({ name, url, bytes }: ModelSource): Promise<Model> {
  if (bytes) return decodeModel(bytes, name);
  const response = await fetch(url!).catch((error) => {
    throw new UserError(`Cannot fetch the model ${name}: ${error.message}`, { cause: error });
  });
  if (!response.ok) {
    throw new UserError(`Cannot fetch the model ${name}: the server answered ${response.status}`);
  }
  return decodeModel(new Uint8Array(await response.arrayBuffer()), name);
}
