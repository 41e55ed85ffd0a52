/** Opens the models that a photo goes through. */
import type { ChosenModel } from "./choose_models.ts";
import type { TileNetwork } from "./network.ts";
import type { OpenedNetwork } from "./open_network.ts";

/** Networks that a photo goes through, ready to run. */
export interface OpenedChain extends Disposable {
  /** In their order; one that comes twice is the same. */
  readonly networks: readonly TileNetwork[];
  /** What is used and why, a line for each device. */
  readonly notices: readonly string[];
}

/**
 * Opens each model of a chain, once where it comes twice.
 * @param open opens one.
 * @throws what `open` throws; what was open by then is closed.
 */
export async function openChain(
  models: readonly ChosenModel[],
  open: (chosen: ChosenModel) => Promise<OpenedNetwork>,
): Promise<OpenedChain> {
  const opened = new Map<ChosenModel, OpenedNetwork>();
  const close = () => {
    for (const each of opened.values()) each[Symbol.dispose]();
    opened.clear();
  };
  try {
    for (const chosen of new Set(models)) opened.set(chosen, await open(chosen));
  } catch (error) {
    close();
    throw error;
  }
  return {
    networks: models.map((chosen) => opened.get(chosen)!.network),
    notices: [...new Set([...opened.values()].map(({ notice }) => notice))],
    [Symbol.dispose]: close,
  };
}
