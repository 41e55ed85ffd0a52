/** Opens the WebGPU device, and counts what it holds. */
// Deno has these types itself; users of the npm package get them with it.
/// <reference types="npm:@webgpu/types@0.1.74" />
import { UserError } from "../base/errors.ts";
import { type AdapterSummary, findAdapter, HALF_FEATURE, SUBGROUP_FEATURE, subgroupOf } from "./adapter.ts";
import { GpuError, GpuLostError, GpuOutOfMemoryError } from "./errors.ts";
import { buildKernel, type CompiledKernel, type Kernel, type KernelTypes } from "./kernel.ts";

/** Live and peak bytes of the buffers that are not yet destroyed. */
export interface GpuStats {
  /** Bytes of all buffers now. */
  readonly liveBytes: number;
  /** The most that `liveBytes` has been. */
  readonly peakBytes: number;
  /** Number of buffers now. */
  readonly liveBuffers: number;
}

/** Seconds that plans have spent so far on one device. */
export interface GpuTimes {
  /** Compiling kernels and making buffers. */
  prepare: number;
  /** Laying values out and handing them to the device. */
  upload: number;
  /** From handing over the commands until their result can be read: the device's work, and the wait for it. */
  compute: number;
  /** Copying results out and laying them out. */
  download: number;
}

/** How long to wait for the news that a device is lost, milliseconds: it may come after the call that failed by it. */
const NEWS_OF_LOSS = 200;

/**
 * Opens the adapter with all the limits that it has.
 * @param options `half`: with kernels over f16 too, where the adapter has them (`shader-f16` among its features).
 * @throws {UserError} where there is no adapter.
 *
 * @example
 * ```ts
 * import { openGpu } from "@clairnet/clairnet";
 *
 * using gpu = await openGpu();
 * console.log(gpu.adapter.name, gpu.adapter.software, gpu.stats().liveBytes); // … 0
 * ```
 */
export async function openGpu(options: { readonly half?: boolean } = {}): Promise<Gpu> {
  const found = await findAdapter();
  if (!found) {
    throw new UserError(
      "No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)",
    );
  }
  const { adapter, summary } = found;
  const wanted: GPUFeatureName[] = ["timestamp-query", ...(options.half ? [HALF_FEATURE] : [])];
  const { limits } = adapter;
  const request = (features: GPUFeatureName[]) =>
    adapter.requestDevice({
      requiredFeatures: features,
      requiredLimits: {
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxBufferSize: limits.maxBufferSize,
        maxUniformBufferBindingSize: limits.maxUniformBufferBindingSize,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      },
    });
  const features = wanted.filter((feature) => adapter.features.has(feature));
  // A runtime that lists the feature, as browsers do, wants a directive for it, which Deno refuses and the kernels do not have.
  const unlisted = summary.llvm !== undefined && !adapter.features.has(SUBGROUP_FEATURE);
  const subgroup = unlisted ? subgroupOf(adapter) : undefined;
  if (subgroup !== undefined) {
    try {
      return new Gpu(await request([...features, SUBGROUP_FEATURE]), { ...summary, subgroup });
    } catch {
      // A runtime that does not grant what it does not list.
    }
  }
  return new Gpu(await request(features), summary);
}

/**
 * An open device. Dispose it (`using gpu = await openGpu()`) to free all that it holds.
 *
 * @example What a network takes of it
 * ```ts
 * import { freshModel, type Gpu, openGpu, Trainer } from "@clairnet/clairnet";
 *
 * const taken = (gpu: Gpu) => `${gpu.stats().peakBytes > 0} on ${gpu.adapter.name}`;
 *
 * using gpu = await openGpu();
 * const { topology } = freshModel({ base: 4, depth: 1 });
 * using trainer = await Trainer.create(gpu, { topology, batch: 1, patch: 16, loss: "l1" });
 * console.log(taken(gpu)); // true on …
 * ```
 */
export class Gpu implements Disposable {
  /** The WebGPU device. */
  readonly device: GPUDevice;
  /** The adapter that it was opened on. */
  readonly adapter: AdapterSummary;
  /**
   * Which version of a kernel to take, by layer, where a tuner has measured that on this adapter; what is not there takes its default.
   * @ignore for the layers above; an application has no kernels
   */
  choices: ReadonlyMap<string, string> = new Map();
  /** Where the time went. */
  readonly times: GpuTimes = { prepare: 0, upload: 0, compute: 0, download: 0 };
  #buffers = new Set<GPUBuffer>();
  #live = 0;
  #peak = 0;
  #kernels = new Map<string, CompiledKernel>();
  #failure: Error | undefined;
  #disposed = false;

