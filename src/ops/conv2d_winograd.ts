/**
 * Records 3×3 convolutions of stride 1, and their input gradients, by Winograd's F(2×2, 3×3) and F(4×4, 3×3) (Lavin & Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2015): 2.25 and 4 times fewer multiplications, for transforms before and after.
 */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, WORKGROUP_SIZE } from "../gpu/recorder.ts";
import { ELEMENT_BYTES, type Tensor } from "../gpu/tensor.ts";
import { runProduct } from "./conv2d_gemm.ts";
import {
  type Conv,
  type ConvRun,
  type ConvSource,
  shiftOf,
  tensorOf,
  vec4Channels,
} from "./conv2d_geometry.ts";
import type { ConvLayer } from "./conv2d_variant.ts";
import { LANES } from "./processor.ts";
import { rearranged } from "./rearranged_weights.ts";

const weights: Kernel = {
  name: "winograd_weights",
  params: ["weight", "u", "in4", "out4", "source4", "target4", "first4"],
  jobs: true,
  bindings: { weights: "read", u: "read_write" },
  types: { weight4: ["weights"], transformed4: ["u"] },
  prelude: ["TILE", "WORKGROUP"],
};
const input: Kernel = {
  name: "winograd_input",
  params: [
    ...["height", "width", "x4", "first4", "source4", "shift"],
    ...["first", "count", "stored", "across", "down"],
  ],
  bindings: { x: "read", v: "read_write" },
  types: { source4: ["x"], transformed4: ["v"] },
  prelude: ["TILE", "WORKGROUP"],
};
const output: Kernel = {
  name: "winograd_output",
  params: [
    ...["height", "width", "target4", "first", "count", "stored", "across", "down"],
    ...["accumulate", "activation"],
  ],
  bindings: { m: "read", bias: "read", activated: "read", y: "read_write" },
  types: { transformed4: ["m"], weight4: ["bias"], activated4: ["activated"], result4: ["y"] },
  includes: ["activation"],
  prelude: ["TILE", "WORKGROUP"],
};

const product: Kernel = {
  name: "winograd_product",
  params: ["parts", "rows", "source4", "target4"],
  bindings: { v: "read", u: "read", m: "read_write" },
  includes: ["rows8"],
  prelude: ["ROWS", "COLUMNS4", "WORKGROUP"],
};

/** Sides of a tile of results, and what multiplies: conv2d_gemm in workgroup memory, or winograd_product in registers. */
export const WINOGRAD_KINDS = {
  winograd2: { tile: 2, registers: false },
  winograd4: { tile: 4, registers: false },
  winograd4_tile16: { tile: 4, registers: true },
} as const;
export type WinogradKind = typeof WINOGRAD_KINDS[keyof typeof WINOGRAD_KINDS];

/** Tiles are transformed, multiplied and gathered so many bytes at a time: what a large GPU's cache holds, and little memory. */
export const WINOGRAD_CHUNK_BYTES = 32 * 2 ** 20;

/** Rows and columns (vec4s) of a lane of winograd_product, for so many rows and columns: the largest that compute little more in vain than others. */
export function productTile(rows: number, target4: number): { ROWS: 16 | 32; COLUMNS4: 1 | 2 | 3 } {
  const padded = (length: number, unit: number) => Math.ceil(length / unit) * unit;
  const least = Math.min(...[1, 2, 3].map((columns) => padded(target4, LANES * columns)));
  return {
    ROWS: padded(rows, 32) <= 1.1 * padded(rows, 16) ? 32 : 16,
    COLUMNS4: ([3, 2, 1] as const).find((columns) => padded(target4, LANES * columns) === least)!,
  };
}

/**
 * How many tiles a chunk has, of `tiles` in all that take `bytes` each: a multiple of `unit` (the rows of a product's tile), as few chunks
 * as fit into `chunkBytes`, all of one size.
 */
export function winogradChunk(tiles: number, bytes: number, unit: number, chunkBytes: number): number {
  const units = Math.ceil(tiles / unit);
  const most = Math.max(1, Math.floor(chunkBytes / (bytes * unit)));
  return Math.ceil(units / Math.ceil(units / most)) * unit;
}

/** Some tiles of all of an image, as kernels are told of them: `first` .. `first + count` of a grid by rows, in a tensor with room for `stored`. */
interface TileChunk {
  readonly height: number;
  readonly width: number;
  readonly first: number;
  readonly count: number;
  readonly stored: number;
  readonly across: number;
  readonly down: number;
}

