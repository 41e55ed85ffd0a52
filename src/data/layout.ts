/** Which photos are originals and which are their degraded twins, told by the names of folders and files. */
import type { PhotoFile } from "./photo_files.ts";
import type { SkippedFile } from "./photo_source.ts";

/** An original with its own low side. */
export interface FilePair {
  readonly high: PhotoFile;
  readonly low: PhotoFile;
  /** Which low side it is, where a set has several: `bicubic x2`, `mild x4m`; empty for the only one. */
  readonly variant: string;
}

export interface Layout {
  /** All photos that may serve as originals, in the order given: those of high sides, and those of no side at all. */
  readonly highs: readonly PhotoFile[];
  /** By original, then by variant. */
  readonly pairs: readonly FilePair[];
  /** Photos of a low side without an original; they are used for nothing. */
  readonly lonelyLows: readonly SkippedFile[];
}

type Role = "high" | "low";

/** Words in a folder's or a file's name that tell its side. */
const WORDS: Readonly<Record<string, Role>> = Object.fromEntries([
  ...[
    "hr",
    "high",
    "hires",
    "highres",
    "hq",
    "gt",
    "clean",
    "sharp",
    "original",
    "originals",
    "target",
    "targets",
    "reference",
  ]
    .map((word): [string, Role] => [word, "high"]),
  ...[
    "lr",
    "low",
    "lores",
    "lowres",
    "lq",
    "degraded",
    "damaged",
    "noisy",
    "blur",
    "blurred",
    "blurry",
    "compressed",
    "input",
    "inputs",
  ]
    .map((word): [string, Role] => [word, "low"]),
]);
/** Words that no one gives to a folder of originals. Others may mean anything ("low light"), unless a high side is there. */
const SURELY_LOW = /^(lr|lq|lowres|lores)$/;
/** What scales and DIV2K's tracks add to a file's name: x2, x8, x4m (mild), x4d (difficult), x4w3 (wild). */
const SCALE = /[-_ .]?x\d+(?:[a-z]\d*)?$/;
/** A side at the end of a file's name, with RealSR's scale: `_HR`, `-low`, `_LR4`. */
const SIDE = /[-_ .]([a-z]+)[-_ .]?(?:res|x?\d+)?$/;

/** One way to understand where a file lies. */
interface Reading {
  readonly role: Role;
  /** What is the same for both sides, before the file's part: `div2k train`. */
  readonly set: string;
  readonly exact: string;
  /** `exact` without scales and sides in it. */
  readonly loose: string;
  readonly variant: string;
  /** True where nothing but a low side can be meant. */
  readonly sure: boolean;
}

/**
 * Finds the pairs among the files. A low side belongs to the high side of the same set, told by all that their paths have besides the
 * words `HR`/`LR`, `high`/`low` and the like (`WORDS`); within it photos pair by path without extension, after that also without scales
 * and sides in the name (`0001x2` is of `0001`, `a_LR` of `a_HR`). Photos in no such folder are originals without a low side.
 */
export function arrange(files: readonly PhotoFile[]): Layout {
  const readings = new Map(files.map((file) => [file, readingsOf(file.place)]));
  const { exact, loose } = indexHighs(files, readings);

  const found = new Map<PhotoFile, { high: PhotoFile; low: Reading }>();
  /** Roots, then sources, that have pairs of their own: they need no partner from elsewhere. */
  const served = { root: new Set<string>(), source: new Set<number>() };
  const search = (inReach: (low: PhotoFile, high: PhotoFile) => boolean) => {
    for (const low of files) {
      if (found.has(low)) continue;
      for (const reading of readings.get(low)!) {
        if (reading.role !== "low") continue;
        const high = onlyOne(
          [
            exact.get(reading.exact),
            loose.get(reading.exact),
            exact.get(reading.loose),
            loose.get(reading.loose),
          ],
          (file) => file !== low && inReach(low, file),
        );
        if (!high) continue;
        found.set(low, { high, low: reading });
        break;
      }
    }
    for (const [low, { high }] of found) {
      for (const { root, source } of [low, high]) {
        served.root.add(root);
        served.source.add(source);
      }
    }
  };
  search((low, high) => low.root === high.root);
  const roots = new Set(served.root);
  search((low, high) => low.source === high.source && !roots.has(low.root) && !roots.has(high.root));
  const sources = new Set(served.source);
  search((low, high) => !sources.has(low.source) && !sources.has(high.source));
  return layoutOf(files, readings, found);
}

/**
 * The file that fits in the first of these lists that has any; undefined where it has several. Lists are not gone through for longer than that takes: a
 * list may hold all files of a set.
 */
function onlyOne(
  lists: readonly (readonly PhotoFile[] | undefined)[],
  fits: (file: PhotoFile) => boolean,
): PhotoFile | undefined {
  for (const list of lists) {
    const first = list?.findIndex(fits) ?? -1;
    if (first < 0) continue;
    return list!.some((file, i) => i > first && fits(file)) ? undefined : list![first];
  }
  return undefined;
}

