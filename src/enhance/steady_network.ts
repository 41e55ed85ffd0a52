/** A network that goes on when its device does not: the GPU is opened again, and where that fails the CPU takes over. */
import { GpuError, GpuLostError } from "../gpu/errors.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { type NetworkTimes, type TileNetwork, TileTooLargeError } from "./network.ts";
import type { Precision } from "./precision.ts";
import { smallestTile } from "./tiles.ts";

/** How often a lost GPU is opened again: a driver that fails more often than this does not get better. */
const REOPENINGS = 3;

export interface SteadyNetworkOptions {
  /** Opens the network on the GPU; disposing of it frees the device too. */
  readonly gpu: () => Promise<TileNetwork>;
  /** Opens it on the CPU. Without one, there is nothing to fall back on. */
  readonly cpu?: () => Promise<TileNetwork>;
  /** Receives one line for each change of device. */
  readonly onNotice?: (line: string) => void;
}

/** Runs tiles on the GPU as long as it lasts. Made by {@linkcode SteadyNetwork.open}. */
export class SteadyNetwork implements TileNetwork {
  readonly #options: SteadyNetworkOptions;
  #current: TileNetwork;
  #onCpu = false;
  #reopened = 0;
  #disposed = false;
  /** Under way while the network is exchanged for another: calls that failed with the old one wait for it. */
  #exchange: Promise<void> | undefined;
  /** Of the networks that were given up. */
  #before: NetworkTimes = { prepare: 0, upload: 0, network: 0, download: 0 };

  private constructor(options: SteadyNetworkOptions, first: TileNetwork) {
    this.#options = options;
    this.#current = first;
  }

  /** Opens the GPU. @throws what opening it throws. */
  static async open(options: SteadyNetworkOptions): Promise<SteadyNetwork> {
    return new SteadyNetwork(options, await options.gpu());
  }

  get topology(): UNetTopology {
    return this.#current.topology;
  }

  get device(): string {
    return this.#current.device;
  }

  get preferredTile(): number {
    return this.#current.preferredTile;
  }

  get precision(): Precision {
    return this.#current.precision ?? "f32";
  }

  get concurrency(): number | undefined {
    return this.#current.concurrency;
  }

  get times(): NetworkTimes {
    return sum(this.#before, this.#current.times);
  }

  /**
   * Restores a tile, see `TileNetwork`.
   * @throws {TileTooLargeError} where the GPU's memory does not suffice and smaller tiles may help, or the CPU's does not either; {GpuError} after disposal, and where that comes meanwhile.
   */
  async run(tile: Float32Array, height: number, width: number): Promise<Float32Array> {
    for (;;) {
      if (this.#disposed) throw gone();
      const network = this.#current;
      try {
        return await network.run(tile, height, width);
      } catch (error) {
        // Of two tiles that a device takes along, the first has it exchanged, and both go on with what comes then.
        if (network === this.#current) {
          this.#exchange ??= this.#replaceAfter(error, height, width).finally(() =>
            this.#exchange = undefined
          );
          await this.#exchange;
        }
      }
    }
  }

  /** Goes on with another network where that helps. @throws the error where it does not. */
  async #replaceAfter(error: unknown, height: number, width: number): Promise<void> {
    // A device that is lost because it was closed is not to be opened again.
    if (this.#disposed) throw gone(error);
    if (this.#onCpu) throw error;
    if (error instanceof GpuLostError) return await this.#reopen(error);
    const smallest = smallestTile(this.topology);
    if (!(error instanceof TileTooLargeError) || Math.max(height, width) > smallest) throw error;
    await this.#fallBack("its memory does not hold the smallest tile", error);
  }

  async #reopen(loss: GpuLostError): Promise<void> {
    if (this.#reopened++ === REOPENINGS) return await this.#fallBack("it was lost again and again", loss);
    let opened: TileNetwork;
    try {
      opened = await this.#options.gpu();
    } catch {
      return await this.#fallBack("it was lost and cannot be opened again", loss);
    }
    this.#replace(opened);
    this.#options.onNotice?.("The GPU was lost and has been opened again; going on with the tile at hand");
  }

  /** @throws the error, where there is no CPU to fall back on. */
  async #fallBack(why: string, error: unknown): Promise<void> {
    if (!this.#options.cpu) throw error;
    const gpu = this.#current.device;
    this.#replace(await this.#options.cpu());
    this.#onCpu = true;
    this.#options.onNotice?.(`Going on without the ${gpu}, because ${why}: using the ${this.device}`);
  }

  /** @throws {GpuError} where nobody wants it any more. */
  #replace(network: TileNetwork): void {
    if (this.#disposed) {
      network[Symbol.dispose]();
      throw gone();
    }
    this.#before = sum(this.#before, this.#current.times);
    this.#current[Symbol.dispose]();
    this.#current = network;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#current[Symbol.dispose]();
  }
}

const gone = (cause?: unknown) => new GpuError("Cannot run the network: it has been disposed of", { cause });

function sum(a: NetworkTimes, b?: NetworkTimes): NetworkTimes {
  return {
    prepare: a.prepare + (b?.prepare ?? 0),
    upload: a.upload + (b?.upload ?? 0),
    network: a.network + (b?.network ?? 0),
    download: a.download + (b?.download ?? 0),
  };
}
