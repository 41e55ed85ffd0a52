/** Records convolutions and batched products by implicit GEMM over tiles in workgroup memory: conv2d_gemm. */
import type { Kernel } from "../gpu/kernel.ts";
import { rangeOf, type Recorder, WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor, TensorRange } from "../gpu/tensor.ts";
import { type Conv, type ConvRun, flopsOf, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";

const gemm: Kernel = {
  name: "conv2d_gemm",
  params: [
    ...["batch", "rows", "columns", "height", "width", "a4", "b4", "shift", "holes"],
    ...["target4", "in4", "out4", "first4", "kernel", "stride", "batch_weights", "accumulate", "activation"],
  ],
  bindings: { a: "read", b: "read", w: "read", bias: "read", activated: "read", y: "read_write" },
  types: {
    ...{ source4: ["a", "b"], weight4: ["w", "bias"], activated4: ["activated"], result4: ["y"] },
    ...{ tile4: [], product4: [] },
  },
  includes: ["activation", "gemm_tile"],
  prelude: ["M", "N", "VECS", "K4", "CHUNK"],
};

/** Modes of conv2d_gemm. */
const MODE_INPUT_GRADIENT = 0;
const MODE_FORWARD = 1;
const MODE_PRODUCT = 2;

/** Tile of gemm_tile: rows and columns of a workgroup, vec4s of columns of an invocation. */
export interface GemmTile {
  readonly M: 64 | 128;
  readonly N: 16 | 32 | 64;
  readonly VECS: 1 | 2;
}

/** The tiles by columns; each has workgroups of 64, the large one of 128. */
const TILES: readonly GemmTile[] = [
  { M: 64, N: 64, VECS: 2 },
  { M: 64, N: 32, VECS: 1 },
  { M: 128, N: 16, VECS: 1 },
];
const LARGE_TILE: GemmTile = { M: 128, N: 64, VECS: 2 };

/**
 * The tile for a product with so many columns: the one that computes the fewest in vain. A narrow one fetches more for each
 * multiply-add, which counts as 8 columns a tile.
 */
export function gemmTile(columns: number): GemmTile {
  const cost = ({ N }: GemmTile) => Math.ceil(columns / N) * (N + 8);
  return TILES.reduce((best, tile) => cost(tile) < cost(best) ? tile : best);
}

/** `large` asks for the tile of 128 pixels where 64 columns fit, `half` for products in f16 where pixels and weights are f16. */
export interface GemmKind {
  readonly large: boolean;
  readonly half: boolean;
}

export const GEMM_KINDS = {
  gemm: { large: false, half: false },
  gemm128: { large: true, half: false },
  gemm_f16: { large: false, half: true },
  gemm128_f16: { large: true, half: true },
} as const;

/** So many products are added up in f16, then the sum in f32: the error of such a short sum is about that of storing it. */
export const HALF_CHUNK = 32;

/** Records a convolution of any kernel size and stride, or its input gradient. */
export function runGemm(conv: Conv, run: ConvRun, kind: GemmKind): void {
  const { batch, in4, out4, kernel, weight, bias } = conv;
  const forward = run.role === "forward";
  const [rows, columns] = forward ? [conv.out_height, conv.out_width] : [conv.height, conv.width];
  const [a, b = a] = run.sources.map(tensorOf);
  // With stride 2 the gradient reads dy as if there were zeros between its pixels, at stride 1.
  const spread = forward ? 1 : conv.stride;
  dispatchGemm(conv.rec, {
    ...{ a, b, w: weight, bias, activated: run.residual ?? run.activated, y: run.target },
  }, {
    ...{ batch, rows, columns },
    height: forward ? conv.height : conv.out_height * spread,
    width: forward ? conv.width : conv.out_width * spread,
    ...{ a4: vec4Channels(a), b4: run.sources[1] ? vec4Channels(b) : 0 },
    ...{ shift: forward ? shiftOf(run.sources[0]) : spread - 1, holes: spread - 1 },
    ...{ target4: vec4Channels(run.target), in4, out4, first4: run.first4 },
    ...{ kernel, stride: forward ? conv.stride : 1, batch_weights: 0 },
    ...{ accumulate: Number(run.accumulate), activation: run.activation },
  }, {
    ...{ mode: forward ? MODE_FORWARD : MODE_INPUT_GRADIENT, kind, residual: run.residual !== undefined },
    flops: forward ? flopsOf(conv) : flopsOf(conv, run.target.shape[3]),
  });
}

/** Products of `batch` pairs of matrices, each m [rows][4·target4] = v [rows][4·source4] · u [4·source4][4·target4]. */
export interface BatchedProduct {
  readonly batch: number;
  /** A multiple of 8. */
  readonly rows: number;
  readonly source4: number;
  readonly target4: number;
}

/** Records the products as 1×1 convolutions over images of 8 columns, each with weights of its own. */
export function runProduct(
  rec: Recorder,
  { v, u, m }: { v: Tensor; u: Tensor | TensorRange; m: Tensor },
  { batch, rows, source4, target4 }: BatchedProduct,
): void {
  dispatchGemm(rec, { a: v, b: v, w: u, bias: v, activated: v, y: m }, {
    ...{ batch, rows: rows / 8, columns: 8, height: rows / 8, width: 8 },
    ...{ a4: source4, b4: 0, shift: 0, holes: 0 },
    ...{ target4, in4: source4, out4: target4, first4: 0 },
    ...{ kernel: 1, stride: 1, batch_weights: source4 * 4 * target4, accumulate: 0, activation: 0 },
  }, {
    mode: MODE_PRODUCT,
    residual: false,
    kind: rows % LARGE_TILE.M === 0 ? GEMM_KINDS.gemm128 : GEMM_KINDS.gemm,
    flops: 2 * batch * rows * source4 * 4 * target4 * 4,
  });
}

function dispatchGemm(
  rec: Recorder,
  bindings: Record<keyof typeof gemm.bindings, Tensor | TensorRange>,
  params: Record<string, number>,
  { mode, kind, residual, flops }: { mode: number; kind: GemmKind; residual: boolean; flops: number },
): void {
  const { batch, rows, columns, a4, b4, target4 } = params;
  const fitting = gemmTile(target4 * 4);
  const tile = kind.large && fitting.N === LARGE_TILE.N ? LARGE_TILE : fitting;
  // The tile of 128 by 16 has more to fetch than invocations at two vec4s of k, and one channel vec4 fills no more than one.
  const K4 = tile.N === 16 || a4 + b4 === 1 ? 1 : 2;
  const workgroups = batch * Math.ceil(rows / (tile.M / 8)) * Math.ceil(columns / 8);
  // In workgroup memory lie halves where both factors are such: a picture of f32 is not rounded.
  const half = [bindings.a, bindings.w].every((binding) => rangeOf(binding).tensor.type === "f16");
  rec.dispatch(gemm, bindings, {
    params,
    constants: {
      ...{ ...tile, K4, CHUNK: half && kind.half ? HALF_CHUNK / (4 * K4) : 0 },
      ...{ MODE: mode, RESIDUAL: Number(residual) },
    },
    types: { tile4: half ? "f16" : "f32", product4: half && kind.half ? "f16" : "f32" },
    invocations: workgroups * WORKGROUP_SIZE,
    groups: Math.ceil(target4 * 4 / tile.N),
    flops,
  });
}
