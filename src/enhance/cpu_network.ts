/** The U-Net on the CPU, through onnxruntime. */
import { availableParallelism } from "node:os";
import { counted } from "../base/counted.ts";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Model } from "../nn/model_file.ts";
import { sizeMultiple, type UNetTopology } from "../nn/topology.ts";
import { type NetworkTimes, type TileNetwork, TileTooLargeError } from "./network.ts";

/** How the CPU is used. */
export interface CpuNetworkOptions {
  /** Threads to compute with; all logical cores by default. */
  readonly threads?: number;
}

/**
 * Runs the U-Net of a model on the CPU: the fastest way where there is no GPU. Made by {@linkcode CpuNetwork.create}.
 *
 * @example One thread, so that other work has the rest
 * ```ts
 * import { Enhancer } from "@clairnet/clairnet";
 * import { CpuNetwork } from "@clairnet/clairnet/native";
 *
 * using enhancer = await Enhancer.create({
 *   device: "cpu",
 *   cpu: ({ topology, parameters }) => CpuNetwork.create(topology, parameters, { threads: 1 }),
 * });
 * console.log(enhancer.device); // CPU (onnxruntime, 1 thread)
 * ```
 */
export class CpuNetwork implements TileNetwork {
  /** What the network looks like. */
  readonly topology: UNetTopology;
  readonly device: string;
  readonly preferredTile = 512;
  readonly #session: InferenceSession;
  readonly #TensorClass: typeof Tensor;
  #seconds = 0;
  #disposed = false;

  private constructor(
    topology: UNetTopology,
    session: InferenceSession,
    tensor: typeof Tensor,
    threads: number,
  ) {
    this.topology = topology;
    this.#session = session;
    this.#TensorClass = tensor;
    this.device = `CPU (onnxruntime, ${counted(threads, "thread")})`;
  }

  /**
   * Loads a model.
   * @param parameters as `unetGraph(topology)` lists them.
   */
  static async create(
    topology: UNetTopology,
    parameters: ReadonlyMap<string, Float32Array>,
    options: CpuNetworkOptions = {},
  ): Promise<CpuNetwork> {
    const threads = options.threads ?? cores();
    const [{ InferenceSession, Tensor }, { onnxModel }] = await Promise.all([
      import("onnxruntime-node"),
      import("../nn/onnx_graph.ts"),
    ]);
    const session = await InferenceSession.create(onnxModel(topology, parameters, { layout: "nhwc" }), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // The arena uses memory again where the system's allocator would take new pages for each activation: a third less at its peak, and
      // faster. A memory pattern on top of it holds a second set of buffers for each tile size.
      enableCpuMemArena: true,
      enableMemPattern: false,
      logSeverityLevel: 3,
    });
    return new CpuNetwork(topology, session, Tensor, threads);
  }

  async run(tile: Float32Array, height: number, width: number): Promise<Float32Array> {
    const { channels } = this.topology;
    const multiple = sizeMultiple(this.topology);
    if (height % multiple || width % multiple || tile.length !== height * width * channels) {
      throw new RangeError(
        `Cannot run a tile of ${tile.length} values as ${height}×${width}×${channels}: sides must be multiples of ${multiple}`,
      );
    }
    if (this.#disposed) throw new Error("Cannot run a tile: the network has been disposed");
    const image = new this.#TensorClass("float32", tile, [1, height, width, channels]);
    const start = performance.now();
    try {
      const { restored } = await this.#session.run({ image });
      return restored.data as Float32Array;
    } catch (error) {
      if (/alloc/i.test(String(error))) {
        throw new TileTooLargeError(`Not enough memory for a tile of ${width}×${height}`, { cause: error });
      }
      throw error;
    } finally {
      this.#seconds += (performance.now() - start) / 1000;
    }
  }

  /** Seconds spent so far. */
  get times(): NetworkTimes {
    return { prepare: 0, upload: 0, network: this.#seconds, download: 0 };
  }

  /** Frees the session's memory. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#session.release();
  }
}

/**
 * Opens a model on the CPU with all its cores: what `Enhancer.create` takes as `cpu`.
 *
 * @example
 * ```ts
 * import { Enhancer } from "@clairnet/clairnet";
 * import { cpuNetwork } from "@clairnet/clairnet/native";
 *
 * using enhancer = await Enhancer.create({ device: "cpu", cpu: cpuNetwork });
 * console.log(enhancer.device); // CPU (onnxruntime, … threads)
 * ```
 */
export function cpuNetwork(model: Model): Promise<CpuNetwork> {
  return CpuNetwork.create(model.topology, model.parameters);
}

/** Node 20 has no navigator. */
function cores(): number {
  return globalThis.navigator?.hardwareConcurrency ?? availableParallelism();
}
