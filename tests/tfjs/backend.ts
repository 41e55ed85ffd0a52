/**
 * TensorFlow.js on WebGPU, in Deno, for comparison only: loaded when first asked for, once.
 *
 * What it took: nothing is polyfilled, Deno has `navigator.gpu`. `@tensorflow/tfjs` (not `-core`) brings the gradients;
 * `@tensorflow/tfjs-backend-webgpu` registers the back end, which asks for the adapter itself with the power preference
 * `high-performance`. Where no real GPU is found, that is the software adapter.
 */
import { findAdapter } from "../../src/gpu/adapter.ts";
import { importTensorflow } from "./tensorflow.ts";

export type Tfjs = Awaited<ReturnType<typeof importTensorflow>>;

let loading: Promise<Tfjs> | undefined;

/** TensorFlow.js with the `webgpu` back end chosen. @throws {Error} when there is no WebGPU adapter. */
export function loadTfjs(): Promise<Tfjs> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Tfjs> {
  // Sets the runtime up as for our own device: Vulkan rather than OpenGL, no noise on standard error.
  if (!(await findAdapter())) {
    throw new Error(
      "Cannot load tfjs: no WebGPU adapter; install a Vulkan driver (Debian: mesa-vulkan-drivers)",
    );
  }
  const tf = await importTensorflow();
  if (!(await tf.setBackend("webgpu"))) {
    throw new Error("Cannot load tfjs: its webgpu back end does not start");
  }
  await tf.ready();
  return tf;
}

/** Name of the adapter that tfjs runs on, as the driver gives it. */
export function tfjsAdapter(tf: Tfjs): string {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  return device.adapterInfo.description;
}
