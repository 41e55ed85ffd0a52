/** Picks the device for a model: a real GPU, or the CPU where there is none. */
import { findAdapter, type Gpu, openGpu } from "../gpu/device.ts";
import type { Model } from "../nn/model_file.ts";
import { GpuNetwork } from "./gpu_network.ts";
import { UserError } from "../base/errors.ts";
import type { TileNetwork } from "./network.ts";
import { SteadyNetwork } from "./steady_network.ts";

/** `auto`: a real GPU where there is one, else the CPU. `gpu`: the shaders on whatever adapter there is. */
export type DeviceChoice = "auto" | "gpu" | "cpu";

/** Opens a model on the CPU: `cpuNetwork` where native code runs. */
export type CpuBackEnd = (model: Model) => Promise<TileNetwork>;

export interface OpenedNetwork extends Disposable {
  readonly network: TileNetwork;
  /** One line that says what is used and why. */
  readonly notice: string;
}

/**
 * Opens a model on a device. A GPU that is lost later is opened again, and the CPU takes over where that fails or where the GPU's memory does
 * not hold the smallest tile.
 *
 * @param cpu what runs it on the CPU; without one `auto` takes a software adapter as well, and nothing takes over from a GPU.
 * @param onNotice receives one line for each later change of device.
 * @param prepare called with each GPU that is opened, before a network is built on it.
 * @throws {UserError} for `gpu` where there is no adapter, for `cpu` where there is no such back end, for `auto` where there is neither.
 */
export async function openNetwork(
  model: Model,
  device: DeviceChoice,
  cpu?: CpuBackEnd,
  onNotice?: (line: string) => void,
  prepare?: (gpu: Gpu) => Promise<unknown>,
): Promise<OpenedNetwork> {
  if (device === "cpu" && !cpu) {
    throw new UserError("Cannot run on the CPU: no back end was given for it", { exitCode: 2 });
  }
  const adapter = device === "auto" && cpu ? await findAdapter() : undefined;
  if (cpu && device !== "gpu" && adapter?.summary.software !== false) {
    const network = await cpu(model);
    const why = device === "cpu"
      ? ""
      : adapter
      ? `: the only adapter is software (${adapter.summary.name}), which is many times slower`
      : ": there is no GPU adapter";
    return opened(network, `Using the ${network.device}${why}`);
  }
  const network = await SteadyNetwork.open({
    gpu: async () => {
      const gpu = await openGpu();
      try {
        await prepare?.(gpu);
        return new GpuNetwork(gpu, model.topology, model.parameters, { owned: true });
      } catch (error) {
        gpu[Symbol.dispose]();
        throw error;
      }
    },
    cpu: cpu && (() => cpu(model)),
    onNotice,
  });
  return opened(network, `Using the ${network.device}`);
}

function opened(network: TileNetwork, notice: string): OpenedNetwork {
  return { network, notice, [Symbol.dispose]: () => network[Symbol.dispose]() };
}
