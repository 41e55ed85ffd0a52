/** Values and gradients of a tfjs function, read back as plain arrays. */
import type { Tensor, Tensor4D } from "./tensorflow.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";
import type { Tfjs } from "./backend.ts";

/** Uploads an image; the caller disposes it. */
export function upload(tf: Tfjs, { shape, data }: Tensor64): Tensor4D {
  return tf.tensor4d(Float32Array.from(data), [...shape]);
}

/** f(inputs) and the gradient of every input, given that of the output (1 for a scalar). Disposes the inputs. */
export async function valueAndGradients(
  tf: Tfjs,
  f: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  dy?: Tensor64,
): Promise<{ y: Float32Array; gradients: Float32Array[] }> {
  const seed = dy && upload(tf, dy);
  const { value, grads } = tf.valueAndGrads(f)(inputs, seed);
  const y = await value.data() as Float32Array;
  const gradients: Float32Array[] = [];
  for (const gradient of grads) gradients.push(await gradient.data() as Float32Array);
  tf.dispose([value, ...grads, ...inputs, ...(seed ? [seed] : [])]);
  return { y, gradients };
}
