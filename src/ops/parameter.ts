/** Parameters on the GPU: one flat buffer each for values, gradients and optimiser state, with a range for every tensor. */
import type { AdapterSummary } from "../gpu/adapter.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Recorder } from "../gpu/recorder.ts";
import {
  ELEMENT_BYTES,
  type ElementType,
  padChannels,
  type Tensor,
  type TensorRange,
  unpadChannels,
} from "../gpu/tensor.ts";
import { fromFloat16, toFloat16 } from "../tensor/float16.ts";
import { paddedChannels, sizeOf } from "../tensor/shape.ts";
import { GpuError } from "../gpu/errors.ts";

/** A parameter of a model. Convolution weights are `[k, k, in, out]`; `sources` are the channels of each joined input, which are padded one by one. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly sources?: readonly number[];
}

interface Place {
  readonly spec: ParameterShape;
  /** Elements. */
  readonly offset: number;
  readonly length: number;
}

/** Kinds of state that each parameter has. `average` is the exponential moving average of the values. */
export const STATE_KINDS = ["values", "gradients", "moment1", "moment2", "average"] as const;
export type StateKind = typeof STATE_KINDS[number];

// Sub-ranges of a buffer may be bound at multiples of 256 bytes.
const ALIGNMENT = 256;

export class ParameterSet implements Disposable {
  readonly specs: readonly ParameterShape[];
  /** How they lie in memory; those of f16 are for inference alone. */
  readonly type: ElementType;
  /** Elements of each flat buffer. */
  readonly length: number;
  #gpu: Gpu;
  #places = new Map<string, Place>();
  #buffers = new Map<StateKind, GPUBuffer>();
  #tensors = new WeakMap<Recorder, Map<StateKind, Tensor>>();

  constructor(gpu: Gpu, specs: readonly ParameterShape[], type: ElementType = "f32") {
    this.#gpu = gpu;
    this.specs = specs;
    this.type = type;
    let offset = 0;
    for (const spec of specs) {
      const length = paddedLength(spec);
      this.#places.set(spec.name, { spec, offset, length });
      offset = this.#aligned(offset + length);
    }
    this.length = offset;
  }

  /** The adapter that the parameters are on. */
  get adapter(): AdapterSummary {
    return this.#gpu.adapter;
  }

  /** What a tuner has chosen on it, see `Gpu.choices`. */
  get choices(): ReadonlyMap<string, string> {
    return this.#gpu.choices;
  }

  /** The range of a parameter, for binding in a recording. */
  range(recorder: Recorder, name: string, kind: StateKind = "values"): TensorRange {
    const { offset, length } = this.#place(name);
    const size = ELEMENT_BYTES[this.type];
    return { tensor: this.whole(recorder, kind), offset: offset * size, size: length * size };
  }

  /** The range from one parameter to the end of another where nothing but padding, which is zero, lies between them; else undefined. */
  span(recorder: Recorder, from: string, to: string, kind: StateKind): TensorRange | undefined {
    const first = this.range(recorder, from, kind);
    const last = this.range(recorder, to, kind);
    const padded = Math.ceil((first.offset + first.size) / ALIGNMENT) * ALIGNMENT;
    return padded === last.offset ? { ...first, size: last.offset + last.size - first.offset } : undefined;
  }

  /** All parameters of one kind as one flat tensor. */
  whole(recorder: Recorder, kind: StateKind): Tensor {
    let tensors = this.#tensors.get(recorder);
    if (!tensors) this.#tensors.set(recorder, tensors = new Map());
    let tensor = tensors.get(kind);
    if (!tensor) {
      tensor = recorder.tensor([this.length], `parameters.${kind}`, {
        layout: "flat",
        type: this.type,
        lifetime: "persistent",
        external: this.#buffer(kind),
      });
      tensors.set(kind, tensor);
    }
    return tensor;
  }

