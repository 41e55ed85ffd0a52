/** A recording made runnable: buffers, bind groups and uniforms are made once; a run encodes one pass and submits. */
import { toFloat16 } from "../tensor/float16.ts";
import { formatShape } from "../tensor/shape.ts";
import { allocate, type MakeBuffer } from "./allocate.ts";
import type { Gpu } from "./device.ts";
import { type Dispatch, layParams } from "./dispatch.ts";
import { GpuError, GpuOutOfMemoryError } from "./errors.ts";
import type { CompiledKernel } from "./kernel.ts";
import { bytesOf, type ProfileRow } from "./profile.ts";
import { Readback } from "./readback.ts";
import { rangeOf, type Recorder, vec4sOf } from "./recorder.ts";
import { padChannels, type Tensor } from "./tensor.ts";
import { timePasses } from "./timestamps.ts";

interface Step {
  readonly dispatch: Dispatch;
  readonly compiled: CompiledKernel;
  readonly group: GPUBindGroup;
}

function encode(pass: GPUComputePassEncoder, { compiled, group, dispatch }: Step): void {
  pass.setPipeline(compiled.pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...dispatch.workgroups);
}

/**
 * Makes a plan of a recording.
 * @throws {GpuOutOfMemoryError} where its buffers do not fit.
 */
export async function buildPlan(gpu: Gpu, recorder: Recorder): Promise<Plan> {
  const start = performance.now();
  try {
    return await build(gpu, recorder);
  } finally {
    gpu.times.prepare += (performance.now() - start) / 1000;
  }
}

async function build(gpu: Gpu, recorder: Recorder): Promise<Plan> {
  const { device } = gpu;
  gpu.check();
  const compiled: CompiledKernel[] = [];
  for (const { kernel, constants, types } of recorder.dispatches) {
    compiled.push(await gpu.kernel(kernel, constants, types));
  }

  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const owned: GPUBuffer[] = [];
  const own: MakeBuffer = (label, bytes, usage) => {
    const buffer = gpu.buffer(label, bytes, usage);
    owned.push(buffer);
    return buffer;
  };
  const release = () => owned.forEach((buffer) => gpu.release(buffer));
  let plan: Plan | undefined;
  let problem: unknown;
  try {
    const buffers = allocate(recorder, own);
    const params = layParams(recorder.dispatches);
    const arena = own(
      "params",
      Math.max(params.words.byteLength, 16),
      GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    );
    gpu.write(arena, 0, params.words);
    const steps = recorder.dispatches.map((dispatch, index): Step => ({
      dispatch,
      compiled: compiled[index],
      group: device.createBindGroup({
        label: dispatch.label,
        layout: compiled[index].layout,
        entries: [
          { binding: 0, resource: { buffer: arena, ...params.ranges[index] } },
          ...Object.values(dispatch.bindings).map((binding, position) => {
            const { tensor, offset, size } = rangeOf(binding);
            return { binding: position + 1, resource: { buffer: buffers.get(tensor)!, offset, size } };
          }),
        ],
      }),
    }));
    plan = new Plan(gpu, recorder, steps, buffers, owned);
  } catch (error) {
    problem = error;
  }
  const outOfMemory = await device.popErrorScope();
  const invalid = await device.popErrorScope();
  if (outOfMemory) {
    problem = new GpuOutOfMemoryError(`The GPU is out of memory for a plan: ${outOfMemory.message}`);
  } else if (invalid) problem ??= new GpuError(`Cannot build a plan: ${invalid.message}`);
  if (problem) {
    release();
    throw problem;
  }
  return plan!;
}

/** Run it as often as wanted: `write` the inputs, `run`, `read` an output. Dispose it to free its buffers. */
export class Plan implements Disposable {
  #gpu: Gpu;
  #recorder: Recorder;
  #steps: readonly Step[];
  #buffers: Map<Tensor, GPUBuffer>;
  #owned: GPUBuffer[];
  #readback: Readback;
  #padded = new Map<string, Float32Array>();
  #fresh = true;

