/** A U-Net with its weights on the GPU, ready to run. */
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/errors.ts";
import { buildPlan, type Plan } from "../gpu/plan.ts";
import { Recorder } from "../gpu/recorder.ts";
import type { ParameterSet } from "../ops/parameter.ts";
import type { UNetTopology } from "./topology.ts";
import { unet, unetParameters } from "./unet.ts";

// Photos of one folder come in few sizes: more plans than these would only hold memory.
const PLANS_KEPT = 2;

/**
 * A U-Net on the shaders, without tiles: what goes in is what the network sees. For whole photos use `Enhancer`. Shapes that come again
 * are run without building anything anew. Dispose of it to free its memory; the `Gpu` stays open.
 *
 * @example Fresh weights over a batch of two small pictures
 * ```ts
 * import { freshModel, openGpu, UNet } from "@clairnet/clairnet";
 *
 * using gpu = await openGpu();
 * using network = new UNet(gpu, freshModel({ base: 4, depth: 1, blocks: 1 }, 1));
 * const images = Float32Array.from({ length: 2 * 8 * 12 * 3 }, (_, i) => (i % 256) / 255);
 * const restored = await network.predict(images, [2, 8, 12, 3]);
 * console.log(restored.length === images.length);
 * ```
 */
export class UNet implements Disposable {
  /** What the network looks like. */
  readonly topology: UNetTopology;
  #gpu: Gpu;
  #parameters: ParameterSet;
  #plans = new Map<string, Plan>();
  #building = new Map<string, Promise<Plan>>();
  #disposed = false;

  /**
   * Uploads the weights of a model.
   * @param options `precision` `f16`: weights and all values between the layers are stored as halves, in half the memory; sums, and the
   *   picture that the correction is added to, stay f32. Takes a device that was opened with `half`.
   * @throws {GpuOutOfMemoryError} where they do not fit; {GpuError} for f16 where the device has none.
   */
  constructor(
    gpu: Gpu,
    model: { readonly topology: UNetTopology; readonly parameters: ReadonlyMap<string, Float32Array> },
    options: { readonly precision?: "f32" | "f16" } = {},
  ) {
    const { precision = "f32" } = options;
    if (precision === "f16" && !gpu.half) {
      throw new GpuError("Cannot run in f16: the device was opened without it");
    }

    this.topology = model.topology;
    this.#gpu = gpu;
    this.#parameters = unetParameters(gpu, model.topology, precision);
    this.#parameters.upload(model.parameters);
  }

  /**
   * Runs the network. Calls of one shape may overlap: the next is submitted while the answer of the one before is waited for.
   *
   * @param images sRGB-encoded, 0..1; must not change before the promise settles.
   * @param shape [N, H, W, C] of them; H and W are multiples of unshuffle · 2^depth, C is `topology.channels`.
   * @returns the network's answer, of the same shape, not clamped.
   * @throws {GpuError} where the shape does not fit; {GpuOutOfMemoryError} where it is too large for the adapter.
   */
  async predict(
    images: Float32Array,
    shape: readonly [count: number, height: number, width: number, channels: number],
  ): Promise<Float32Array> {
    if (this.#disposed) throw new GpuError("Cannot run the network: it has been disposed of");
    const plan = await this.#plan(shape);
    plan.write("image", images);
    plan.run();
    return await plan.read("restored");
  }

  async #plan(shape: readonly number[]): Promise<Plan> {
    const key = shape.join("×");
    const known = this.#plans.get(key);
    if (known) {
      this.#plans.delete(key);
      this.#plans.set(key, known);
      return known;
    }
    let building = this.#building.get(key);
    if (!building) {
      building = this.#build(key, shape).finally(() => this.#building.delete(key));
      this.#building.set(key, building);
    }
    return await building;
  }

  async #build(key: string, shape: readonly number[]): Promise<Plan> {
    const rec = new Recorder({ training: false });
    rec.output("restored", unet(rec, rec.input("image", shape), this.topology, this.#parameters));
    const plan = await buildPlan(this.#gpu, rec);
    this.#plans.set(key, plan);
    for (const [oldest, stale] of this.#plans) {
      if (this.#plans.size <= PLANS_KEPT) break;
      this.#plans.delete(oldest);
      stale[Symbol.dispose]();
    }
    return plan;
  }

  /** Frees weights and plans. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const plan of this.#plans.values()) plan[Symbol.dispose]();
    this.#plans.clear();
    this.#parameters[Symbol.dispose]();
  }
}
