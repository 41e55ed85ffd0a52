/** What the benches share: the device, tfjs on the same adapter, and random values. */
import type { Tensor4D } from "../tests/tfjs/tensorflow.ts";
import { openGpu } from "../src/gpu/device.ts";
import { uniform } from "./random.ts";
import { loadTfjs, type Tfjs, tfjsAdapter } from "../tests/tfjs/backend.ts";

export { uniform };

/** A bench waits for its result only after so many repetitions: a wait alone takes the runtime 10 ms. */
export const REPEAT = 4;

/** tfjs takes seconds for an iteration on a software adapter: a few have to do. */
export const SLOW = { n: 5, warmup: 1 };

export const gpu = await openGpu();
export const tf: Tfjs = await loadTfjs();
console.log(`ours on ${gpu.adapter.name}; tfjs on ${tfjsAdapter(tf)}`);

export function tensor4d(shape: readonly number[], seed = 1): Tensor4D {
  return tf.tensor4d(uniform(shape, seed), shape as [number, number, number, number]);
}
