/** Picks the device for a model: a real GPU, or the CPU where there is none. */
import { findAdapter } from "../gpu/adapter.ts";
import { type Gpu, openGpu } from "../gpu/device.ts";
import type { Model } from "../nn/model_file.ts";
import { GpuNetwork } from "./gpu_network.ts";
import { UserError } from "../base/errors.ts";
import type { TileNetwork } from "./network.ts";
import { type PrecisionChoice, PRECISIONS, settledPrecision } from "./precision.ts";
import { SteadyNetwork } from "./steady_network.ts";

/** `auto`: a real GPU where there is one, else the CPU. `gpu`: the shaders on whatever adapter there is. */
export type DeviceChoice = "auto" | "gpu" | "cpu";

const DEVICES: readonly DeviceChoice[] = ["auto", "gpu", "cpu"];

/** Opens a model on the CPU: `cpuNetwork` where native code runs. */
export type CpuBackEnd = (model: Model) => Promise<TileNetwork>;

export interface OpenNetworkOptions {
  /** What runs it on the CPU; without one `auto` takes a software adapter as well, and nothing takes over from a GPU. */
  readonly cpu?: CpuBackEnd;
  /** Receives one line for each later change of device. */
  readonly onNotice?: (line: string) => void;
  /** Called with each GPU that is opened, before a network is built on it. */
  readonly prepare?: (gpu: Gpu) => Promise<unknown>;
  /** Of what is stored on the GPU; `auto` unless given. */
  readonly precision?: PrecisionChoice;
}

export interface OpenedNetwork extends Disposable {
  readonly network: TileNetwork;
  /** One line that says what is used and why. */
  readonly notice: string;
}

/**
 * Opens a model on a device. A GPU that is lost later is opened again, and the CPU takes over where that fails or where the GPU's memory does
 * not hold the smallest tile.
 *
 * @throws {UserError} for a device or a precision that there is not, for `gpu` where there is no adapter, for `cpu` where there is no such back end, for `auto` where there is neither; for the
 *   precision `f16` where the CPU is taken, or an adapter that has none.
 */
export async function openNetwork(
  model: Model,
  device: DeviceChoice,
  options: OpenNetworkOptions = {},
): Promise<OpenedNetwork> {
  const { cpu, onNotice, prepare, precision: choice = "auto" } = options;
  // What is not written in TypeScript may say anything.
  requireOneOf("device", device, DEVICES);
  requireOneOf("precision", choice, PRECISIONS);
  if (device === "cpu" && !cpu) {
    throw new UserError("Cannot run on the CPU: no back end was given for it", { exitCode: 2 });
  }
  const adapter = device === "auto" && cpu ? await findAdapter() : undefined;
  if (cpu && device !== "gpu" && adapter?.summary.software !== false) {
    if (choice === "f16") {
      throw new UserError("Cannot run in f16 on the CPU: give --device gpu, or leave --precision at auto", {
        exitCode: 2,
      });
    }
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
      const gpu = await openGpu({ half: choice === "f16" });
      try {
        const precision = settledPrecision(choice, gpu.adapter);
        await prepare?.(gpu);
        return new GpuNetwork(gpu, model.topology, model.parameters, { owned: true, precision });
      } catch (error) {
        gpu[Symbol.dispose]();
        throw error;
      }
    },
    cpu: cpu && (() => cpu(model)),
    onNotice,
  });
  const stored = network.precision === "f16" ? ", with values stored as f16" : "";
  return opened(network, `Using the ${network.device}${stored}`);
}

function requireOneOf(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new UserError(`Cannot use ${option} ${JSON.stringify(value)}: it is one of ${choices.join(", ")}`, {
    exitCode: 2,
  });
}

function opened(network: TileNetwork, notice: string): OpenedNetwork {
  return { network, notice, [Symbol.dispose]: () => network[Symbol.dispose]() };
}
