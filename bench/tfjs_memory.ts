/** Bytes that tfjs-backend-webgpu takes on the GPU. */
import type { Tfjs } from "../tests/tfjs/backend.ts";

export interface TfjsPeak {
  /** Bytes of the buffers that tensors and waiting commands hold (`numBytesInGPU`), at most. */
  readonly used: number;
  /** The same with buffers that it keeps for reuse (`numBytesAllocatedInGPU`): what the card must have. */
  readonly allocated: number;
}

/** What the back end has besides its types. */
interface BufferManager {
  numBytesUsed: number;
  numBytesAllocated: number;
  numFreeBuffers: number;
  freeBuffers: Map<string, GPUBuffer[]>;
  acquireBuffer(...given: unknown[]): GPUBuffer;
}
interface Backend {
  readonly bufferManager: BufferManager;
  readonly queue: GPUQueue;
  /** Null where nothing waits to be handed over. */
  readonly commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

const backendOf = (tf: Tfjs) => tf.backend() as unknown as Backend;

/** Hands over what is waiting and waits until it is done, without reading anything back. */
export async function finish(tf: Tfjs): Promise<void> {
  const backend = backendOf(tf);
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.queue.onSubmittedWorkDone();
}

/**
 * The most that `work` holds at any moment over what was held before it. tfjs counts itself, buffer by buffer; this looks at the count
 * after each buffer that it takes. Buffers kept from earlier work for reuse are freed first.
 */
export async function tfjsPeak(tf: Tfjs, work: () => Promise<void>): Promise<TfjsPeak> {
  await finish(tf);
  const { bufferManager: manager } = backendOf(tf);
  for (const buffer of [...manager.freeBuffers.values()].flat()) {
    manager.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }
  manager.freeBuffers.clear();
  manager.numFreeBuffers = 0;
  const before = { used: manager.numBytesUsed, allocated: manager.numBytesAllocated };
  const peak = { ...before };
  const acquire = manager.acquireBuffer;
  manager.acquireBuffer = (...given) => {
    const buffer = acquire.apply(manager, given);
    peak.used = Math.max(peak.used, manager.numBytesUsed);
    peak.allocated = Math.max(peak.allocated, manager.numBytesAllocated);
    return buffer;
  };
  try {
    await work();
    await finish(tf);
  } finally {
    manager.acquireBuffer = acquire;
  }
  return { used: peak.used - before.used, allocated: peak.allocated - before.allocated };
}
