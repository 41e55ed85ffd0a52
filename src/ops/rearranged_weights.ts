/** Weights as a convolution's kernels want them, those of many layers made by one dispatch. */
import type { Dispatch, Params } from "../gpu/dispatch.ts";
import type { Kernel } from "../gpu/kernel.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { ElementType, Tensor, TensorRange } from "../gpu/tensor.ts";
import { LayerRoom } from "./layer_room.ts";

/** How weights are rearranged: layers that agree in all of it share a dispatch. */
export interface Rearrangement {
  /** A kernel of jobs that binds all parameters, and then what it makes of them. */
  readonly kernel: Kernel;
  readonly role: "forward" | "input-gradient";
  readonly constants: Readonly<Record<string, number>>;
  /** Invocations of its workgroups. */
  readonly workgroup: number;
  /** All parameters. */
  readonly weights: Tensor;
  /** Of the elements that come out. */
  readonly type: ElementType;
}

interface Batch {
  readonly room: LayerRoom;
  dispatch?: Dispatch;
}
const open = new WeakMap<Recorder, Map<string, Batch>>();

/**
 * Rearranges a layer's weights, in each training step, once in an inference plan, before what is recorded from now on.
 * @param jobAt the kernel's params, given the byte at which its room begins.
 * @param room bytes of what comes out, and how many can be bound from there on.
 */
export function rearranged(
  rec: Recorder,
  how: Rearrangement,
  room: { readonly bytes: number; readonly reach?: number },
  jobAt: (offset: number) => Params,
  invocations: number,
): TensorRange {
  const { kernel, role, constants, workgroup, weights, type } = how;
  let batches = open.get(rec);
  if (!batches) open.set(rec, batches = new Map());
  const key = JSON.stringify([kernel.name, role, constants, workgroup, weights.id, type]);
  const once = !rec.training;
  let batch = batches.get(key);
  if (!batch?.room.holds(room.bytes)) {
    const lifetime = once ? "persistent" : "planned";
    batches.set(key, batch = { room: new LayerRoom(rec, `${kernel.name} ${role}`, { type, lifetime }) });
  }
  const range = batch.room.take(room.bytes, room.reach);
  const params = jobAt(range.offset);
  if (batch.dispatch) rec.addJob(batch.dispatch, params, invocations, workgroup);
  else {
    const [source, made] = Object.keys(kernel.bindings);
    batch.dispatch = rec.dispatch(kernel, { [source]: weights, [made]: batch.room.tensor }, {
      ...{ owner: `weights/${role}`, params, constants, invocations, workgroup, once },
    });
  }
  return range;
}
