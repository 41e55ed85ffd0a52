/**
 * Records 3×3 convolutions of stride 1, and their input gradients, by Winograd's F(2×2, 3×3) and F(4×4, 3×3) (Lavin & Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2015): 2.25 and 4 times fewer multiplications, for transforms before and after.
 */
import type { Kernel } from "../gpu/kernel.ts";
import { runProduct } from "./conv2d_gemm.ts";
import { type Conv, type ConvRun, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";

const weights: Kernel = {
  name: "winograd_weights",
  params: ["in4", "out4", "source4", "target4", "first4"],
  bindings: { weight: "read", u: "read_write" },
  prelude: ["TILE"],
};
const input: Kernel = {
  name: "winograd_input",
  params: ["height", "width", "a2", "b2", "shift", "first", "count", "stored", "across", "down"],
  bindings: { a: "read", b: "read", v: "read_write" },
  prelude: ["TILE"],
};
const output: Kernel = {
  name: "winograd_output",
  params: [
    ...["height", "width", "target2", "first", "count", "stored", "across", "down"],
    ...["accumulate", "activation"],
  ],
  bindings: { m: "read", bias: "read", activated: "read", y: "read_write" },
  includes: ["activation"],
  prelude: ["TILE"],
};

/** Tiles are transformed, multiplied and gathered so many bytes at a time: what a large GPU's cache holds, and little memory. */
const CHUNK_BYTES = 32 * 2 ** 20;
/** Rows of a product's tile: chunks are multiples of them. */
const CHUNK_UNIT = 64;

/** How many tiles a chunk has, of `tiles` in all that take `bytes` each: as few chunks as fit into `chunkBytes`, all of one size. */
export function winogradChunk(tiles: number, bytes: number, chunkBytes: number): number {
  const units = Math.ceil(tiles / CHUNK_UNIT);
  const most = Math.max(1, Math.floor(chunkBytes / (bytes * CHUNK_UNIT)));
  return Math.ceil(units / Math.ceil(units / most)) * CHUNK_UNIT;
}

/** Records the transforms and products. The weights are transformed in each training step, once in an inference plan. */
export function runWinograd(conv: Conv, run: ConvRun, tile: 2 | 4, chunkBytes = CHUNK_BYTES): void {
  const { rec, batch, height, width, in4, out4, options } = conv;
  const [a, b = a] = run.sources.map(tensorOf);
  const [a4, b4] = [vec4Channels(a), run.sources[1] ? vec4Channels(b) : 0];
  const [source4, target4] = [a4 + b4, vec4Channels(run.target)];
  const parts = (tile + 2) ** 2;
  const FORWARD = Number(run.role === "forward");
  const once = !rec.training;
  const u = rec.tensor([parts, source4 * 4, target4 * 4], `${options.name}.winograd weights`, {
    layout: "flat",
    lifetime: once ? "persistent" : "planned",
  });
  rec.dispatch(weights, { weight: conv.weight, u }, {
    params: { in4, out4, source4, target4, first4: run.first4 },
    constants: { TILE: tile, FORWARD },
    invocations: source4 * 4 * target4,
    once,
  });

  const [across, down] = [Math.ceil(width / tile), Math.ceil(height / tile)];
  const tiles = batch * across * down;
  const stored = winogradChunk(tiles, parts * (source4 + target4) * 16, chunkBytes);
  const v = rec.tensor([parts, stored, source4 * 4], `${options.name}.winograd inputs`, { layout: "flat" });
  const m = rec.tensor([parts, stored, target4 * 4], `${options.name}.winograd products`, { layout: "flat" });
  for (let first = 0; first < tiles; first += stored) {
    const count = Math.min(stored, tiles - first);
    const grid = { height, width, first, count, stored, across, down };
    rec.dispatch(input, { a, b, v }, {
      params: { ...grid, a2: a4 * 2, b2: b4 * 2, shift: shiftOf(run.sources[0]) },
      constants: { TILE: tile },
      invocations: count * source4 * 2,
    });
    runProduct(rec, { v, u, m }, { batch: parts, rows: stored, source4, target4 });
    rec.dispatch(output, { m, bias: conv.bias, activated: run.activated, y: run.target }, {
      params: {
        ...grid,
        ...{ target2: target4 * 2, accumulate: Number(run.accumulate), activation: run.activation },
      },
      constants: { TILE: tile, FORWARD },
      invocations: count * target4 * 2,
    });
  }
}