  /** Uploads parameters, shaped as their specs say. Missing names are an error. */
  upload(values: ReadonlyMap<string, Float32Array>, kind: StateKind = "values"): void {
    const flat = new Float32Array(this.length);
    for (const { spec, offset } of this.#places.values()) {
      const given = values.get(spec.name);
      if (!given || given.length !== sizeOf(spec.shape)) {
        throw new GpuError(
          `Cannot upload ${spec.name}: it has ${sizeOf(spec.shape)} values, got ${given?.length ?? "none"}`,
        );
      }
      flat.set(pad(given, spec), offset);
    }
    this.#gpu.write(this.#buffer(kind), 0, this.type === "f16" ? toFloat16(flat) : flat);
  }

  /** Waits for the GPU and returns all parameters of one kind. */
  async download(kind: StateKind = "values"): Promise<Map<string, Float32Array>> {
    const bytes = this.length * ELEMENT_BYTES[this.type];
    const { device } = this.#gpu;
    const staging = this.#gpu.buffer(
      `read ${kind}`,
      bytes,
      GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    );
    try {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.#buffer(kind), 0, staging, 0, bytes);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      this.#gpu.check();
      const found = staging.getMappedRange(0, bytes).slice(0);
      const flat = this.type === "f16" ? fromFloat16(new Uint16Array(found)) : new Float32Array(found);
      return new Map(
        [...this.#places.values()].map((
          { spec, offset, length },
        ) => [spec.name, unpad(flat.subarray(offset, offset + length), spec)]),
      );
    } finally {
      this.#gpu.release(staging);
    }
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers.values()) this.#gpu.release(buffer);
    this.#buffers.clear();
  }

  /** Elements up to the next place where a range may begin. */
  #aligned(elements: number): number {
    const unit = ALIGNMENT / ELEMENT_BYTES[this.type];
    return Math.ceil(elements / unit) * unit;
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (!place) throw new GpuError(`Cannot find the parameter ${name}`);
    return place;
  }

  #buffer(kind: StateKind): GPUBuffer {
    let buffer = this.#buffers.get(kind);
    if (!buffer) {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
      buffer = this.#gpu.buffer(`parameters.${kind}`, this.length * ELEMENT_BYTES[this.type], usage);
      this.#buffers.set(kind, buffer);
    }
    return buffer;
  }
}

/** Channels as the kernels lay them out for joined inputs: each padded to a multiple of four. */
function paddedSources(sources: readonly number[]): number {
  return sources.reduce((sum, channels) => sum + paddedChannels(channels), 0);
}

function paddedLength({ shape, sources }: ParameterShape): number {
  if (shape.length === 1) return paddedChannels(shape[0]);
  const [height, width, input, output] = shape;
  return height * width * paddedSources(sources ?? [input]) * paddedChannels(output);
}

function pad(values: Float32Array, spec: ParameterShape): Float32Array {
  const { shape, sources } = spec;
  const output = shape[shape.length - 1];
  const rows = padChannels(values, output);
  if (shape.length === 1) return rows;
  const row = paddedChannels(output);
  const result = new Float32Array(paddedLength(spec));
  forEachInput(
    shape,
    sources,
    (dense, padded) => result.set(rows.subarray(dense * row, (dense + 1) * row), padded * row),
  );
  return result;
}

function unpad(values: Float32Array, spec: ParameterShape): Float32Array {
  const { shape, sources } = spec;
  const output = shape[shape.length - 1];
  if (shape.length === 1) return unpadChannels(values, output).slice(0, output);
  const row = paddedChannels(output);
  const rows = new Float32Array(sizeOf(shape.slice(0, -1)) * row);
  forEachInput(
    shape,
    sources,
    (dense, padded) => rows.set(values.subarray(padded * row, (padded + 1) * row), dense * row),
  );
  return unpadChannels(rows, output).slice();
}

/** Calls back with the index of each (tap, input) row without and with the padding of the inputs. */
function forEachInput(
  shape: readonly number[],
  sources: readonly number[] | undefined,
  visit: (dense: number, padded: number) => void,
): void {
  const taps = shape[0] * shape[1];
  let dense = 0;
  let padded = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (const channels of sources ?? [shape[2]]) {
      for (let c = 0; c < channels; c++) visit(dense++, padded + c);
      padded += paddedChannels(channels);
    }
  }
}
