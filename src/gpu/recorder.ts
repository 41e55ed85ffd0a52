/** Records dispatches over tensors, and a tape of gradients; `Plan` turns the recording into buffers and bind groups. */
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Dispatch, Params } from "./dispatch.ts";
import { GpuError } from "./errors.ts";
import type { Kernel, KernelTypes } from "./kernel.ts";
import {
  ELEMENT_BYTES,
  type ElementType,
  type Lifetime,
  type Tensor,
  tensorBytes,
  type TensorRange,
} from "./tensor.ts";

export interface DispatchOptions {
  readonly label?: string;
  /** Names what the dispatch belongs to in place of what it is recorded within, where that is more than one layer. */
  readonly owner?: string;
  /** Of a kernel of jobs, those of the first: `addJob` adds others. */
  readonly params: Params;
  readonly constants?: Readonly<Record<string, number>>;
  /** Of those names in the kernel's `types` that have no bindings. */
  readonly types?: KernelTypes;
  /** Invocations wanted in all, 64 for each workgroup where a kernel's are of another size (the kernels use workgroups of 64 and count `id.x + id.y * groups.x * 64`), for each of the `groups` along z. */
  readonly invocations: number;
  readonly groups?: number;
  /** Invocations of the kernel's workgroup, where they are not 64. */
  readonly workgroup?: number;
  readonly once?: boolean;
  readonly flops?: number;
}

/** Invocations of a workgroup, and what counts as one: `@workgroup_size(64)` in all kernels but those of conv2d_gemm with 128. */
export const WORKGROUP_SIZE = 64;

/** What a recorder may still change while it records. */
type Open<T> = { -readonly [Field in keyof T]: T[Field] };

/** WebGPU's limit of workgroups along one axis of a dispatch. */
const MAX_WORKGROUPS = 65535;

export class Recorder {
  readonly tensors: Tensor[] = [];
  readonly dispatches: Dispatch[] = [];
  readonly inputs = new Map<string, Tensor>();
  readonly outputs = new Map<string, Tensor>();
  /** True while a training step is recorded: parameters change from run to run, and gradients are wanted. */
  readonly training: boolean;
  /** Workgroups along one axis of a dispatch at most. */
  readonly #longestRow: number;
  #tape: (() => void)[] = [];
  #afterBackward: (() => void)[] = [];
  #gradients = new Map<Tensor, { gradient: Tensor; written: boolean }>();
  #label = "";

  /** @param options `longestRow`: workgroups along one axis of a dispatch at most; WebGPU's limit unless a test, whose tensors are small, wants rows folded. */
  constructor(options: { training: boolean; longestRow?: number }) {
    this.training = options.training;
    this.#longestRow = options.longestRow ?? MAX_WORKGROUPS;
  }

  /** A tensor whose memory the plan shares out. Images are `[N,H,W,C]`. */
  tensor(
    shape: readonly number[],
    name: string,
    options: {
      layout?: Tensor["layout"];
      type?: ElementType;
      lifetime?: Lifetime;
      external?: GPUBuffer;
    } = {},
  ): Tensor {
    if (shape.some((extent) => !Number.isInteger(extent) || extent < 1)) {
      throw new GpuError(
        `Cannot record the tensor ${name}: its shape ${formatShape(shape)} must have positive extents`,
      );
    }
    const { layout = "image", type = "f32" } = options;
    const tensor: Tensor = {
      id: this.tensors.length,
      name,
      shape,
      layout,
      type,
      lifetime: options.lifetime ?? "planned",
      bytes: tensorBytes(shape, layout, type),
      ...(options.external ? { external: options.external } : {}),
    };
    this.tensors.push(tensor);
    return tensor;
  }

  /** An image that is written before each run: `plan.write(name, …)`. */
  input(name: string, shape: readonly number[], type: ElementType = "f32"): Tensor {
    const tensor = this.tensor(shape, name, { lifetime: "persistent", type });
    this.inputs.set(name, tensor);
    return tensor;
  }

  /** A few floats that are written before a run, bound as a uniform: a learning rate, say. */
  scalars(name: string, count: number): Tensor {
    const tensor = this.tensor([Math.ceil(count / 4) * 4], name, { layout: "flat", lifetime: "persistent" });
    this.inputs.set(name, tensor);
    return tensor;
  }

