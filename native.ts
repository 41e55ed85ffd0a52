/**
 * What needs native code or a file system, for Deno: photo files, the CPU path, training and evaluating on folders. Of it Node (20 or newer) runs what takes no
 * files: `decodePhoto`, `encodePhoto`, `cpuNetwork`, `jpegThroughSharp`. A browser takes `@clairnet/clairnet` alone.
 *
 * @example Enhance a photo file, on a real GPU where there is one and on the CPU elsewhere
 * ```ts
 * import { Enhancer } from "@clairnet/clairnet";
 * import { cpuNetwork, decodePhoto, encodePhoto } from "@clairnet/clairnet/native";
 *
 * using enhancer = await Enhancer.create({ model: "photo", cpu: cpuNetwork });
 * const photo = await decodePhoto(await Deno.readFile("samples/damaged/raccoon.jpg"));
 * const better = await enhancer.enhance(photo, { strength: 0.8 });
 * const file = await encodePhoto(better, { format: "png" });
 * console.log(`${file.length} bytes of PNG`);
 * ```
 *
 * @module
 */
export { UserError } from "./src/base/errors.ts";
export type { Photo, PhotoFormat } from "./src/image/photo.ts";
export { type DecodeOptions, decodePhoto } from "./src/image/decode.ts";
export { type EncodeOptions, encodePhoto } from "./src/image/encode.ts";

export { CpuNetwork, cpuNetwork, type CpuNetworkOptions } from "./src/enhance/cpu_network.ts";
export type { NetworkTimes, TileNetwork } from "./src/enhance/network.ts";
export { jpegThroughSharp } from "./src/degrade/jpeg_sharp.ts";
export { saveModel } from "./src/nn/save_model.ts";
export type { Model, ModelExtras, ModelInfo } from "./src/nn/model_file.ts";
export type { StoredTensor, StoredType } from "./src/nn/safetensors.ts";
export type { Activation, UNetTopology } from "./src/nn/topology.ts";

export { type OpenedPhotos, openPhotos } from "./src/data/open.ts";
export type { PhotoPoolOptions } from "./src/data/photo_pool.ts";
export type { SkippedFile } from "./src/data/photo_source.ts";
export type { PhotoInfo, PhotoPixels, PhotoSource, PhotoSplit } from "./src/data/photo_source.ts";
export { Random } from "./src/base/random.ts";
export { parseRecipe, type Recipe, type Step, type StepName } from "./src/degrade/recipe.ts";
export { train } from "./src/train/train.ts";
export type { TrainOptions, TrainProgress, TrainResult } from "./src/train/train_options.ts";
export type { AdapterSummary } from "./src/gpu/adapter.ts";
export type { Gpu, GpuStats, GpuTimes } from "./src/gpu/device.ts";
export { GpuError, GpuLostError } from "./src/gpu/errors.ts";
export type { LossKind } from "./src/ops/loss.ts";
