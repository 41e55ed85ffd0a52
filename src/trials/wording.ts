/** Figures as the report writes them. */

/** Differences below this are not told apart, dB. */
export const ALIKE = 0.1;

/** Decibels with two digits; ∞ for equal pictures. */
export function decibels(value: number): string {
  return value === Infinity ? "∞" : value.toFixed(2);
}

/** A difference with its sign, if it does not round to 0. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}

/** A count with its thousands parted. */
export function thousands(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
