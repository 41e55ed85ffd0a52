/** Brings tensors back from the device, through buffers that can be mapped. */
import { fromFloat16 } from "../tensor/float16.ts";
import type { Gpu } from "./device.ts";
import { GpuError, GpuOutOfMemoryError } from "./errors.ts";
import { type Tensor, unpadChannels } from "./tensor.ts";

/** Reads several outputs, each as often as wanted, also while other reads are under way. */
export class Readback {
  #gpu: Gpu;
  #owned: GPUBuffer[];
  /** Buffers to read outputs through, those that no read is using. */
  #spares = new Map<string, GPUBuffer[]>();
  /** When the last awaited answer came: waits that overlap count once. */
  #answered = 0;

  /** @param owned receives the buffers that are made; whoever owns the list releases them. */
  constructor(gpu: Gpu, owned: GPUBuffer[]) {
    this.#gpu = gpu;
    this.#owned = owned;
  }

  /**
   * Waits for what was submitted so far and returns a tensor, channels unpadded. Its copy is submitted before the call returns.
   * @param name of the output: its buffers are kept for later reads of the same.
   * @param source the tensor's buffer.
   * @throws {GpuOutOfMemoryError} where there is no memory for a buffer to read it through.
   */
  async read(name: string, tensor: Tensor, source: GPUBuffer): Promise<Float32Array> {
    const { device, times } = this.#gpu;
    const start = performance.now();
    let spares = this.#spares.get(name);
    if (!spares) this.#spares.set(name, spares = []);
    const spare = spares.pop();
    const copy = (staging: GPUBuffer) => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, staging, 0, tensor.bytes);
      device.queue.submit([encoder.finish()]);
      return staging;
    };
    const staging = spare ? copy(spare) : await this.#staging(name, tensor, copy);
    try {
      await staging.mapAsync(GPUMapMode.READ);
    } catch (error) {
      this.#gpu.check();
      throw error;
    }
    const ready = performance.now();
    times.compute += (ready - Math.max(start, this.#answered)) / 1000;
    this.#answered = ready;
    const bytes = staging.getMappedRange(0, tensor.bytes).slice(0);
    const values = tensor.type === "f16" ? fromFloat16(new Uint16Array(bytes)) : new Float32Array(bytes);
    staging.unmap();
    spares.push(staging);
    this.#gpu.check();
    const result = tensor.layout === "image"
      ? unpadChannels(values, tensor.shape[tensor.shape.length - 1])
      : values;
    times.download += (performance.now() - ready) / 1000;
    return result;
  }

  /** Makes a buffer to read an output through and copies into it at once; whether there was memory for it shows later. */
  async #staging(name: string, tensor: Tensor, copy: (staging: GPUBuffer) => void): Promise<GPUBuffer> {
    const { device } = this.#gpu;
    device.pushErrorScope("validation");
    device.pushErrorScope("out-of-memory");
    let scopes: Promise<GPUError | null>[];
    let made: GPUBuffer;
    try {
      made = this.#gpu.buffer(
        `read ${name}`,
        tensor.bytes,
        GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      );
      this.#owned.push(made);
      copy(made);
    } finally {
      scopes = [device.popErrorScope(), device.popErrorScope()];
    }
    const [outOfMemory, invalid] = await Promise.all(scopes);
    if (outOfMemory) {
      throw new GpuOutOfMemoryError(`The GPU is out of memory to read ${name}: ${outOfMemory.message}`);
    }
    if (invalid) throw new GpuError(`Cannot read ${name}: ${invalid.message}`);
    return made;
  }
}
