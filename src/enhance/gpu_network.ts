/** The U-Net on the shaders, tile by tile. */
import type { AdapterSummary } from "../gpu/adapter.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuLostError, GpuOutOfMemoryError } from "../gpu/errors.ts";
import { UNet } from "../nn/network.ts";
import type { UNetTopology } from "../nn/topology.ts";
import type { Precision } from "./precision.ts";
import { type NetworkTimes, type TileNetwork, TileTooLargeError } from "./network.ts";

/**
 * Side of the tile that suits an adapter: large ones repeat less at their edges and are read back less often; the caller takes smaller ones
 * where memory is short.
 */
export function preferredTile(adapter: AdapterSummary, precision: Precision = "f32"): number {
  if (adapter.software) return 256;
  // As many bytes: halves let the side be √2 times as long.
  return precision === "f16" ? 1448 : 1024;
}

/** Runs the U-Net of a model on the adapter's shaders; a plan for each tile size is built once. */
export class GpuNetwork implements TileNetwork {
  readonly topology: UNetTopology;
  readonly device: string;
  readonly preferredTile: number;
  readonly precision: Precision;
  /** A runtime may take 10 ms to notice an answer: meanwhile the next tile is at work. Beside the first it takes the memory of its answer alone. */
  readonly concurrency = 2;
  #gpu: Gpu;
  #owned: boolean;
  #network: UNet;

  /**
   * @param parameters as `unetGraph(topology)` lists them.
   * @param options `owned`: disposing of the network disposes of the device too. `precision`: of what is stored, f32 unless given; f16 takes a
   *   device that was opened with `half`.
   */
  constructor(
    gpu: Gpu,
    topology: UNetTopology,
    parameters: ReadonlyMap<string, Float32Array>,
    options: { readonly owned?: boolean; readonly precision?: Precision } = {},
  ) {
    this.topology = topology;
    this.device = gpu.adapter.software
      ? `software adapter (${gpu.adapter.name})`
      : `GPU (${gpu.adapter.name})`;
    this.precision = options.precision ?? "f32";
    this.preferredTile = preferredTile(gpu.adapter, this.precision);
    this.#gpu = gpu;
    this.#owned = options.owned ?? false;
    this.#network = new UNet(gpu, { topology, parameters }, { precision: this.precision });
  }

  /**
   * Restores a tile, see `TileNetwork`.
   * @throws {GpuLostError} where the device went away; what it failed by is the cause.
   */
  async run(tile: Float32Array, height: number, width: number): Promise<Float32Array> {
    try {
      return await this.#network.predict(tile, [1, height, width, this.topology.channels]);
    } catch (error) {
      const loss = await this.#gpu.loss();
      if (loss) throw new GpuLostError(loss.message, { cause: error });
      if (!(error instanceof GpuOutOfMemoryError)) throw error;
      throw new TileTooLargeError(error.message, { cause: error });
    }
  }

  get times(): NetworkTimes {
    const { prepare, upload, compute, download } = this.#gpu.times;
    return { prepare, upload, network: compute, download };
  }

  [Symbol.dispose](): void {
    this.#network[Symbol.dispose]();
    if (this.#owned) this.#gpu[Symbol.dispose]();
  }
}
