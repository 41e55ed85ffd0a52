/** What can go wrong below: each message names what failed. */

/**
 * A shader that does not compile, a dispatch that does not validate: our bug, not the user's.
 *
 * @example The others are of its kind, so that one test finds all that a GPU can do wrong
 * ```ts
 * import { Enhancer, freshModel, GpuError } from "@clairnet/clairnet";
 *
 * const picture = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(90) };
 * try {
 *   using enhancer = await Enhancer.create({ model: freshModel({ base: 4, depth: 1 }), device: "gpu" });
 *   console.log((await enhancer.enhance(picture)).data.length); // 192
 * } catch (error) {
 *   if (!(error instanceof GpuError)) throw error;
 *   console.error(`The GPU failed: ${error.message}`);
 * }
 * ```
 */
export class GpuError extends Error {
  /** The class, also where a bundler renames it. */
  override readonly name: string = "GpuError";
}

/**
 * The adapter's memory does not hold what was asked for: try smaller tiles or a smaller batch.
 *
 * @example Half the batch where the whole does not fit
 * ```ts
 * import { freshModel, type Gpu, GpuOutOfMemoryError, openGpu, Trainer } from "@clairnet/clairnet";
 * import type { TrainerOptions } from "@clairnet/clairnet";
 *
 * async function fitting(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
 *   try {
 *     return await Trainer.create(gpu, options);
 *   } catch (error) {
 *     if (!(error instanceof GpuOutOfMemoryError) || options.batch === 1) throw error;
 *     return await fitting(gpu, { ...options, batch: options.batch >> 1 });
 *   }
 * }
 *
 * const { topology } = freshModel({ base: 4, depth: 1 });
 * using gpu = await openGpu();
 * using trainer = await fitting(gpu, { topology, batch: 4, patch: 16, loss: "l1" });
 * console.log(trainer instanceof Trainer); // true
 * ```
 */
export class GpuOutOfMemoryError extends GpuError {
  /** The class, also where a bundler renames it. */
  override readonly name = "GpuOutOfMemoryError";
}

/**
 * The device went away (driver reset, unplugged, or destroyed): open a new one.
 *
 * @example Go on with a new device
 * ```ts
 * import { type Gpu, GpuLostError, openGpu } from "@clairnet/clairnet";
 *
 * async function withGpu<T>(work: (gpu: Gpu) => Promise<T>, attempts = 2): Promise<T> {
 *   using gpu = await openGpu();
 *   try {
 *     return await work(gpu);
 *   } catch (error) {
 *     if (!(error instanceof GpuLostError) || attempts === 1) throw error;
 *   }
 *   return await withGpu(work, attempts - 1);
 * }
 *
 * console.log(await withGpu((gpu) => Promise.resolve(gpu.adapter.name.length > 0))); // true
 * ```
 */
export class GpuLostError extends GpuError {
  /** The class, also where a bundler renames it. */
  override readonly name = "GpuLostError";
}
