/** A U-Net with its weights on the GPU, ready to run. */
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/errors.ts";
import { buildPlan, type Plan } from "../gpu/plan.ts";
import { Recorder } from "../gpu/recorder.ts";
import type { ParameterSet } from "../ops/parameter.ts";
import type { UNetTopology } from "./topology.ts";
import { unet, unetParameters } from "./unet.ts";

// Photos of one folder come in few sizes: more plans than these, idle, would only hold memory.
const PLANS_KEPT = 2;

/** A plan, and the calls that wait for it or for its answer: as long as there are any it must not be freed. */
interface Kept {
  readonly plan: Promise<Plan>;
  built?: Plan;
  uses: number;
}

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
  /** By shape, the one that was wanted last at the end. */
  #plans = new Map<string, Kept>();
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
   * @returns the network's answer, [N, scale·H, scale·W, C], not clamped.
   * @throws {GpuError} where the shape does not fit; {GpuOutOfMemoryError} where it is too large for the adapter.
   */
  async predict(
    images: Float32Array,
    shape: readonly [count: number, height: number, width: number, channels: number],
  ): Promise<Float32Array> {
    if (this.#disposed) throw new GpuError("Cannot run the network: it has been disposed of");
    const kept = this.#kept(shape);
    kept.uses++;
    try {
      const plan = await kept.plan;
      if (this.#disposed) throw new GpuError("Cannot run the network: it has been disposed of");
      plan.write("image", images);
      plan.run();
      return await plan.read("restored");
    } finally {
      kept.uses--;
      this.#freeIdle(this.#disposed ? 0 : PLANS_KEPT);
    }
  }

  #kept(shape: readonly number[]): Kept {
    const key = shape.join("×");
    const known = this.#plans.get(key);
    const kept = known ?? { plan: this.#build(shape), uses: 0 };
    this.#plans.delete(key);
    this.#plans.set(key, kept);
    if (!known) {
      kept.plan.then(
        (plan) => kept.built = plan,
        // The next call tries again.
        () => this.#plans.delete(key),
      );
    }
    return kept;
  }

  async #build(shape: readonly number[]): Promise<Plan> {
    const rec = new Recorder({ training: false });
    rec.output("restored", unet(rec, rec.input("image", shape), this.topology, this.#parameters));
    return await buildPlan(this.#gpu, rec);
  }

  /** Frees the plans that nobody waits for, the longest unused first, until `most` are left. */
  #freeIdle(most: number): void {
    for (const [key, { built, uses }] of this.#plans) {
      if (this.#plans.size <= most) break;
      if (uses > 0) continue;
      this.#plans.delete(key);
      built?.[Symbol.dispose]();
    }
  }

  /** Frees weights and plans; those of calls under way when these have ended. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#freeIdle(0);
    this.#parameters[Symbol.dispose]();
  }
}
