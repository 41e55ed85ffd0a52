/** Shapes of the tensors that every layer agrees on. Pure: no GPU here. */

/** `[batch, height, width, channels]`, each a positive integer. */
export type Shape4 = readonly [number, number, number, number];

/** Elements of a shape: the product of its extents. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Channels as a vec4 kernel stores them: rounded up to a multiple of four, the surplus zero. */
export function paddedChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/** `[1, 5, 7, 3]` as `1×5×7×3`, for messages. */
export function formatShape(shape: readonly number[]): string {
  return shape.join("×");
}

/** Extent of a 'same' convolution or a pooling with this stride: ⌈extent / stride⌉. */
export function stridedExtent(extent: number, stride: 1 | 2): number {
  return Math.ceil(extent / stride);
}

/** Index inside 0..extent−1 that a mirror at both edge pixels shows at `index`, however far outside: −1 → 1, extent → extent−2. */
export function reflect(index: number, extent: number): number {
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const phase = ((index % period) + period) % period;
  return phase < extent ? phase : period - phase;
}