function layoutOf(
  files: readonly PhotoFile[],
  readings: ReadonlyMap<PhotoFile, readonly Reading[]>,
  found: ReadonlyMap<PhotoFile, { high: PhotoFile; low: Reading }>,
): Layout {
  const lowsOf = new Map<PhotoFile, FilePair[]>();
  const lonelyLows: SkippedFile[] = [];
  /** Sets, by side, in which there are pairs. */
  const sets = new Set<string>();
  for (const [low, { high, low: { variant, set } }] of found) {
    const others = lowsOf.get(high) ?? [];
    const twice = others.find((pair) => pair.variant === variant);
    if (twice) {
      lonelyLows.push({
        name: low.name,
        reason: `'${twice.low.name}' is the same low side: keep one of them`,
      });
    } else lowsOf.set(high, [...others, { high, low, variant }]);
    sets.add(set);
  }
  const highs: PhotoFile[] = [];
  for (const file of files) {
    if (found.has(file)) continue;
    const orphan = !lowsOf.has(file) &&
      readings.get(file)!.some(({ role, sure, set }) => role === "low" && (sure || sets.has(set)));
    if (orphan) {
      lonelyLows.push({
        name: file.name,
        reason: "it is of a low side, and no photo of a high side belongs to it",
      });
      continue;
    }
    highs.push(file);
  }
  const pairs = highs.flatMap((high) =>
    (lowsOf.get(high) ?? []).toSorted((a, b) => (a.variant < b.variant ? -1 : 1))
  );
  return { highs, pairs, lonelyLows };
}

function indexHighs(files: readonly PhotoFile[], readings: ReadonlyMap<PhotoFile, readonly Reading[]>) {
  const exact = new Map<string, PhotoFile[]>();
  const loose = new Map<string, PhotoFile[]>();
  const add = (index: Map<string, PhotoFile[]>, key: string, file: PhotoFile) => {
    const list = index.get(key);
    if (!list) index.set(key, [file]);
    else if (list[list.length - 1] !== file) list.push(file); // a file's readings come one after the other
  };
  for (const file of files) {
    for (const reading of readings.get(file)!) {
      if (reading.role !== "high") continue;
      add(exact, reading.exact, file);
      if (reading.loose !== reading.exact) add(loose, reading.loose, file);
    }
  }
  return { exact, loose };
}

/** All readings of a place, those by the outermost folder first, the one by the file's own name last. */
function readingsOf(place: string): Reading[] {
  const parts = place.normalize("NFC").split("/");
  const stem = parts.pop()!.replace(/\.[^.]*$/, "").toLowerCase();
  const words = parts.map(wordsOf);
  const readings: Reading[] = [];
  words.forEach((folder, depth) => {
    const at = folder.findIndex((word) => Object.hasOwn(WORDS, word));
    if (at < 0) return;
    const role = WORDS[folder[at]];
    const rest = parts.slice(depth + 1).map((part) => part.toLowerCase());
    const scales = rest.filter(isScale);
    const bare = bareStem(stem);
    const set = [...words.slice(0, depth), folder.slice(0, at)].map((part) => part.join(" ")).join("/");
    const key = (folders: readonly string[], name: string) => [set, "*", ...folders, name].join("/");
    const added = folder.slice(at + 1).filter((word) => word !== "res" && word !== "images");
    readings.push({
      ...{ role, set, exact: key(rest, stem), loose: key(rest.filter((part) => !isScale(part)), bare) },
      variant: variantOf(joinScale(added), ...scales, stem.match(SCALE)?.[0] ?? ""),
      // The folder that a person names is what they say it is.
      sure: role === "low" && depth > 0 &&
        (SURELY_LOW.test(folder[at]) || (folder[at] === "low" && folder[at + 1] === "res")),
    });
  });
  const side = stem.match(SIDE);
  if (side && Object.hasOwn(WORDS, side[1])) {
    const set = [...parts.map((part) => part.toLowerCase()), "?"].join("/");
    const bare = `${set}/${bareStem(stem)}`;
    readings.push({ role: WORDS[side[1]], set, exact: bare, loose: bare, variant: "", sure: false });
  }
  return readings;
}

/** Words of a name in lower case; capitals and digits begin new ones: `DIV2K_train_LRx4` has div, 2, k, train, lr, x, 4. */
function wordsOf(name: string): string[] {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase());
}

function isScale(folder: string): boolean {
  return /^x\d+$/.test(folder);
}

/** A name without a scale and a side at its end; never empty. */
function bareStem(stem: string): string {
  const unscaled = stem.replace(SCALE, "") || stem;
  const side = unscaled.match(SIDE);
  return (side && Object.hasOwn(WORDS, side[1]) ? unscaled.slice(0, side.index) : unscaled) || stem;
}

/** Words with a scale's letter and digits put together again: bicubic, x, 2 → bicubic x2. */
function joinScale(words: readonly string[]): string {
  return words.join(" ").replace(/\bx (\d+)\b/g, "x$1");
}

/** Words of all parts, each once. */
function variantOf(...parts: readonly string[]): string {
  const words = parts.flatMap((part) => part.replace(/^[-_ .]/, "").split(" ")).filter(Boolean);
  return [...new Set(words)].join(" ");
}
