/**
 * Clairnet makes blurred, noisy or over-compressed photos better with a U-Net whose forward and backward passes are
 * hand-written WGSL compute shaders.
 *
 * @example Enhance a photo
 * ```ts
 * import { decodePhoto, encodePhoto, enhancePhoto, loadModel, openNetwork } from "@clairnet/clairnet";
 *
 * const photo = await decodePhoto(await Deno.readFile("samples/damaged/raccoon.jpg"));
 * using opened = await openNetwork(await loadModel("photo"), "auto");
 * const better = await enhancePhoto(photo, opened.network);
 * await Deno.writeFile("better.png", await encodePhoto(better, { format: "png" }));
 * ```
 *
 * @module
 */
export { UserError } from "./src/base/errors.ts";
export { type TopologyOptions, type UNetTopology, unetTopology } from "./src/nn/topology.ts";
export { type Model, type ModelInfo } from "./src/nn/model_file.ts";
export { listModels, loadModel } from "./src/nn/models.ts";
export { saveModel } from "./src/nn/save_model.ts";
export { type AdapterSummary, findAdapter, type Gpu, openGpu } from "./src/gpu/device.ts";
export type { TileNetwork } from "./src/enhance/network.ts";
export { CpuNetwork } from "./src/enhance/cpu_network.ts";
export { GpuNetwork } from "./src/enhance/gpu_network.ts";
export { type DeviceChoice, type OpenedNetwork, openNetwork } from "./src/enhance/open_network.ts";
export { type EnhanceOptions, enhancePhoto } from "./src/enhance/enhancer.ts";
export type { Photo, PhotoFormat } from "./src/image/photo.ts";
export { type DecodeOptions, decodePhoto } from "./src/image/decode.ts";
export { type EncodeOptions, encodePhoto } from "./src/image/encode.ts";
export { channelShift, mse, psnr, ssim } from "./src/evaluate/metrics.ts";
export { parseRecipe, type Recipe, recipePresets } from "./src/data/recipe.ts";
export { degrade } from "./src/data/degrade.ts";
export { PhotoPool } from "./src/data/photo_pool.ts";
export { Trainer, type TrainerOptions } from "./src/train/trainer.ts";
export { train, type TrainOptions, type TrainProgress, type TrainResult } from "./src/train/train.ts";
