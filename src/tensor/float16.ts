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

const DOUBLE_ROUNDING = 2 ** 52;

/**
 * The bits of the nearest halves, of two equally near ones the even. From 65,520 on it is infinity, below 2⁻¹⁴ the steps are 2⁻²⁴, and
 * NaN stays NaN.
 */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const magnitude = bits[i] & 0x7fffffff;
    let half: number;
    if (magnitude > 0x7f800000) half = 0x7e00;
    else if (magnitude >= 0x477ff000) half = 0x7c00;
    else if (magnitude < 0x38800000) {
      // Subnormal: a sum of that size has no room for fractions, and rounds as wanted.
      half = Math.abs(values[i]) * 2 ** 24 + DOUBLE_ROUNDING - DOUBLE_ROUNDING;
    } else half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    halves[i] = sign | half;
  }
  return halves;
}
