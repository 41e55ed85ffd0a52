/** Records 3×3 convolutions of stride 1 by register tiles, with packed weights in uniform bindings: conv2d_tile8, conv2d_tile8x4 and conv2d_subgroup8x8. */
import type { Kernel } from "../gpu/kernel.ts";
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import { ELEMENT_BYTES } from "../gpu/tensor.ts";
import { type Conv, type ConvRun, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";
import { pack, subgroup8x4, subgroup8x4Wide, subgroup8x8, tile8, tile8x4 } from "./conv2d_kernels.ts";
import { blocksAtOnce, lanesOf, processorPart, TILES, type TileVariant } from "./conv2d_parts.ts";
import {
  blocksInUniform,
  blockVec4s,
  fillsSixteen,
  type SettledVariant,
  UNIFORM_BYTES,
} from "./conv2d_variant.ts";
import { LANES } from "./processor.ts";
import { rearranged } from "./rearranged_weights.ts";

/** Modes of conv2d_tile. */
const MODE_INPUT_GRADIENT = 0;
const MODE_FORWARD = 1;
const MODE_FORWARD_ADDED = 2;

const TILED = ["tile8", "tile8x4", "tile8x4x16", "subgroup8x4", "subgroup8x8"] as const;
/** The versions that run here. */
export type TiledVariant = typeof TILED[number];

export function isTiled(variant: SettledVariant): variant is TiledVariant {
  return (TILED as readonly SettledVariant[]).includes(variant);
}

/**
 * Runs the kernel over as many blocks of outputs at a time as a uniform binding holds. Joined sources, and the parts of a source of which
 * one block does not fit or would leave cores idle, run one after the other: the first without the activation, the others adding to it.
 */
export function runTiled(conv: Conv, run: ConvRun, wanted: TiledVariant): void {
  const blocks = Math.ceil(vec4Channels(run.target) / 2);
  const variant = tileOf(conv, run, blocks, wanted);
  const tiles = tilesOf(conv, variant);
  const parts = [];
  let place4 = 0;
  for (const source of run.sources) {
    const x4 = vec4Channels(tensorOf(source));
    const most = conv.software ? processorPart(x4, blocks, tiles, variant).part : x4;
    for (let first4 = 0; first4 < x4; first4 += most) {
      parts.push({ source, first4, in4: Math.min(most, x4 - first4), place4: place4 + first4 });
    }
    place4 += x4;
  }
  parts.forEach((part, i) =>
    runPart(conv, run, variant, part, { tiles, blocks, first: i === 0, last: i === parts.length - 1 })
  );
}

function tilesOf({ batch, height, width }: Conv, variant: TileVariant): number {
  return batch * Math.ceil(height / TILES[variant].height) * Math.ceil(width / 8);
}

/** The tile that a version takes for this layer: of those that it has, the one that takes the least time on a processor. */
function tileOf(conv: Conv, run: ConvRun, blocks: number, wanted: TiledVariant): TileVariant {
  if (wanted === "tile8x4x16") return fits16(conv, run) ? wanted : "tile8x4";
  if (wanted === "tile8" || wanted === "tile8x4") return wanted;
  const kinds: TileVariant[] = wanted === "subgroup8x8"
    ? ["subgroup8x8x32", "subgroup8x8x16"]
    : ["subgroup8x4", ...(fits16(conv, run) ? ["subgroup8x4x16", "subgroup8x4x16wide"] as const : [])];
  const time = (variant: TileVariant) =>
    run.sources.reduce((sum, source) => {
      const x4 = vec4Channels(tensorOf(source));
      return sum + processorPart(x4, blocks, tilesOf(conv, variant), variant).time;
    }, 0);
  return kinds.reduce((best, kind) => time(kind) < time(best) ? kind : best);
}

/** Whether a tile by sixteen outputs suits the target, and two blocks of weights fit into a uniform binding: in parts they always do. */
function fits16({ software }: Conv, { sources, target }: ConvRun): boolean {
  const two = (source: ConvRun["sources"][number]) => blocksInUniform(vec4Channels(tensorOf(source))) >= 2;
  return fillsSixteen(vec4Channels(target)) && (software || sources.every(two));
}

interface Part {
  readonly source: ConvRun["sources"][number];
  /** First channel, in vec4s, and their number. */
  readonly first4: number;
  readonly in4: number;
  /** Place of the first one among those of all sources. */
  readonly place4: number;
}

function runPart(
  conv: Conv,
  run: ConvRun,
  variant: TileVariant,
  { source, first4, in4, place4 }: Part,
  { tiles, blocks, first, last }: { tiles: number; blocks: number; first: boolean; last: boolean },
): void {
  const { rec, batch, height, width, software } = conv;
  const forward = run.role === "forward";
  const x = tensorOf(source);
  const target4 = vec4Channels(run.target);
  const block = blockVec4s(in4);
  const { blocks: together, lanes, sharesWeights, anyWidth } = TILES[variant];
  const most = Math.min(blocks, blocksAtOnce(in4, variant));
  const workgroup = software ? LANES : WORKGROUP_SIZE;
  // The kernel declares a whole 64 KiB of weights, so that one pipeline serves all layers: room for that behind the last slice.
  const lastSlice = Math.floor((blocks - 1) / most) * most * block * 16;
  const bytes = blocks * block * 16;
  const bytesOfVec4 = 4 * ELEMENT_BYTES[conv.weight.tensor.type];
  const invocations = blocks * 2 * in4;
  const packed = rearranged(
    rec,
    {
      ...{ kernel: pack, role: run.role, workgroup, weights: conv.weight.tensor, type: "f32" },
      constants: { FORWARD: Number(forward), WORKGROUP: workgroup },
    },
    { bytes, ...(anyWidth ? {} : { reach: lastSlice + UNIFORM_BYTES }) },
    (offset) => ({
      weight: conv.weight.offset / bytesOfVec4,
      bias: conv.bias.offset / bytesOfVec4,
      packed: offset / 16,
      ...{ in4: conv.in4, out4: conv.out4, source4: in4, source_first4: place4, target4, first4: run.first4 },
      ...{ block_vec4s: block, count: invocations },
    }),
    invocations,
  );
  const added = last ? run.residual : undefined;
  for (let block0 = 0; block0 < blocks; block0 += most) {
    const count = Math.min(most, blocks - block0);
    rec.dispatch(kernelOf(variant), {
      ...{
        x,
        w: { ...packed, offset: packed.offset + block0 * block * 16, size: anyWidth ? bytes : UNIFORM_BYTES },
      },
      ...{ activated: added ?? run.activated, y: run.target },
    }, {
      params: {
        ...{ batch, height, width, x4: vec4Channels(x), first4, in4, shift: shiftOf(source), out4: target4 },
        ...{ first_block: block0, blocks: lanes > 1 ? count : count / together, block_vec4s: block },
        // Of an input gradient each part is multiplied by the slope, and all but the first add.
        accumulate: Number(run.accumulate || !first),
        activation: last || !forward ? run.activation : 0,
      },
      constants: {
        MODE: !forward ? MODE_INPUT_GRADIENT : first ? MODE_FORWARD : MODE_FORWARD_ADDED,
        ...{ RESIDUAL: Number(added !== undefined), WORKGROUP: workgroup },
        ...(lanes > 1 ? { OUT_LANES: lanes } : { BLOCKS_IN_LANES: sharesWeights ? 2 : Number(software) }),
        ...(TILES[variant].height === 4 && { OUTPUTS4: together === 2 ? 4 : target4 === 1 ? 1 : 2 }),
      },
      invocations: software ? lanesOf(TILES[variant], tiles, count) : tiles,
      groups: software ? 1 : count / together,
      workgroup,
      flops: 2 * 9 * batch * height * width * in4 * 4 * Math.min(count * 8, (target4 - block0 * 2) * 4),
    });
  }
}

function kernelOf(variant: TileVariant): Kernel {
  const { lanes, sharesWeights, anyWidth } = TILES[variant];
  if (lanes > 1) return subgroup8x8;
  if (sharesWeights) return anyWidth ? subgroup8x4Wide : subgroup8x4;
  return variant === "tile8" ? tile8 : tile8x4;
}
