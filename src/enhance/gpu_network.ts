/** The U-Net on the shaders, tile by tile. */
import type { AdapterSummary, Gpu } from "../gpu/device.ts";
import { GpuLostError, GpuOutOfMemoryError } from "../gpu/errors.ts";
import { UNet } from "../nn/network.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { type NetworkTimes, type TileNetwork, TileTooLargeError } from "./network.ts";

/**
 * Side of the tile that suits an adapter: large ones repeat less at their edges and are read back less often; the caller takes smaller ones
 * where memory is short.
 */
export function preferredTile(adapter: AdapterSummary): number {
  return adapter.software ? 256 : 1024;
}

/** Runs the U-Net of a model on the adapter's shaders; a plan for each tile size is built once. */
export class GpuNetwork implements TileNetwork {
  readonly topology: UNetTopology;
  readonly device: string;
  readonly preferredTile: number;
  /** A runtime may take 10 ms to notice an answer: meanwhile the next tile is at work. Beside the first it takes the memory of its answer alone. */
  readonly concurrency = 2;
  #gpu: Gpu;
  #owned: boolean;
  #network: UNet;

  /**
   * @param parameters as `unetGraph(topology)` lists them.
   * @param options `owned`: disposing of the network disposes of the device too.
   */
  constructor(
    gpu: Gpu,
    topology: UNetTopology,
    parameters: ReadonlyMap<string, Float32Array>,
    options: { readonly owned?: boolean } = {},
  ) {
    this.topology = topology;
    this.device = gpu.adapter.software
      ? `software adapter (${gpu.adapter.name})`
      : `GPU (${gpu.adapter.name})`;
    this.preferredTile = preferredTile(gpu.adapter);
    this.#gpu = gpu;
    this.#owned = options.owned ?? false;
    this.#network = new UNet(gpu, { topology, parameters });
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
