/** What runs a U-Net over one tile: the shaders or the CPU library. */
import type { UNetTopology } from "../nn/topology.ts";

/** Seconds that a network has spent so far, by stage. */
export interface NetworkTimes {
  /** Compiling, and making what a tile size needs. */
  readonly prepare: number;
  /** To the device. */
  readonly upload: number;
  /** The device at work, and waiting for it. */
  readonly network: number;
  /** Back from the device. */
  readonly download: number;
}

/**
 * A loaded U-Net that restores, or restores and enlarges, one tile at a time.
 *
 * @example A back end of one's own, here one that makes negatives
 * ```ts
 * import { type CpuBackEnd, Enhancer, freshModel, type TileNetwork } from "@clairnet/clairnet";
 *
 * const negative: CpuBackEnd = ({ topology }) => {
 *   const network: TileNetwork = {
 *     topology,
 *     device: "negatives",
 *     preferredTile: 64,
 *     run: (tile) => Promise.resolve(tile.map((value) => 1 - value)),
 *     [Symbol.dispose]() {},
 *   };
 *   return Promise.resolve(network);
 * };
 * using enhancer = await Enhancer.create({ model: freshModel({ base: 4, depth: 1 }), device: "cpu", cpu: negative });
 * const { data } = await enhancer.enhance({ width: 1, height: 1, data: Uint8Array.of(0, 100, 255) });
 * console.log(data.join()); // 255,155,0
 * ```
 */
export interface TileNetwork extends Disposable {
  /** What the network looks like. */
  readonly topology: UNetTopology;
  /** What it runs on, for the one-line notice, e.g. `CPU (onnxruntime, 8 threads)`. */
  readonly device: string;
  /** Side of the square tile that suits this back end, pixels. */
  readonly preferredTile: number;
  /** How many tiles may be on their way at once, 1 unless given: while the answer of one is waited for, the next is at work. */
  readonly concurrency?: number;
  /** How weights and the values between layers are stored; f32 where it is not said. */
  readonly precision?: "f32" | "f16";
  /** Where the time went, since it was opened. */
  readonly times?: NetworkTimes;
  /**
   * Restores a tile. As many calls at a time as `concurrency` says, those of one size; `tile` must not change before the promise settles.
   *
   * @param tile `[height, width, 3]`, sRGB-encoded 0..1; height and width are multiples of `sizeMultiple(topology)`.
   * @returns a new array `[scale·height, scale·width, 3]` (scale of the topology), not clamped.
   * @throws {TileTooLargeError} where the memory does not suffice for this size.
   */
  run(tile: Float32Array, height: number, width: number): Promise<Float32Array>;
}

/** The device has not enough memory for a tile of this size: the caller tries smaller ones. */
export class TileTooLargeError extends Error {
  override readonly name = "TileTooLargeError";
}