  /** Takes over a device; use `openGpu()` unless you have one. */
  constructor(device: GPUDevice, adapter: AdapterSummary) {
    this.device = device;
    this.adapter = adapter;
    device.lost.then((info) => {
      if (!this.#disposed) {
        this.#failure ??= new GpuLostError(`The GPU device was lost: ${info.message || info.reason}`);
      }
    });
    device.addEventListener("uncapturederror", (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      event.preventDefault();
      this.#failure ??= error instanceof GPUOutOfMemoryError
        ? new GpuOutOfMemoryError(`The GPU is out of memory: ${error.message}`)
        : new GpuError(`The GPU refused a command: ${error.message}`);
    });
  }

  /** Whether it runs kernels over f16: the adapter has them, and `openGpu` was asked for them. */
  get half(): boolean {
    return this.device.features.has(HALF_FEATURE);
  }

  /** Whether all is well so far. @throws the first failure that the device has reported since it was opened. */
  check(): void {
    if (this.#disposed) throw new GpuError("Cannot use a Gpu that was disposed");
    if (this.#failure) throw this.#failure;
  }

  /** The loss of the device, if it is lost; asked after a failure, whose own words seldom say so. */
  async loss(): Promise<GpuLostError | undefined> {
    const waited = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => waited.resolve(undefined), NEWS_OF_LOSS);
    const info = await Promise.race([this.device.lost, waited.promise]);
    clearTimeout(timer);
    return info && new GpuLostError(`The GPU device was lost: ${info.message || info.reason}`);
  }

  /**
   * A buffer of at least `bytes`, counted in `stats()`. Give it back with `release`.
   * @throws {GpuOutOfMemoryError} where it is larger than the adapter's limit.
   */
  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    this.check();
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    if (size > this.device.limits.maxBufferSize || size > this.device.limits.maxStorageBufferBindingSize) {
      throw new GpuOutOfMemoryError(
        `Cannot make the buffer ${label}: ${size} bytes are more than the adapter binds at once`,
      );
    }
    const buffer = this.device.createBuffer({ label, size, usage });
    this.#buffers.add(buffer);
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return buffer;
  }

  /** Destroys a buffer: one that is only forgotten is never reclaimed. */
  release(buffer: GPUBuffer): void {
    if (!this.#buffers.delete(buffer)) return;
    this.#live -= buffer.size;
    buffer.destroy();
  }

  /** Copies `data` to `buffer`. Bounds are checked here, because the runtime ends the process on a write past an end. */
  write(
    buffer: GPUBuffer,
    offset: number,
    data: Float32Array | Uint32Array | Int32Array | Uint16Array,
  ): void {
    if (
      offset % 4 !== 0 || offset < 0 || data.byteLength % 4 !== 0 || offset + data.byteLength > buffer.size
    ) {
      throw new GpuError(
        `Cannot write ${data.byteLength} bytes at ${offset} of ${
          buffer.label || "a buffer"
        }: it has ${buffer.size}`,
      );
    }
    this.device.queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>);
  }

  /**
   * The pipeline of a kernel with these constants and types, compiled once.
   * @ignore for the layers above; an application has no kernels
   */
  kernel(
    kernel: Kernel,
    constants: Readonly<Record<string, number>> = {},
    types: KernelTypes = {},
  ): Promise<CompiledKernel> | CompiledKernel {
    const key = `${kernel.name} ${JSON.stringify(Object.entries({ ...constants, ...types }).sort())}`;
    const known = this.#kernels.get(key);
    if (known) return known;
    return buildKernel(this.device, kernel, constants, types).then((built) => {
      this.#kernels.set(key, built);
      return built;
    });
  }

  /** Bytes and number of the buffers that are alive. */
  stats(): GpuStats {
    return { liveBytes: this.#live, peakBytes: this.#peak, liveBuffers: this.#buffers.size };
  }

  /** Destroys all buffers and the device. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    this.#live = 0;
    this.#kernels.clear();
    this.device.destroy();
  }
}