/** Cuts a layer's tiles into chunks, as `winogradChunk` says how large. */
export function tileChunks(
  { batch, height, width }: ConvLayer,
  tile: number,
  bytes: number,
  unit: number,
  chunkBytes: number,
): TileChunk[] {
  const [across, down] = [Math.ceil(width / tile), Math.ceil(height / tile)];
  const tiles = batch * across * down;
  const stored = winogradChunk(tiles, bytes, unit, chunkBytes);
  return Array.from({ length: Math.ceil(tiles / stored) }, (_, i) => {
    const first = i * stored;
    const count = Math.min(stored, tiles - first);
    return { height, width, first, count, stored, across, down };
  });
}

/** Records Bᵀ d B of the tiles of a chunk, of all sources, into v: [(tile + 2)²][stored][4·source4]; `padded`: with zeros up to `stored`. */
export function recordTiles(
  rec: Recorder,
  { sources, v, source4, tile, workgroup, padded = false }: {
    sources: readonly ConvSource[];
    v: Tensor;
    source4: number;
    tile: number;
    workgroup: number;
    padded?: boolean;
  },
  chunk: TileChunk,
): void {
  let first4 = 0;
  for (const source of sources) {
    const x = tensorOf(source);
    const x4 = vec4Channels(x);
    rec.dispatch(input, { x, v }, {
      params: { ...chunk, x4, first4, source4, shift: shiftOf(source) },
      constants: { TILE: tile, WORKGROUP: workgroup },
      invocations: (padded ? chunk.stored : chunk.count) * x4,
      workgroup,
    });
    first4 += x4;
  }
}

/** Records the transforms and products. The weights are transformed in each training step, once in an inference plan. */
export function runWinograd(
  conv: Conv,
  run: ConvRun,
  { tile, registers }: WinogradKind,
  chunkBytes = WINOGRAD_CHUNK_BYTES,
): void {
  const { rec, in4, out4, options, software } = conv;
  const source4 = run.sources.reduce((sum, source) => sum + vec4Channels(tensorOf(source)), 0);
  const target4 = vec4Channels(run.target);
  const parts = (tile + 2) ** 2;
  const FORWARD = Number(run.role === "forward");
  // F(4×4, 3×3) makes rounding errors some thirty times larger: what lies between its transforms stays f32.
  const type = tile === 2 ? conv.weight.tensor.type : "f32";
  // On a processor small workgroups spread the few invocations of a small image evenly over the cores.
  const WORKGROUP = software ? LANES : WORKGROUP_SIZE;
  const bytesOfVec4 = 4 * ELEMENT_BYTES[type];
  const invocations = source4 * 4 * target4;
  const u = rearranged(
    rec,
    {
      ...{ kernel: weights, role: run.role, workgroup: WORKGROUP, weights: conv.weight.tensor, type },
      constants: { TILE: tile, WORKGROUP, FORWARD },
    },
    { bytes: parts * invocations * bytesOfVec4 },
    (offset) => ({
      weight: conv.weight.offset / (4 * ELEMENT_BYTES[conv.weight.tensor.type]),
      u: offset / bytesOfVec4,
      ...{ in4, out4, source4, target4, first4: run.first4 },
    }),
    invocations,
  );

  const tiles = conv.batch * Math.ceil(conv.height / tile) * Math.ceil(conv.width / tile);
  const { ROWS, COLUMNS4 } = productTile(tiles, target4);
  const chunks = tileChunks(
    conv,
    tile,
    parts * (source4 + target4) * bytesOfVec4,
    registers ? ROWS : 64,
    chunkBytes,
  );
  const [{ stored }] = chunks;
  const v = rec.tensor([parts, stored, source4 * 4], `${options.name}.winograd inputs`, {
    ...{ layout: "flat", type },
  });
  const m = rec.tensor([parts, stored, target4 * 4], `${options.name}.winograd products`, {
    ...{ layout: "flat", type },
  });
  for (const chunk of chunks) {
    recordTiles(rec, { sources: run.sources, v, source4, tile, workgroup: WORKGROUP }, chunk);
    if (registers) {
      rec.dispatch(product, { v, u, m }, {
        params: { parts, rows: stored, source4, target4 },
        constants: { ROWS, COLUMNS4, WORKGROUP },
        invocations: parts * (stored / ROWS) * Math.ceil(target4 / (LANES * COLUMNS4)) * LANES,
        workgroup: WORKGROUP,
        flops: 2 * parts * stored * source4 * 4 * target4 * 4,
      });
    } else runProduct(rec, { v, u, m }, { batch: parts, rows: stored, source4, target4 });
    rec.dispatch(output, { m, bias: conv.bias, activated: run.residual ?? run.activated, y: run.target }, {
      params: {
        ...chunk,
        ...{ target4, accumulate: Number(run.accumulate), activation: run.activation },
      },
      constants: { TILE: tile, WORKGROUP, FORWARD, RESIDUAL: Number(run.residual !== undefined) },
      invocations: chunk.count * target4,
      workgroup: WORKGROUP,
    });
  }
}
