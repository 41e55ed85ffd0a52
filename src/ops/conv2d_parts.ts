/** In how many parts a software adapter runs a convolution by tiles, so that small images keep all cores busy. Pure but for the number of cores. */
import { blocksInUniform } from "./conv2d_variant.ts";

export type TileVariant = "tile8" | "tile8x4";

/**
 * Pixels of a tile down, and what a kernel costs on a processor, in microseconds of one core for eight lanes: a step of four inputs,
 * to read what earlier parts have left, and a dispatch (measured on lavapipe; only their ratios matter).
 */
export const TILES: Readonly<
  Record<TileVariant, { height: number; step: number; added: number; dispatch: number }>
> = {
  tile8: { height: 1, step: 2, added: 4, dispatch: 30 },
  tile8x4: { height: 4, step: 5, added: 15, dispatch: 30 },
};

/** Lanes that a core runs together: the smallest workgroup, so that little work is spread over all cores. */
export const LANES = 8;
/** Navigators of some browsers do not say. */
export const CORES = globalThis.navigator?.hardwareConcurrency ?? 2;

/**
 * vec4s of inputs to run at a time, of `in4`. The fewer they are, the more blocks of outputs fit into a uniform binding, and the more
 * lanes a dispatch fills; but each part after the first reads and writes the outputs once more.
 */
export function processorPart(
  in4: number,
  blocks: number,
  tiles: number,
  variant: TileVariant,
  cores = CORES,
): number {
  const { step, added, dispatch } = TILES[variant];
  let best = in4;
  let least = Infinity;
  for (let parts = 1; parts <= in4; parts++) {
    const part = Math.ceil(in4 / parts);
    const most = blocksInUniform(part);
    if (most < 1) continue;
    let time = 0;
    for (let first = 0; first < blocks; first += most) {
      const lanes = tiles * Math.min(most, blocks - first);
      time += parts * dispatch + Math.ceil(lanes / (LANES * cores)) * (in4 * step + (parts - 1) * added);
    }
    if (time < least) [least, best] = [time, part];
  }
  return best;
}
