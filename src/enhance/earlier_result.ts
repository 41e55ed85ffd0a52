/** By which name a result of an earlier run is known again. */
import { isPhotoName } from "../image/formats.ts";
import { COMPARE_ENDINGS, stemOf } from "./output_name.ts";

/**
 * Whether a file in a folder is a result, or a comparison, that an earlier run has written beside its source: its name is one that
 * {@linkcode enhancedStem} or {@linkcode comparePath} gives, and the photo that it was made of lies there too. Without that one, it is a photo
 * like others.
 * @param stems names of the folder's photos without their extensions.
 */
export function isEarlierResult(name: string, stems: ReadonlySet<string>): boolean {
  const compared = Object.values(COMPARE_ENDINGS).find((ending) => name.endsWith(ending));
  if (compared !== undefined) {
    const result = name.slice(0, -compared.length);
    return [result, ...isPhotoName(result) ? [stemOf(result)] : []]
      .some((stem) => stems.has(stem) || isEnhanced(stem, stems));
  }
  return isEnhanced(stemOf(name), stems);
}

function isEnhanced(stem: string, stems: ReadonlySet<string>): boolean {
  const source = /^(.+)-enhanced(-\d+x)?$/s.exec(stem)?.[1];
  return source !== undefined && stems.has(source);
}
