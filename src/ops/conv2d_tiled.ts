/** Records 3×3 convolutions of stride 1 by register tiles, with packed weights in uniform bindings: conv2d_tile8 and conv2d_tile8x4. */
import { type Conv, type ConvRun, shiftOf, tensorOf, vec4Channels } from "./conv2d_geometry.ts";
import { pack, tile8, tile8x4 } from "./conv2d_kernels.ts";
import { blockVec4s, UNIFORM_BYTES } from "./conv2d_variant.ts";

/** Modes of conv2d_tile. */
const MODE_INPUT_GRADIENT = 0;
const MODE_FORWARD = 1;
const MODE_FORWARD_ADDED = 2;

/**
 * Packs the weights and runs the kernel over as many blocks of outputs at a time as a uniform binding holds. Joined sources run one
 * after the other: the first without the activation, the second adding to it.
 */
export function runTiled(conv: Conv, run: ConvRun, variant: "tile8" | "tile8x4"): void {
  const { rec, batch, height, width, in4, out4 } = conv;
  const forward = run.role === "forward";
  const [tile, tileHeight] = variant === "tile8x4" ? [tile8x4, 4] : [tile8, 1];
  const target4 = vec4Channels(run.target);
  const source4 = run.sources.reduce((sum, source) => sum + vec4Channels(tensorOf(source)), 0);
  const block = blockVec4s(source4);
  const blocks = Math.ceil(target4 / 2);
  const once = !rec.training;
  const most = Math.floor(UNIFORM_BYTES / (block * 16));
  // The kernel declares a whole 64 KiB of weights, so that one pipeline serves all layers: room for that behind the last slice.
  const lastSlice = Math.floor((blocks - 1) / most) * most * block * 16;
  const packed = rec.tensor([(lastSlice + UNIFORM_BYTES) / 4], `${conv.options.name}.packed`, {
    layout: "flat",
    lifetime: once ? "persistent" : "planned",
  });
  rec.dispatch(pack, { weight: conv.weight, bias: conv.bias, packed }, {
    params: { in4, out4, source4, target4, first4: run.first4, block_vec4s: block, count: blocks * block },
    constants: { FORWARD: Number(forward) },
    invocations: blocks * block,
    once,
  });
  let first4 = 0;
  run.sources.forEach((source, i) => {
    const x = tensorOf(source);
    const x4 = vec4Channels(x);
    const last = i === run.sources.length - 1;
    for (let first = 0; first < blocks; first += most) {
      const count = Math.min(most, blocks - first);
      rec.dispatch(tile, {
        ...{ x, w: { tensor: packed, offset: first * block * 16, size: UNIFORM_BYTES } },
        ...{ activated: run.activated, y: run.target },
      }, {
        params: {
          ...{ batch, height, width, x4, first4, in4: source4, shift: shiftOf(source), out4: target4 },
          ...{ first_block: first, block_vec4s: block, accumulate: Number(run.accumulate) },
          activation: last ? run.activation : 0,
        },
        constants: { MODE: !forward ? MODE_INPUT_GRADIENT : i === 0 ? MODE_FORWARD : MODE_FORWARD_ADDED },
        invocations: batch * Math.ceil(height / tileHeight) * Math.ceil(width / 8),
        groups: count,
        flops: 2 * 9 * batch * height * width * x4 * 4 * Math.min(count * 8, (target4 - first * 2) * 4),
      });
    }
    first4 += x4;
  });
}