  /** Keeps a tensor until the end of a run, to be read by `plan.read(name)`. */
  output(name: string, tensor: Tensor): void {
    this.outputs.set(name, tensor);
  }

  /** Names what is recorded inside `body`, for profiles and errors. */
  within<T>(label: string, body: () => T): T {
    const outer = this.#label;
    this.#label = outer ? `${outer}/${label}` : label;
    try {
      return body();
    } finally {
      this.#label = outer;
    }
  }

  /** Records a dispatch, and returns it for `addJob`. */
  dispatch(
    kernel: Kernel,
    bindings: Record<string, Tensor | TensorRange>,
    options: DispatchOptions,
  ): Dispatch {
    const declared = Object.keys(kernel.bindings);
    if (declared.join() !== Object.keys(bindings).join()) {
      throw new GpuError(
        `Cannot record ${kernel.name}: it binds ${declared.join()}, got ${Object.keys(bindings).join()}`,
      );
    }
    checkParams(kernel, options.params);
    const written = declared.filter((name) => kernel.bindings[name] === "read_write").map((name) =>
      rangeOf(bindings[name]).tensor
    );
    for (const name of declared) {
      const { tensor } = rangeOf(bindings[name]);
      // A buffer bound both ways in one dispatch does not validate, and one bound twice for writing races unseen.
      if (
        kernel.bindings[name] !== "read_write"
          ? written.includes(tensor)
          : written.filter((t) => t === tensor).length > 1
      ) {
        throw new GpuError(
          `Cannot record ${kernel.name}: ${tensor.name} is bound for reading and writing at once`,
        );
      }
    }
    const types = { ...options.types, ...typesOf(kernel, bindings) };
    const workgroups = Math.ceil(options.invocations / (options.workgroup ?? WORKGROUP_SIZE));
    const [x, y] = folded(workgroups, this.#longestRow);
    const dispatch: Dispatch = {
      label: [options.owner ?? this.#label, options.label ?? kernel.name].filter(Boolean).join("/"),
      kernel,
      constants: options.constants ?? {},
      types,
      params: [options.params],
      bindings,
      workgroups: [x, y, options.groups ?? 1],
      once: options.once ?? false,
      flops: options.flops ?? 0,
    };
    this.dispatches.push(dispatch);
    return dispatch;
  }

  /** Records one dispatch of a kernel of jobs, which are all known: at least one. */
  dispatchJobs<Job extends Params>(
    kernel: Kernel,
    bindings: Record<string, Tensor | TensorRange>,
    jobs: readonly Job[],
    invocationsOf: (job: Job) => number,
    options: Omit<DispatchOptions, "params" | "invocations"> = {},
  ): void {
    const [job, ...others] = jobs;
    const dispatch = this.dispatch(kernel, bindings, {
      ...options,
      params: job,
      invocations: invocationsOf(job),
    });
    for (const other of others) this.addJob(dispatch, other, invocationsOf(other), options.workgroup);
  }

  /** Adds a piece of work to the recorded dispatch of a kernel of jobs. `workgroup` is what the dispatch was given. */
  addJob(dispatch: Dispatch, params: Params, invocations: number, workgroup = WORKGROUP_SIZE): void {
    checkParams(dispatch.kernel, params);
    const open = dispatch as Open<Dispatch>;
    open.params = [...open.params, params];
    const [x, y, jobs] = open.workgroups;
    const most = Math.max(x * y, Math.ceil(invocations / workgroup));
    open.workgroups = [...folded(most, this.#longestRow), jobs + 1];
  }

  /** Makes a flat tensor so many elements long, while the recording goes on. */
  extend(tensor: Tensor, length: number): void {
    const open = tensor as Open<Tensor>;
    open.shape = [length];
    open.bytes = tensorBytes(open.shape, "flat", tensor.type);
  }

  /** Registers how the gradient goes back from y; called in reverse order by `backward`. Does nothing outside training. */
  gradient(y: Tensor, back: (dy: Tensor) => void): void {
    if (!this.training) return;
    const label = this.#label;
    this.#tape.push(() => {
      const dy = this.#gradients.get(y);
      // A value that nothing downstream used has no gradient.
      if (dy?.written) this.within(label ? `${label}.grad` : "grad", () => back(dy.gradient));
    });
  }

  /**
   * The tensor to write the gradient of x into, and whether to add to what it holds. The first writer overwrites,
   * later ones add. Gradients are of the value before x's fused activation: whoever writes multiplies by its slope.
   */
  gradientOf(x: Tensor): { gradient: Tensor; accumulate: boolean } {
    let entry = this.#gradients.get(x);
    if (!entry) {
      this.#gradients.set(
        x,
        entry = {
          gradient: this.tensor(x.shape, `d(${x.name})`, { layout: x.layout, type: x.type }),
          written: false,
        },
      );
    }
    const accumulate = entry.written;
    entry.written = true;
    return { gradient: entry.gradient, accumulate };
  }

  /** Whether something has been written into the gradient of x, or will be. */
  hasGradient(x: Tensor): boolean {
    return this.#gradients.has(x);
  }

  /** Makes dy, which nothing else may need any more, the gradient of x, which has none yet: dy holds what x would get. */
  passGradient(x: Tensor, dy: Tensor): void {
    if (this.#gradients.has(x)) {
      throw new GpuError(`Cannot pass on ${dy.name}: ${x.name} has a gradient already`);
    }
    if (dy.type !== x.type) {
      throw new GpuError(`Cannot pass on ${dy.name}: it is ${dy.type}, ${x.name} is ${x.type}`);
    }
    this.#gradients.set(x, { gradient: dy, written: true });
  }

  /** Makes an input of the gradient of y, in place of a loss: what is recorded alone, to be measured, is given it from outside. */
  gradientInput(name: string, y: Tensor): void {
    this.#gradients.set(y, { gradient: this.input(name, y.shape, y.type), written: true });
  }

  /** Has `record` called when the tape has been played: for what the gradients of many layers leave to be done together. */
  afterBackward(record: () => void): void {
    this.#afterBackward.push(record);
  }

  /** Plays the tape backwards from a loss that has registered its gradient. */
  backward(): void {
    for (const back of this.#tape.splice(0).reverse()) back();
    for (const record of this.#afterBackward.splice(0)) record();
  }
}

/** @throws {GpuError} where a field that the kernel declares is not given. */
function checkParams(kernel: Kernel, params: Params): void {
  const names = kernel.params.map((field) => field.split(":")[0]);
  const missing = names.find((name) => params[name] === undefined);
  if (missing) throw new GpuError(`Cannot record ${kernel.name}: the parameter ${missing} is not given`);
}

/** Workgroups along one axis are limited: longer rows are folded, the last one partly idle. */
function folded(workgroups: number, longest: number): [number, number] {
  const rows = Math.max(1, Math.ceil(workgroups / longest));
  return [Math.max(1, Math.ceil(workgroups / rows)), rows];
}

/** The types of a dispatch's tensors, by the kernel's names for them. @throws {GpuError} where the kernel cannot take them. */
function typesOf(
  kernel: Kernel,
  bindings: Readonly<Record<string, Tensor | TensorRange>>,
): Record<string, ElementType> {
  const types: Record<string, ElementType> = {};
  const free = new Set(Object.keys(bindings));
  const typeOf = (name: string) => rangeOf(bindings[name]).tensor.type;
  for (const [alias, names] of Object.entries(kernel.types ?? {})) {
    for (const name of names) {
      free.delete(name);
      if ((types[alias] ??= typeOf(name)) === typeOf(name)) continue;
      throw new GpuError(`Cannot record ${kernel.name}: ${names.join(", ")} must be of one type`);
    }
  }
  for (const name of free) {
    if (typeOf(name) !== "f32") {
      throw new GpuError(`Cannot record ${kernel.name}: it takes ${name} as f32 only`);
    }
  }
  return types;
}

export function rangeOf(binding: Tensor | TensorRange): TensorRange {
  return "tensor" in binding ? binding : { tensor: binding, offset: 0, size: binding.bytes };
}

/** vec4s of an image or flat tensor. */
export function vec4sOf(tensor: Tensor): number {
  return tensor.bytes / (4 * ELEMENT_BYTES[tensor.type]);
}

/** Elements as the mathematics counts them. */
export function elementsOf(tensor: Tensor): number {
  return sizeOf(tensor.shape);
}
