/** The buffers of a plan: which tensors have one of their own, and which share. */
import { assignBuffers } from "./memory.ts";
import { rangeOf, type Recorder } from "./recorder.ts";
import type { Tensor } from "./tensor.ts";

/** Makes a buffer that belongs to the plan. */
export type MakeBuffer = (label: string, bytes: number, usage: GPUBufferUsageFlags) => GPUBuffer;

/** Gives each tensor a buffer; `planned` ones share. */
export function allocate(
  recorder: Recorder,
  own: MakeBuffer,
): Map<Tensor, GPUBuffer> {
  const first = new Map<Tensor, number>();
  const last = new Map<Tensor, number>();
  recorder.dispatches.forEach((dispatch, step) => {
    for (const binding of Object.values(dispatch.bindings)) {
      const { tensor } = rangeOf(binding);
      if (!first.has(tensor)) first.set(tensor, step);
      last.set(tensor, step);
    }
  });
  for (const tensor of recorder.outputs.values()) last.set(tensor, recorder.dispatches.length);

  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST |
    GPUBufferUsage.COPY_SRC;
  const buffers = new Map<Tensor, GPUBuffer>();
  const planned = recorder.tensors.filter((tensor) => {
    if (tensor.external) buffers.set(tensor, tensor.external);
    else if (tensor.lifetime === "persistent") buffers.set(tensor, own(tensor.name, tensor.bytes, usage));
    else return first.has(tensor);
    return false;
  });
  const { assignment, sizes } = assignBuffers(
    planned.map((tensor) => ({ bytes: tensor.bytes, first: first.get(tensor)!, last: last.get(tensor)! })),
  );
  const shared = sizes.map((bytes, index) => own(`shared ${index}`, bytes, usage));
  planned.forEach((tensor, index) => buffers.set(tensor, shared[assignment[index]]));
  return buffers;
}
