/** What a recorder records: a kernel with its bindings and params; and those params as a plan lays them out. */
import type { Kernel, KernelTypes } from "./kernel.ts";
import type { Tensor, TensorRange } from "./tensor.ts";

/** The fields of a kernel's struct `Params`, or `Job`. */
export type Params = Readonly<Record<string, number>>;

export interface Dispatch {
  readonly label: string;
  readonly kernel: Kernel;
  readonly constants: Readonly<Record<string, number>>;
  /** What each name in the kernel's `types` stands for. */
  readonly types: KernelTypes;
  /** One; of a kernel of jobs one for each of them. */
  readonly params: readonly Params[];
  readonly bindings: Readonly<Record<string, Tensor | TensorRange>>;
  /** Along x, folded into y where one row would be too long, and along z. */
  readonly workgroups: readonly [number, number, number];
  /** Depends on persistent tensors only, in a plan whose parameters stay: run once, not in each run. */
  readonly once: boolean;
  /** Floating-point operations, for profiles. */
  readonly flops: number;
}

// Offsets of what is bound must be multiples of this on every adapter.
const ALIGNMENT = 256;

/** The params of all dispatches one after the other, and where those of each lie, in bytes. */
export function layParams(
  dispatches: readonly Dispatch[],
): { words: Uint32Array; ranges: { offset: number; size: number }[] } {
  let end = 0;
  const ranges = dispatches.map(({ kernel, params }) => {
    const range = { offset: end, size: params.length * kernel.params.length * 4 };
    end += Math.ceil(range.size / ALIGNMENT) * ALIGNMENT;
    return range;
  });
  const view = new DataView(new ArrayBuffer(end));
  dispatches.forEach(({ kernel, params }, index) => {
    let at = ranges[index].offset;
    for (const values of params) {
      for (const field of kernel.params) {
        const [name, type] = field.split(":");
        if (type === "f32") view.setFloat32(at, values[name], true);
        else view.setInt32(at, values[name], true);
        at += 4;
      }
    }
  });
  return { words: new Uint32Array(view.buffer), ranges };
}
