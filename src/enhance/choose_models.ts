/** Which models enhance a photo, for the model and the enlargement that a person asks for. */
import { UserError } from "../base/errors.ts";
import type { Model } from "../nn/model_file.ts";
import { listModels, loadModel } from "../nn/models.ts";
import { modelChain } from "./model_chain.ts";

/** The model that restores where none is asked for. */
const DEFAULT_MODEL = "photo";

/** A model with the name or path it was asked for by. */
export interface ChosenModel {
  readonly name: string;
  readonly model: Model;
}

/**
 * The models that a photo goes through, in order. Without a scale it is the model asked for (`photo` by default), which enlarges if it is of
 * that kind. With one: the shipped model of that enlargement, `upscale2x` twice where there is no `upscale4x`; after the model
 * asked for, where that only restores; or that model itself, where it enlarges.
 *
 * @param scale 1, 2 or 4.
 * @param folder where the shipped models lie.
 * @throws {UserError} in one line where nothing fits.
 */
export async function chooseModels(
  wanted: { readonly model?: string; readonly scale?: number },
  folder?: URL,
): Promise<ChosenModel[]> {
  const { model, scale } = wanted;
  const name = model ?? (scale === undefined || scale === 1 ? DEFAULT_MODEL : undefined);
  const loaded = new Map<string, Promise<ChosenModel>>();
  // A model that comes twice is loaded once.
  const load = (name: string) => {
    const chosen = loaded.get(name) ?? loadModel(name, folder).then((model) => ({ name, model }));
    loaded.set(name, chosen);
    return chosen;
  };
  const first = name === undefined ? undefined : await load(name);
  const own = first?.model.topology.scale ?? 1;
  if (first && (scale ?? own) === own) return [first];
  const shipped = await listModels(folder);
  const names = modelChain(first && { name: first.name, scale: own }, scale, shipped);
  if (names) return await Promise.all(names.map(load));
  throw new UserError(
    own === 1
      ? `There is no model for --scale ${scale} among the shipped ones (${shipped.join(", ") || "none"}): ` +
        `train one as docs/MODELS.md says under upscale2x and give it with --model FILE`
      : `The model ${name} enlarges ×${own}, so --scale ${scale} does not go with it: leave one of the two out`,
    { exitCode: 2 },
  );
}
