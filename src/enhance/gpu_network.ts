/** The U-Net on the shaders, tile by tile. */
import type { Gpu } from "../gpu/device.ts";
import { GpuOutOfMemoryError } from "../gpu/errors.ts";
import { UNet } from "../nn/network.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { type TileNetwork, TileTooLargeError } from "./network.ts";

/** Runs the U-Net of a model on the adapter's shaders; a plan for each tile size is built once. Does not own the `Gpu`. */
export class GpuNetwork implements TileNetwork {
  readonly topology: UNetTopology;
  readonly device: string;
  readonly preferredTile: number;
  #network: UNet;

  /** @param parameters as `unetGraph(topology)` lists them. */
  constructor(gpu: Gpu, topology: UNetTopology, parameters: ReadonlyMap<string, Float32Array>) {
    this.topology = topology;
    this.device = gpu.adapter.software
      ? `software adapter (${gpu.adapter.name})`
      : `GPU (${gpu.adapter.name})`;
    this.preferredTile = gpu.adapter.software ? 256 : 512;
    this.#network = new UNet(gpu, { topology, parameters });
  }

  async run(tile: Float32Array, height: number, width: number): Promise<Float32Array> {
    try {
      return await this.#network.predict(tile, [1, height, width, this.topology.channels]);
    } catch (error) {
      if (!(error instanceof GpuOutOfMemoryError)) throw error;
      throw new TileTooLargeError(error.message, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#network[Symbol.dispose]();
  }
}
