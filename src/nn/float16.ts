/** Half-precision floats (IEEE 754 binary16), for runtimes without `Float16Array`: Node before 24, browsers before 2025. */

/** The values of halves given by their bits: sign, five bits of exponent (biased by 15), ten of mantissa. Exact. */
export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = bits >> 10 & 0x1f;
    const mantissa = bits & 0x3ff;
    if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
    // Without an exponent there is no leading one: subnormal numbers, and zero.
    return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
  });
}
