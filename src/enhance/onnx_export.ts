/** A model as an ONNX file that stands for itself. */
import type { Model } from "../nn/model_file.ts";
import { onnxModel } from "../nn/onnx_graph.ts";
import { DEFAULT_MARGIN } from "./tiles.ts";

/**
 * Writes a model as ONNX (opset 13). Its input `image` and output `restored` are [N,3,H,W] f32, sRGB-encoded RGB in 0..1, of any size: the graph
 * pads by reflection as `enhance` does, and gives what `enhance` gives at full strength, before rounding. Large pictures want much memory,
 * because nothing is cut into tiles.
 * @returns the file's bytes.
 *
 * @example
 * ```ts
 * import { loadModel, toOnnx } from "@clairnet/clairnet";
 *
 * const bytes = toOnnx(await loadModel("photo"));
 * console.log(`${bytes.length} bytes`);
 * ```
 */
export function toOnnx({ topology, parameters }: Model): Uint8Array {
  return onnxModel(topology, parameters, { margin: DEFAULT_MARGIN });
}
