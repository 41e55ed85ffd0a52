/** How a result is called, on the command line and in the web page. */

/** Before and after side by side on a sheet, or one after the other in an animation. */
export type CompareKind = "sheet" | "gif";

/** What is added to a result's name, without its extension, for a comparison. */
export const COMPARE_ENDINGS: Readonly<Record<CompareKind, string>> = {
  sheet: "-compare.png",
  gif: "-compare.gif",
};

/** A file's name or path without its extension. */
export function stemOf(name: string): string {
  return name.replace(/(?<=[^/\\])\.[^./\\]*$/, "");
}

/**
 * The name of a photo's result, without its extension, that stands beside its source: `holiday-enhanced`; `holiday-enhanced-2x` where it is larger,
 * so that both can stand side by side.
 * @param stem the photo's name without its extension.
 * @param scale how many times larger each side came out.
 */
export function enhancedStem(stem: string, scale: number): string {
  return `${stem}-enhanced${scale === 1 ? "" : `-${scale}x`}`;
}

/**
 * Path of the comparison that stands beside a result.
 * @param shared true where another result there differs in its extension alone: then that stays in the name, `rot.jpg-compare.png`.
 */
export function comparePath(output: string, kind: CompareKind, shared = false): string {
  return (shared ? output : stemOf(output)) + COMPARE_ENDINGS[kind];
}
