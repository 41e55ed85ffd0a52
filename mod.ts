/**
 * Clairnet makes blurred, noisy or over-compressed photos better with a U-Net whose forward and backward passes are
 * hand-written WGSL compute shaders. This entry runs wherever WebGPU is, browsers included, and has no native code; files, codecs
 * and the CPU path are in `@clairnet/clairnet/native`.
 *
 * @example Enhance the pixels of a picture
 * ```ts
 * import { degrade, Enhancer, psnr } from "@clairnet/clairnet";
 *
 * const data = Uint8Array.from({ length: 3 * 48 * 32 }, (_, i) => 128 + 100 * Math.sin(i / 200));
 * const clean = { width: 48, height: 32, data };
 * const noisy = await degrade(clean, "gaussian:25");
 *
 * using enhancer = await Enhancer.create({ model: "photo" });
 * const better = await enhancer.enhance(noisy);
 * console.log(`${psnr(noisy, clean).toFixed(1)} dB before, ${psnr(better, clean).toFixed(1)} dB after`);
 * ```
 *
 * @module
 */
export { UserError } from "./src/base/errors.ts";
export type { Photo } from "./src/image/photo.ts";
export type { Pixels, Samples } from "./src/image/pixels.ts";

export { Enhancer, type EnhancerOptions } from "./src/library/enhancer.ts";
export type { EnhanceOptions } from "./src/enhance/enhancer.ts";
export type { TileArea } from "./src/enhance/tiles.ts";
export type { CpuBackEnd, DeviceChoice } from "./src/enhance/open_network.ts";
export type { NetworkTimes, TileNetwork } from "./src/enhance/network.ts";

export { listModels, loadModel } from "./src/nn/models.ts";
export {
  decodeModel,
  encodeModel,
  type Model,
  type ModelExtras,
  type ModelInfo,
} from "./src/nn/model_file.ts";
export type { StoredTensor, StoredType } from "./src/nn/safetensors.ts";
export { fromPytorch, toPytorch } from "./src/nn/pytorch.ts";
export { toOnnx } from "./src/enhance/onnx_export.ts";
export { freshModel } from "./src/nn/fresh_model.ts";
export { growModel } from "./src/nn/grow_model.ts";
export type { Activation, TopologyOptions, UNetTopology } from "./src/nn/topology.ts";

export type { AdapterSummary } from "./src/gpu/adapter.ts";
export { type Gpu, type GpuStats, type GpuTimes, openGpu } from "./src/gpu/device.ts";
export { GpuError, GpuLostError, GpuOutOfMemoryError } from "./src/gpu/errors.ts";
export { UNet } from "./src/nn/network.ts";
export { type LossReport, Trainer, type TrainerOptions, type TrainerState } from "./src/train/trainer.ts";
export type { AdamOptions } from "./src/ops/adam.ts";
export type { LossKind } from "./src/ops/loss.ts";
export type { Optimiser } from "./src/train/optimiser.ts";

export { degrade, type DegradeOptions } from "./src/library/degrade.ts";
export type { JpegRoundTrip } from "./src/degrade/jpeg_canvas.ts";
export { recipePresets } from "./src/degrade/recipe.ts";
export {
  evaluate,
  type ImageEvaluation,
  type ImagePair,
  type ImageRestorer,
  type ImageScores,
  psnr,
  ssim,
} from "./src/library/metrics.ts";
export type { Scores } from "./src/evaluate/evaluate.ts";
