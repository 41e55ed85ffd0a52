/** Enhancing pictures, for an application. */
import { type EnhanceOptions, enhancePhoto } from "../enhance/enhancer.ts";
import type { TileNetwork } from "../enhance/network.ts";
import {
  type CpuBackEnd,
  type DeviceChoice,
  type OpenedNetwork,
  openNetwork,
} from "../enhance/open_network.ts";
import { checkPhoto } from "../image/check_photo.ts";
import { type Photo, sampleMax } from "../image/photo.ts";
import { photoOf, type Pixels, pixelsOf, type Samples } from "../image/pixels.ts";
import type { Model } from "../nn/model_file.ts";
import { loadModel } from "../nn/models.ts";

/** What to open an {@linkcode Enhancer} with. */
export interface EnhancerOptions {
  /** Name of a shipped model (`photo` by default), path or address of a `.safetensors` file, its bytes, or a loaded model. */
  readonly model?: string | URL | Uint8Array | ArrayBuffer | Model;
  /**
   * `auto` (the default): a real GPU where there is one, else the CPU if `cpu` is given, else a software adapter. `gpu`: the shaders
   * on whatever adapter there is. `cpu`: never a GPU.
   */
  readonly device?: DeviceChoice;
  /**
   * How weights and the values between layers are stored on a GPU. `f16` halves the memory and what is moved, and changes the result by less than an 8-bit
   * step; it takes an adapter with `shader-f16`. `f32` is exact, and what `auto` (the default) takes so far.
   */
  readonly precision?: "auto" | "f32" | "f16";
  /** What runs the model on the CPU: `cpuNetwork` of `@clairnet/clairnet/native` where native code runs. */
  readonly cpu?: CpuBackEnd;
}

/**
 * A model that is loaded and ready. Make one, enhance as many pictures as you like, and dispose of it to free the GPU's memory.
 * Calls that overlap wait for each other.
 *
 * @example Half of the effect on a picture from a canvas, or from anywhere else
 * ```ts
 * import { Enhancer } from "@clairnet/clairnet";
 *
 * const width = 32, height = 24;
 * const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => i % 4 === 3 ? 255 : (i * 37) % 256);
 *
 * using enhancer = await Enhancer.create({ model: "photo" });
 * const better = await enhancer.enhance({ data, width, height }, {
 *   strength: 0.5,
 *   onProgress: (done, total) => console.log(`${done} of ${total} tiles on the ${enhancer.device}`),
 *   signal: AbortSignal.timeout(60_000),
 * });
 * console.log(better.data.length === data.length); // RGBA came in, RGBA comes out
 * ```
 */
export class Enhancer implements Disposable {
  /** The model that it runs. */
  readonly model: Model;
  /** One line that says which device is used and why. */
  readonly notice: string;
  #opened: OpenedNetwork;
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  private constructor(model: Model, opened: OpenedNetwork) {
    this.model = model;
    this.notice = opened.notice;
    this.#opened = opened;
  }

  /**
   * Loads a model and opens a device for it.
   * @throws {UserError} where there is no such model, no adapter for `gpu`, no back end for `cpu`, or no f16 on the device where it is asked for.
   */
  static async create(options: EnhancerOptions = {}): Promise<Enhancer> {
    const { model = "photo", device = "auto", cpu, precision } = options;
    const loaded = typeof model === "object" && "topology" in model ? model : await loadModel(model);
    return new Enhancer(loaded, await openNetwork(loaded, device, { cpu, precision }));
  }

  /** What it runs on, e.g. `GPU (NVIDIA H100)` or `CPU (onnxruntime, 8 threads)`. */
  get device(): string {
    return this.#opened.network.device;
  }

  /** The network behind it, for what goes tile by tile itself. One call at a time, which `enhance` counts as. */
  get network(): TileNetwork {
    return this.#opened.network;
  }

  /**
   * Restores a picture of any size and returns a new one of the same depth and kind, as large or, by a model that enlarges, `scale` times as large each way; alpha stays as it is, or is enlarged. A decoded `Photo` keeps
   * its profile and metadata as well.
   *
   * @param image RGB or RGBA samples, sRGB-encoded, or a `Photo` from `decodePhoto`. Must not change before the promise settles.
   * @throws {UserError} where the samples do not fit the size, an option is out of range, the model is not for RGB, or the memory does not
   *   suffice for the smallest tile.
   * @throws the signal's reason where it is aborted, between two tiles.
   */
  enhance(image: Photo, options?: EnhanceOptions): Promise<Photo>;
  /** Restores plain samples; the result has the same kind of array. */
  enhance<D extends Samples>(image: Pixels<D>, options?: EnhanceOptions): Promise<Pixels<D>>;
  async enhance(image: Photo | Pixels, options: EnhanceOptions = {}): Promise<Photo | Pixels> {
    const turn = this.#last.then(async () => {
      if (this.#disposed) throw new Error("Cannot enhance: the Enhancer has been disposed of");
      if ("rgb" in image) checkPhoto(image);
      const photo = "rgb" in image ? image : photoOf(image);
      const enhanced = await enhancePhoto(photo, this.network, options);
      // Without any strength it is the photo itself; the caller is promised one that can be changed.
      const better = enhanced === photo ? { ...photo, rgb: copyOf(photo.rgb) } : enhanced;
      if (!("rgb" in image)) return pixelsOf(better, image);
      return image.alpha && better.alpha === image.alpha ? { ...better, alpha: copyOf(image.alpha) } : better;
    });
    this.#last = turn.catch(() => {});
    return await turn;
  }

  /** Frees the model and the device. Work in progress fails. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#opened[Symbol.dispose]();
  }
}

/** Not `slice`, which of Node's Buffer is a view of the same samples. */
function copyOf(samples: Uint8Array | Uint16Array): Uint8Array | Uint16Array {
  return sampleMax(samples) === 255 ? new Uint8Array(samples) : new Uint16Array(samples);
}
