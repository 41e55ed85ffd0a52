/** The U-Net on the shaders. */
import type { Gpu } from "../gpu/device.ts";
import { GpuOutOfMemoryError } from "../gpu/errors.ts";
import { buildPlan, type Plan } from "../gpu/plan.ts";
import { Recorder } from "../gpu/recorder.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { unet, unetParameters } from "../nn/unet.ts";
import type { ParameterSet } from "../ops/parameter.ts";
import { type TileNetwork, TileTooLargeError } from "./network.ts";

// Photos of one folder come in few sizes: more plans than these would only hold memory.
const PLANS_KEPT = 2;

/** Runs the U-Net of a model on the adapter's shaders; a plan for each tile size is built once. Does not own the `Gpu`. */
export class GpuNetwork implements TileNetwork {
  readonly topology: UNetTopology;
  readonly device: string;
  readonly preferredTile: number;
  #gpu: Gpu;
  #parameters: ParameterSet;
  #plans = new Map<string, Plan>();

  /** @param parameters as `unetGraph(topology)` lists them. */
  constructor(gpu: Gpu, topology: UNetTopology, parameters: ReadonlyMap<string, Float32Array>) {
    this.topology = topology;
    this.device = gpu.adapter.software
      ? `software adapter (${gpu.adapter.name})`
      : `GPU (${gpu.adapter.name})`;
    this.preferredTile = gpu.adapter.software ? 256 : 512;
    this.#gpu = gpu;
    this.#parameters = unetParameters(gpu, topology);
    this.#parameters.upload(parameters);
  }

  async run(tile: Float32Array, height: number, width: number): Promise<Float32Array> {
    const plan = await this.#plan(height, width);
    plan.write("image", tile);
    plan.run();
    return await plan.read("restored");
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
    let plan: Plan;
    try {
      plan = await buildPlan(this.#gpu, rec);
    } catch (error) {
      if (!(error instanceof GpuOutOfMemoryError)) throw error;
      throw new TileTooLargeError(error.message, { cause: error });
    }
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
  }
}
