/** The U-Net on the shaders. */
import type { Gpu } from "../gpu/device.ts";
import { GpuLostError, GpuOutOfMemoryError } from "../gpu/errors.ts";
import { buildPlan, type Plan } from "../gpu/plan.ts";
import { Recorder } from "../gpu/recorder.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { unet, unetParameters } from "../nn/unet.ts";
import type { ParameterSet } from "../ops/parameter.ts";
import { type NetworkTimes, type TileNetwork, TileTooLargeError } from "./network.ts";

// Photos of one folder come in few sizes: more plans than these would only hold memory.
const PLANS_KEPT = 2;

/** Runs the U-Net of a model on the adapter's shaders; a plan for each tile size is built once. */
export class GpuNetwork implements TileNetwork {
  readonly topology: UNetTopology;
  readonly device: string;
  readonly preferredTile: number;
  #gpu: Gpu;
  #owned: boolean;
  #parameters: ParameterSet;
  #plans = new Map<string, Plan>();

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
    // Large tiles repeat less at their edges and are read back less often; the caller takes smaller ones where memory is short.
    this.preferredTile = gpu.adapter.software ? 256 : 1024;
    this.#gpu = gpu;
    this.#owned = options.owned ?? false;
    this.#parameters = unetParameters(gpu, topology);
    this.#parameters.upload(parameters);
  }

  /**
   * Restores a tile, see `TileNetwork`.
   * @throws {GpuLostError} where the device went away; what it failed by is the cause.
   */
  async run(tile: Float32Array, height: number, width: number): Promise<Float32Array> {
    try {
      const plan = await this.#plan(height, width);
      plan.write("image", tile);
      plan.run();
      return await plan.read("restored");
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

  async #plan(height: number, width: number): Promise<Plan> {
    const key = `${height}×${width}`;
    const known = this.#plans.get(key);
    if (known) {
      this.#plans.delete(key);
      this.#plans.set(key, known);
      return known;
    }
    const rec = new Recorder({ training: false });
    const image = rec.input("image", [1, height, width, this.topology.channels]);
    rec.output("restored", unet(rec, image, this.topology, this.#parameters));
    const plan = await buildPlan(this.#gpu, rec);
    this.#plans.set(key, plan);
    for (const [oldest, stale] of this.#plans) {
      if (this.#plans.size <= PLANS_KEPT) break;
      this.#plans.delete(oldest);
      stale[Symbol.dispose]();
    }
    return plan;
  }

  [Symbol.dispose](): void {
    for (const plan of this.#plans.values()) plan[Symbol.dispose]();
    this.#plans.clear();
    this.#parameters[Symbol.dispose]();
    if (this.#owned) this.#gpu[Symbol.dispose]();
  }
}
