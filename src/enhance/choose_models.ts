/** Which models enhance a photo, for the model and the enlargement that a person asks for. */
import { UserError } from "../base/errors.ts";
import type { Model } from "../nn/model_file.ts";
import { listModels, loadModel } from "../nn/models.ts";

/** The model that restores where none is asked for. */
export const DEFAULT_MODEL = "photo";

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
  const { model: name, scale } = wanted;
  if (name === undefined && (scale ?? 1) > 1) return await upscalers(scale!, folder);
  const first = { name: name ?? DEFAULT_MODEL, model: await loadModel(name ?? DEFAULT_MODEL, folder) };
  const own = first.model.topology.scale;
  if (scale === undefined || scale === own) return [first];
  if (own === 1) return [first, ...await upscalers(scale, folder)];
  if (own ** 2 === scale) return [first, first];
  throw new UserError(
    `The model ${first.name} enlarges ×${own}, so --scale ${scale} does not go with it: leave one of the two out`,
    { exitCode: 2 },
  );
}

async function upscalers(scale: number, folder: URL | undefined): Promise<ChosenModel[]> {
  const shipped = await listModels(folder);
  const load = async (name: string) => ({ name, model: await loadModel(name, folder) });
  if (shipped.includes(`upscale${scale}x`)) return [await load(`upscale${scale}x`)];
  if (scale === 4 && shipped.includes("upscale2x")) {
    const twice = await load("upscale2x");
    return [twice, twice];
  }
  throw new UserError(
    `There is no model for --scale ${scale} among the shipped ones (${
      shipped.join(", ") || "none"
    }): train one as ` +
      `docs/MODELS.md says under upscale2x and give it with --model FILE`,
    { exitCode: 2 },
  );
}
