/** In how many parts a software adapter runs a convolution by tiles, so that small images keep all cores busy. Pure but for the number of cores. */
import { blocksInUniform } from "./conv2d_variant.ts";
import { CORES, LANES } from "./processor.ts";

/** Tiles of pixels by outputs; where no number of these is said, by eight. `wide`: with weights from a storage buffer. */
export type TileVariant =
  | "tile8"
  | "tile8x4"
  | "tile8x4x16"
  | "subgroup8x4"
  | "subgroup8x4x16"
  | "subgroup8x4x16wide"
  | "subgroup8x8x16"
  | "subgroup8x8x32";

/** What a tile is, and what its kernel costs on a processor. */
export interface TileKind {
  /** Pixels of a tile down; across there are eight. */
  readonly height: number;
  /** Lanes that compute a tile's outputs side by side and share its pixels. */
  readonly lanes: 1 | 4 | 8;
  /** Whether the eight lanes of a subgroup share weights. */
  readonly sharesWeights: boolean;
  /** Whether weights come from a storage buffer, which holds those of any layer. */
  readonly anyWidth?: boolean;
  /** Blocks of eight outputs that these lanes compute. */
  readonly blocks: 1 | 2 | 4;
  /** Microseconds of one core for eight lanes (measured on lavapipe; only their ratios matter): a step of four inputs, to read what earlier parts have left, and a dispatch. */
  readonly step: number;
  readonly added: number;
  readonly dispatch: number;
}

export const TILES: Readonly<Record<TileVariant, TileKind>> = {
  tile8: { height: 1, lanes: 1, sharesWeights: false, blocks: 1, step: 2, added: 4, dispatch: 30 },
  tile8x4: { height: 4, lanes: 1, sharesWeights: false, blocks: 1, step: 5, added: 15, dispatch: 30 },
  tile8x4x16: { height: 4, lanes: 1, sharesWeights: false, blocks: 2, step: 8, added: 30, dispatch: 30 },
  subgroup8x4: { height: 4, lanes: 1, sharesWeights: true, blocks: 1, step: 4.4, added: 15, dispatch: 30 },
  subgroup8x4x16: { height: 4, lanes: 1, sharesWeights: true, blocks: 2, step: 7, added: 30, dispatch: 30 },
  subgroup8x4x16wide: {
    ...{ height: 4, lanes: 1, sharesWeights: true, blocks: 2, step: 7.3, added: 30, dispatch: 30 },
    anyWidth: true,
  },
  subgroup8x8x16: { height: 8, lanes: 4, sharesWeights: false, blocks: 2, step: 4, added: 15, dispatch: 30 },
  subgroup8x8x32: {
    height: 8,
    lanes: 8,
    sharesWeights: false,
    blocks: 4,
    step: 3.9,
    added: 15,
    dispatch: 30,
  },
};

/** Lanes that so many tiles and blocks of outputs fill, those included that a subgroup leaves idle. */
export function lanesOf(
  { lanes, sharesWeights, blocks: together }: TileKind,
  tiles: number,
  blocks: number,
): number {
  if (lanes === 1 && !sharesWeights) return tiles * blocks / together;
  return Math.ceil(tiles * lanes / LANES) * LANES * Math.ceil(blocks / together);
}

/** How to run a source, and what it costs. */
export interface ProcessorPart {
  /** vec4s of inputs to run at a time. */
  readonly part: number;
  /** Microseconds, infinite where not one group of blocks fits into a uniform binding. */
  readonly time: number;
}

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
): ProcessorPart {
  const kind = TILES[variant];
  const { step, added, dispatch } = kind;
  let best: ProcessorPart = { part: in4, time: Infinity };
  for (let parts = 1; parts <= in4; parts++) {
    const part = Math.ceil(in4 / parts);
    const most = blocksAtOnce(part, variant);
    if (most < 1) continue;
    let time = 0;
    for (let first = 0; first < blocks; first += most) {
      const lanes = lanesOf(kind, tiles, Math.min(most, blocks - first));
      time += parts * dispatch + Math.ceil(lanes / (LANES * cores)) * (in4 * step + (parts - 1) * added);
    }
    if (time < best.time) best = { part, time };
  }
  return best;
}

/** Blocks of outputs that a dispatch over `in4` vec4s of inputs can have: what the binding of its weights holds, in whole groups of them. */
export function blocksAtOnce(in4: number, variant: TileVariant): number {
  const { blocks, anyWidth } = TILES[variant];
  if (anyWidth) return Infinity;
  const most = blocksInUniform(in4);
  return most - most % blocks;
}
