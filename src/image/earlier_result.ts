/** By which name a result of an earlier run of `enhance` is known again. */
import { isPhotoName } from "./formats.ts";
import { COMPARE_ENDINGS, stemOf } from "./output_name.ts";

/** Why such a file is not taken for an original. */
export const EARLIER_RESULT = "it is what enhance made of a photo beside it";

/**
 * The results of earlier runs among files: see {@linkcode isEarlierResult}.
 * @param paths all files of one folder or of several, `/` between folders.
 */
export function earlierResults(paths: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const [folder, files] of Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf("/") + 1))) {
    const names = files.filter(isPhotoName).map((path) => path.slice(folder.length));
    const stems = new Set(names.map(stemOf));
    for (const name of names) if (isEarlierResult(name, stems)) found.add(folder + name);
  }
  return found;
}

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
