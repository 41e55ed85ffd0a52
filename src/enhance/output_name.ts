/** How a result is called, on the command line and in the web page, and by which name it is known again. */

/** Before and after side by side on a sheet, or one after the other in an animation. */
export type CompareKind = "sheet" | "gif";

/** What is added to a result's name, without its extension, for a comparison. */
const COMPARE: Readonly<Record<CompareKind, string>> = { sheet: "-compare.png", gif: "-compare.gif" };

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

/** Path of the comparison that stands beside a result. */
export function comparePath(output: string, kind: CompareKind): string {
  return stemOf(output) + COMPARE[kind];
}

/**
 * Whether a file in a folder is a result, or a comparison, that an earlier run has written beside its source: its name is one that
 * {@linkcode enhancedStem} or {@linkcode comparePath} gives, and the photo that it was made of lies there too. Without that one, it is a photo
 * like others.
 * @param stems names of the folder's photos without their extensions.
 */
export function isEarlierResult(name: string, stems: ReadonlySet<string>): boolean {
  const compared = Object.values(COMPARE).find((ending) => name.endsWith(ending));
  if (compared !== undefined) {
    const result = name.slice(0, -compared.length);
    return stems.has(result) || isEnhanced(result, stems);
  }
  return isEnhanced(stemOf(name), stems);
}

function isEnhanced(stem: string, stems: ReadonlySet<string>): boolean {
  const source = /^(.+)-enhanced(-\d+x)?$/s.exec(stem)?.[1];
  return source !== undefined && stems.has(source);
}
