/** The two common layouts of convolution weights: ours, [ky, kx, in, out], and that of PyTorch and ONNX, [out, in, ky, kx]. */

/**
 * Weights from our layout to PyTorch's and ONNX's.
 * @param shape [height, width, inputs, outputs] of `values`.
 */
export function toOihw(values: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(values.length);
  forEachWeight(shape, (hwio, oihw) => turned[oihw] = values[hwio]);
  return turned;
}

/**
 * Weights from PyTorch's and ONNX's layout to ours.
 * @param shape [height, width, inputs, outputs] of the result.
 */
export function fromOihw(values: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(values.length);
  forEachWeight(shape, (hwio, oihw) => turned[hwio] = values[oihw]);
  return turned;
}

/** [height, width, inputs, outputs] as [outputs, inputs, height, width]; other shapes (biases) as they are. */
export function oihwShape(shape: readonly number[]): readonly number[] {
  if (shape.length !== 4) return shape;
  const [height, width, inputs, outputs] = shape;
  return [outputs, inputs, height, width];
}

function forEachWeight(shape: readonly number[], visit: (hwio: number, oihw: number) => void): void {
  const [height, width, inputs, outputs] = shape;
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) visit(from++, ((o * inputs + i) * height + y) * width + x);
      }
    }
  }
}
