/**
 * TensorFlow.js, named here rather than in deno.json: Deno fetches all that deno.json names for whoever runs the command
 * line, and these 290 MB are for tests and benches only.
 */
// deno-lint-ignore-file no-import-prefix
export type * from "npm:@tensorflow/tfjs@4.22.0";

/** Loads the library with its gradients, and then registers its `webgpu` back end. */
export async function importTensorflow(): Promise<typeof import("npm:@tensorflow/tfjs@4.22.0")> {
  const tf = await import("npm:@tensorflow/tfjs@4.22.0");
  await import("npm:@tensorflow/tfjs-backend-webgpu@4.22.0");
  return tf;
}
