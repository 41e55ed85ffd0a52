/**
 * Records the gradient of a 3×3 convolution's weight by Winograd's F(4×4, 3×3) (Lavin & Gray 2015, equation 12 read backwards): where the convolution is
 * Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, the gradient of g is Gᵀ[Σ (Bᵀ d B) ⊙ (A dY Aᵀ)]G over all tiles: a quarter of the multiplications.
 */
import type { Kernel } from "../gpu/kernel.ts";
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Conv, flopsOf } from "./conv2d_geometry.ts";
import { recordTiles, tileChunks, WINOGRAD_CHUNK_BYTES } from "./conv2d_winograd.ts";
import type { ParameterSet } from "./parameter.ts";
import { LANES } from "./processor.ts";

const gradientTiles: Kernel = {
  name: "winograd_spread_grad",
  params: ["height", "width", "target4", "first", "count", "stored", "across", "down"],
  bindings: { dy: "read", e: "read_write" },
  prelude: ["WORKGROUP"],
};
const product: Kernel = {
  name: "winograd_weight_product",
  params: ["parts", "count", "stored", "source4", "target4", "accumulate"],
  bindings: { v: "read", e: "read", p: "read_write" },
  prelude: ["WORKGROUP"],
};
const gathered: Kernel = {
  name: "winograd_weight_grad",
  params: ["size"],
  bindings: { p: "read", dw: "read_write" },
  prelude: ["WORKGROUP"],
};

const TILE = 4;
const PARTS = (TILE + 2) ** 2;

/** Writes the gradient of `NAME.weight` into `parameters`: chunk by chunk of tiles, added in their order, multiplied in registers. */
export function weightGradientWinograd(
  conv: Conv,
  dy: Tensor,
  parameters: ParameterSet,
  chunkBytes = WINOGRAD_CHUNK_BYTES,
): void {
  const { rec, options, sources, in4, out4, software } = conv;
  const workgroup = software ? LANES : WORKGROUP_SIZE;
  const constants = { WORKGROUP: workgroup };
  const chunks = tileChunks(conv, TILE, PARTS * (in4 + out4) * 16, 1, chunkBytes);
  const [{ stored }] = chunks;
  const tiles = chunks.reduce((sum, { count }) => sum + count, 0);
  const flat = (name: string, shape: number[]) =>
    rec.tensor(shape, `${options.name}.winograd ${name}`, { layout: "flat" });
  const v = flat("inputs", [PARTS, stored, in4 * 4]);
  const e = flat("gradients", [PARTS, stored, out4 * 4]);
  const p = flat("weight products", [PARTS, in4 * 4, out4 * 4]);
  for (const chunk of chunks) {
    recordTiles(rec, { sources, v, source4: in4, tile: TILE, workgroup }, chunk);
    const { count } = chunk;
    rec.dispatch(gradientTiles, { dy, e }, {
      params: { ...chunk, target4: out4 },
      constants,
      invocations: count * out4,
      workgroup,
    });
    rec.dispatch(product, { v, e, p }, {
      params: {
        ...{ parts: PARTS, count, stored, source4: in4, target4: out4 },
        accumulate: Number(chunk.first > 0),
      },
      constants,
      invocations: PARTS * Math.ceil(in4 / 4) * Math.ceil(out4 / 4),
      workgroup,
      flops: flopsOf(conv) * count / tiles,
    });
  }
  const size = in4 * 4 * out4;
  const dw = parameters.range(rec, `${options.name}.weight`, "gradients");
  rec.dispatch(gathered, { p, dw }, { params: { size }, constants, invocations: size, workgroup });
}
