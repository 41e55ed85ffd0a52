/** A network as a restorer, so that it is measured as `enhance` runs it. */
import { type EnhanceOptions, enhancePhoto } from "../enhance/enhancer.ts";
import { chainScale } from "../enhance/model_chain.ts";
import type { TileNetwork } from "../enhance/network.ts";
import type { Restorer } from "./restorer.ts";

/** Restores 8-bit RGB through the tiles that `enhance` uses, by one network or by several in order. */
export function networkRestorer(
  name: string,
  network: TileNetwork | readonly TileNetwork[],
  options: Pick<EnhanceOptions, "selfEnsemble" | "strength"> = {},
): Restorer {
  return {
    name,
    scale: chainScale([network].flat().map(({ topology }) => topology)),
    restore: async (rgb, width, height) => {
      const photo = { width, height, rgb, grey: false, format: "png" };
      return (await enhancePhoto(photo, network, options)).rgb as Uint8Array;
    },
  };
}
