/** Which models enhance a photo, for the models and the enlargement that a person asks for. */
import { UserError } from "../base/errors.ts";
import type { Model } from "../nn/model_file.ts";
import { listModels, loadModel } from "../nn/models.ts";
import { chainNames, chainScale, modelChain } from "./model_chain.ts";

/** The model that restores where none is asked for. */
export const DEFAULT_MODEL = "photo";

/** A model with the name or path it was asked for by. */
export interface ChosenModel {
  readonly name: string;
  readonly model: Model;
}

/**
 * The models that a photo goes through, in order. Without a scale it is the model asked for (`photo` by default), which enlarges if it is of
 * that kind, or several in order (`impulse+photo`). With one: the shipped model of that enlargement, `upscale2x` twice where there is no
 * `upscale4x`; after those asked for, where they only restore; or those themselves, where they enlarge.
 *
 * @param wanted its `scale` is 1, 2 or 4.
 * @param folder where the shipped models lie.
 * @throws {UserError} in one line where nothing fits.
 */
export async function chooseModels(
  wanted: { readonly model?: string; readonly scale?: number },
  folder?: URL,
): Promise<ChosenModel[]> {
  const { model, scale } = wanted;
  const name = model ?? (scale === undefined || scale === 1 ? DEFAULT_MODEL : undefined);
  const parts = name === undefined ? [] : chainNames(name);
  if (parts.includes("")) {
    throw new UserError(`Cannot read the models ${JSON.stringify(name)}: a name is missing beside a +`, {
      exitCode: 2,
    });
  }
  const loaded = new Map<string, Promise<ChosenModel>>();
  // A model that comes twice is loaded once.
  const load = (name: string) => {
    const chosen = loaded.get(name) ?? loadModel(name, folder).then((model) => ({ name, model }));
    loaded.set(name, chosen);
    return chosen;
  };
  const first = await Promise.all(parts.map(load));
  const scales = first.map(({ name, model }) => ({ name, scale: model.topology.scale }));
  const own = chainScale(scales);
  // Where nothing is to be added, a folder that cannot be read does not matter.
  if (first.length > 0 && (scale ?? own) === own) return first;
  const shipped = await listModels(folder);
  const names = modelChain(scales, scale, shipped);
  if (names) return await Promise.all(names.map(load));
  throw new UserError(
    own === 1
      ? `There is no model for --scale ${scale} among the shipped ones (${shipped.join(", ") || "none"}): ` +
        `train one as docs/MODELS.md says under upscale2x and give it with --model FILE`
      : `The model ${name} enlarges ×${own}, so --scale ${scale} does not go with it: leave one of the two out`,
    { exitCode: 2 },
  );
}
