/** JSON as this program writes it. */

/**
 * Formats a JSON document. JSON has no infinity: the PSNR of equal pictures is written as the text `"Infinity"`, which
 * `Number()` reads back, where `JSON.stringify` alone would lose it as null.
 * @param space columns to indent by; none gives one line.
 */
export function toJson(value: unknown, space?: number): string {
  return JSON.stringify(
    value,
    (_, item) => typeof item === "number" && !Number.isFinite(item) ? String(item) : item,
    space,
  );
}
