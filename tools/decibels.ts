/** Decibels as tables show them. */

/** With two decimals; of equal pictures ∞. */
export function decibels(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "∞";
}

/** A gain, with its sign; what rounds to nothing is none. */
export function signed(gain: number): string {
  const text = decibels(Math.abs(gain));
  return (gain < 0 && Number(text) !== 0 ? "−" : "+") + text;
}
