/** How near patches are to their originals. */

/** A clean patch that comes back unchanged would count as infinite: 60 dB is all that 8 bits show. */
const MOST = 60;

/**
 * PSNR of one patch in dB, 60 at most.
 * @param values samples, which are clipped to 0..1 first.
 * @param target as many samples of the original, 0..1.
 */
export function patchPsnr(values: Float32Array, target: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < target.length; i++) {
    squares += (Math.min(Math.max(values[i], 0), 1) - target[i]) ** 2;
  }
  return Math.min(-10 * Math.log10(squares / target.length), MOST);
}

/**
 * Mean PSNR in dB of patches as they are before any network has touched them.
 * @param patches input and target, `count` of them, of the same size.
 */
export function damagedPsnr(
  { input, target }: { readonly input: Float32Array; readonly target: Float32Array },
  count: number,
): number {
  const length = target.length / count;
  let sum = 0;
  for (let at = 0; at < target.length; at += length) {
    sum += patchPsnr(input.subarray(at, at + length), target.subarray(at, at + length));
  }
  return sum / count;
}
