/**
 * Records the gradient of a 3×3 convolution's weight by Winograd's F(4×4, 3×3) (Lavin & Gray 2015, equation 12 read backwards): where the convolution is
 * Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, the gradient of g is Gᵀ[Σ (Bᵀ d B) ⊙ (A dY Aᵀ)]G over all tiles: a quarter of the multiplications.
 */
import type { Kernel } from "../gpu/kernel.ts";
import { WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Conv, flopsOf } from "./conv2d_geometry.ts";
import { productSlices, runTransposedProduct } from "./conv2d_weight_grad_gemm.ts";
import { recordTiles, tileChunks, WINOGRAD_CHUNK_BYTES, type WinogradKind } from "./conv2d_winograd.ts";
import type { ParameterSet } from "./parameter.ts";
import { LANES } from "./processor.ts";

const gradientTiles: Kernel = {
  name: "winograd_spread_grad",
  params: ["height", "width", "target4", "first", "count", "stored", "across", "down"],
  bindings: { dy: "read", e: "read_write" },
  types: { gradient4: ["dy"] },
  prelude: ["WORKGROUP"],
};
const product: Kernel = {
  name: "winograd_weight_product",
  params: ["parts", "count", "stored", "source4", "target4", "accumulate"],
  bindings: { v: "read", e: "read", p: "read_write" },
  includes: ["outer16"],
  prelude: ["WORKGROUP"],
};
const gathered: Kernel = {
  name: "winograd_weight_grad",
  params: ["size", "slices"],
  bindings: { p: "read", dw: "read_write" },
  prelude: ["WORKGROUP"],
};

const TILE = 4;
const PARTS = (TILE + 2) ** 2;

/**
 * Writes the gradient of `NAME.weight` into `parameters`: chunk by chunk of tiles, added in their order. In workgroup memory a chunk's sums are cut into slices,
 * for enough workgroups; in registers they are not.
 */
export function weightGradientWinograd(
  conv: Conv,
  dy: Tensor,
  parameters: ParameterSet,
  { registers }: Pick<WinogradKind, "registers">,
  chunkBytes = WINOGRAD_CHUNK_BYTES,
): void {
  const { rec, options, sources, in4, out4, software } = conv;
  const workgroup = software ? LANES : WORKGROUP_SIZE;
  const constants = { WORKGROUP: workgroup };
  const slices = registers ? 1 : productSlices(PARTS, in4, out4);
  const unit = registers ? 1 : 8 * slices;
  const chunks = tileChunks(conv, TILE, PARTS * (in4 + out4) * 16, unit, chunkBytes);
  const [{ stored }] = chunks;
  const tiles = chunks.reduce((sum, { count }) => sum + count, 0);
  const flat = (name: string, shape: number[]) =>
    rec.tensor(shape, `${options.name}.winograd ${name}`, { layout: "flat" });
  const v = flat("inputs", [PARTS, stored, in4 * 4]);
  const e = flat("gradients", [PARTS, stored, out4 * 4]);
  const p = flat("weight products", [PARTS, slices, in4 * 4, out4 * 4]);
  for (const chunk of chunks) {
    const { count } = chunk;
    recordTiles(rec, { sources, v, source4: in4, tile: TILE, workgroup, padded: !registers }, chunk);
    rec.dispatch(gradientTiles, { dy, e }, {
      params: { ...chunk, target4: out4 },
      constants,
      invocations: (registers ? count : stored) * out4,
      workgroup,
    });
    const matrices = { source4: in4, target4: out4 };
    const accumulate = chunk.first > 0;
    const flops = flopsOf(conv) * count / tiles;
    if (registers) {
      rec.dispatch(product, { v, e, p }, {
        params: { parts: PARTS, count, stored, ...matrices, accumulate: Number(accumulate) },
        constants,
        invocations: PARTS * Math.ceil(in4 / 4) * Math.ceil(out4 / 4),
        workgroup,
        flops,
      });
    } else {
      const shape = { batch: PARTS, rows: stored, slices, ...matrices, accumulate };
      runTransposedProduct(rec, { v, e, p }, shape, flops);
    }
  }
  const size = in4 * 4 * out4;
  const dw = parameters.range(rec, `${options.name}.weight`, "gradients");
  rec.dispatch(gathered, { p, dw }, { params: { size, slices }, constants, invocations: size, workgroup });
}
