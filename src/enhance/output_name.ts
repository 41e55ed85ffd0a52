/** How a result is called that stands beside its source, on the command line and in the web page. */

/**
 * The name of a photo's result, without its extension: `holiday-enhanced`; `holiday-enhanced-2x` where it is larger, so that both can stand
 * side by side.
 * @param stem the photo's name without its extension.
 * @param scale how many times larger each side came out.
 */
export function enhancedStem(stem: string, scale: number): string {
  return `${stem}-enhanced${scale === 1 ? "" : `-${scale}x`}`;
}

/** Whether a name without its extension is one that {@linkcode enhancedStem} gives. */
export function isEnhancedStem(stem: string): boolean {
  return /-enhanced(-\d+x)?$/.test(stem);
}
