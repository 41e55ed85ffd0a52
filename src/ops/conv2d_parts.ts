/** In how many parts a software adapter runs a convolution by tiles, so that small images keep all cores busy. Pure but for the number of cores. */
import { blocksInUniform } from "./conv2d_variant.ts";
import { CORES, LANES } from "./processor.ts";

export type TileVariant = "tile8" | "tile8x4" | "tile8x4x16";

/**
 * Pixels of a tile down, blocks of eight outputs that a lane computes, and what a kernel costs on a processor, in microseconds of one core
 * for eight lanes: a step of four inputs, to read what earlier parts have left, and a dispatch (measured on lavapipe; only their ratios
 * matter).
 */
export const TILES: Readonly<
  Record<TileVariant, { height: number; blocks: 1 | 2; step: number; added: number; dispatch: number }>
> = {
  tile8: { height: 1, blocks: 1, step: 2, added: 4, dispatch: 30 },
  tile8x4: { height: 4, blocks: 1, step: 5, added: 15, dispatch: 30 },
  tile8x4x16: { height: 4, blocks: 2, step: 8, added: 30, dispatch: 30 },
};

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
  const { step, added, dispatch, blocks: together } = TILES[variant];
  let best = in4;
  let least = Infinity;
  for (let parts = 1; parts <= in4; parts++) {
    const part = Math.ceil(in4 / parts);
    const most = blocksInUniform(part) - blocksInUniform(part) % together;
    if (most < 1) continue;
    let time = 0;
    for (let first = 0; first < blocks; first += most) {
      const lanes = tiles * Math.min(most, blocks - first) / together;
      time += parts * dispatch + Math.ceil(lanes / (LANES * cores)) * (in4 * step + (parts - 1) * added);
    }
    if (time < least) [least, best] = [time, part];
  }
  return best;
}
