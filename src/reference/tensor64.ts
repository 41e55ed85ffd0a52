/** Tensors of the float64 reference: NHWC, channels not padded. For tests and benches only. */
import { formatShape, type Shape4, sizeOf } from "../tensor/shape.ts";

/** `data[((n·H + y)·W + x)·C + c]` is the value at image n, row y, column x, channel c. */
export interface Tensor64 {
  readonly shape: Shape4;
  readonly data: Float64Array;
}

/**
 * Makes a tensor: zeros, or a float64 copy of `values`.
 * @throws {RangeError} when `values` do not fill the shape.
 */
export function tensor64(shape: Shape4, values?: ArrayLike<number>): Tensor64 {
  const data = values ? Float64Array.from(values) : new Float64Array(sizeOf(shape));
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`Cannot make a tensor of ${formatShape(shape)}: got ${data.length} values`);
  }
  return { shape, data };
}

/**
 * Joins tensors along the channels, in order.
 * @throws {RangeError} when batch, height or width differ.
 */
export function joinChannels(inputs: readonly Tensor64[]): Tensor64 {
  const [n, h, w] = inputs[0].shape;
  for (const { shape } of inputs) {
    if (shape[0] !== n || shape[1] !== h || shape[2] !== w) {
      throw new RangeError(
        `Cannot join along the channels: ${inputs.map((input) => formatShape(input.shape)).join(" and ")}`,
      );
    }
  }
  const channels = inputs.reduce((sum, input) => sum + input.shape[3], 0);
  const joined = tensor64([n, h, w, channels]);
  let first = 0;
  for (const { shape, data } of inputs) {
    const own = shape[3];
    for (let pixel = 0; pixel < n * h * w; pixel++) {
      for (let c = 0; c < own; c++) joined.data[pixel * channels + first + c] = data[pixel * own + c];
    }
    first += own;
  }
  return joined;
}

/** Takes a joined tensor apart again: the inverse of `joinChannels` for these channel counts. */
export function splitChannels(joined: Tensor64, counts: readonly number[]): Tensor64[] {
  const [n, h, w, channels] = joined.shape;
  let first = 0;
  return counts.map((own) => {
    const part = tensor64([n, h, w, own]);
    for (let pixel = 0; pixel < n * h * w; pixel++) {
      for (let c = 0; c < own; c++) part.data[pixel * own + c] = joined.data[pixel * channels + first + c];
    }
    first += own;
    return part;
  });
}
