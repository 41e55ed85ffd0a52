/** A network as a restorer, so that it is measured as `enhance` runs it. */
import { type EnhanceOptions, enhancePhoto } from "../enhance/enhancer.ts";
import type { TileNetwork } from "../enhance/network.ts";
import type { Restorer } from "./restorer.ts";

/** Restores 8-bit RGB through the tiles that `enhance` uses. */
export function networkRestorer(
  name: string,
  network: TileNetwork,
  options: Pick<EnhanceOptions, "selfEnsemble" | "strength"> = {},
): Restorer {
  return {
    name,
    scale: network.topology.scale,
    restore: async (rgb, width, height) => {
      const photo = { width, height, rgb, grey: false, format: "png" };
      return (await enhancePhoto(photo, network, options)).rgb as Uint8Array;
    },
  };
}