  constructor(
    gpu: Gpu,
    recorder: Recorder,
    steps: readonly Step[],
    buffers: Map<Tensor, GPUBuffer>,
    owned: GPUBuffer[],
  ) {
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#steps = steps;
    this.#buffers = buffers;
    this.#owned = owned;
    this.#readback = new Readback(gpu, owned);
  }

  /** Writes an input, as the mathematics has it (channels unpadded). */
  write(name: string, values: Float32Array): void {
    const tensor = this.#recorder.inputs.get(name);
    if (!tensor) throw new GpuError(`Cannot write ${name}: the plan has no such input`);
    const start = performance.now();
    let data = values;
    if (tensor.layout === "image") {
      const channels = tensor.shape[tensor.shape.length - 1];
      let padded = this.#padded.get(name);
      if (!padded) this.#padded.set(name, padded = new Float32Array(vec4sOf(tensor) * 4));
      if (values.length !== tensor.shape.reduce((product, extent) => product * extent, 1)) {
        throw new GpuError(
          `Cannot write ${name}: it is ${formatShape(tensor.shape)}, got ${values.length} values`,
        );
      }
      data = padChannels(values, channels, padded);
    }
    this.#gpu.write(this.#buffers.get(tensor)!, 0, tensor.type === "f16" ? toFloat16(data) : data);
    this.#gpu.times.upload += (performance.now() - start) / 1000;
  }

  /** Encodes one pass over all steps and submits it. Does not wait. */
  run(): void {
    this.#gpu.check();
    const start = performance.now();
    const encoder = this.#gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const step of this.#steps) {
      if (step.dispatch.once && !this.#fresh) continue;
      encode(pass, step);
    }
    pass.end();
    this.#gpu.device.queue.submit([encoder.finish()]);
    this.#fresh = false;
    this.#gpu.times.compute += (performance.now() - start) / 1000;
  }

  /** Makes the next run do its `once` steps again: call it when parameters have changed under an inference plan. */
  refresh(): void {
    this.#fresh = true;
  }

  /**
   * Waits for the runs so far and returns an output, channels unpadded. Its copy is submitted before the call returns, so the next run may be
   * submitted, and read, while this one is waited for; each read under way has a buffer of its own, which is kept for later ones.
   * @throws {GpuOutOfMemoryError} where there is no memory for that buffer.
   */
  async read(name: string): Promise<Float32Array> {
    const tensor = this.#recorder.outputs.get(name);
    if (!tensor) throw new GpuError(`Cannot read ${name}: the plan has no such output`);
    return await this.#readback.read(name, tensor, this.#buffers.get(tensor)!);
  }

  /** Steps, shapes and bytes, a line each. */
  describe(): string {
    const bytes = this.#owned.reduce((sum, buffer) => sum + buffer.size, 0);
    const lines = this.#steps.map(({ dispatch }) => {
      const tensors = Object.entries(dispatch.bindings)
        .map(([name, binding]) =>
          `${name} ${rangeOf(binding).tensor.name} ${formatShape(rangeOf(binding).tensor.shape)}`
        );
      return `${dispatch.label}: ${dispatch.kernel.name} (${tensors.join(", ")})`;
    });
    return [...lines, `${this.#steps.length} steps, ${this.#owned.length} buffers, ${bytes} bytes`].join(
      "\n",
    );
  }

  /** Bytes of the buffers that belong to this plan. */
  get bytes(): number {
    return this.#owned.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /**
   * Runs once with a timestamp around each step; the inputs are those last written. The state changes as in `run`.
   * @throws {GpuError} where the adapter has no timestamp queries.
   */
  async profile(): Promise<ProfileRow[]> {
    this.#gpu.check();
    const steps = this.#steps.filter(({ dispatch }) => !dispatch.once || this.#fresh);
    const times = await timePasses(
      this.#gpu,
      steps.map((step) => (pass) => encode(pass, step)),
    );
    this.#fresh = false;
    return steps.map(({ dispatch }, index) => ({
      label: dispatch.label,
      kernel: dispatch.kernel.name,
      milliseconds: times[index] / 1e6,
      flops: dispatch.flops,
      bytes: bytesOf(dispatch),
    }));
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#owned.splice(0)) this.#gpu.release(buffer);
  }
}
