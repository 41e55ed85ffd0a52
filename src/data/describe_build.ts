/** What a finished build says of itself: `dataset.json`. */
import type { BuildPlan } from "./build_plan.ts";
import type { BuildTally, Used } from "./build_tally.ts";
import type { DatasetDescription } from "./dataset_file.ts";
import { splitPhotos } from "./photo_source.ts";

export function describe(plan: BuildPlan, tally: BuildTally, checksum: string): DatasetDescription {
  const { options: { from, size, fit, seed, format, heldOut }, low, recipe } = plan;
  const { used } = tally;
  const bySize = used.map((picture) => picture.size).toSorted((a, b) => a[0] * a[1] - b[0] * b[1]);
  const variants = used.map(({ candidate }) => candidate.variant);
  return {
    ...{ version: 2, format, size, count: used.length, fit, low, recipe: recipe.text, seed },
    sources: from.map((dir, i) => ({
      dir,
      photos: used.filter(({ candidate }) => candidate.high.source === i).length,
    })),
    lowSides: low === "recipe" ? [] : [...new Set(variants)].sort().map((name) => ({
      name,
      photos: variants.filter((variant) => variant === name).length,
    })),
    originals: { smallest: bySize[0], largest: bySize[bySize.length - 1] },
    split: { heldOut, validation: heldOutOf(used, size, heldOut, seed) },
    skipped: [...plan.skipped, ...tally.skipped].sort((a, b) => (a.name < b.name ? -1 : 1)),
    duplicates: tally.duplicates,
    mse: tally.squares / used.length,
    photos: used.map(({ candidate }) => candidate.high.name),
    ...(low === "recipe" ? {} : { lows: used.map(({ candidate }) => candidate.low!.name) }),
    greys: [...used.keys()].filter((number) => used[number].grey),
    repeats: used.flatMap(({ group }, number): [number, number][] =>
      group === number ? [] : [[number, group]]
    ),
    plan: checksum,
  };
}

/** Numbers of the pictures to hold out: all pictures of one original or none, so that none is measured on that was trained on. */
function heldOutOf(used: readonly Used[], size: number, share: number, seed: number): number[] {
  const firsts = used.map((_, number) => number).filter((number) => used[number].group === number);
  const originals = firsts.map((number) => ({
    name: used[number].candidate.high.name,
    width: size,
    height: size,
  }));
  const held = new Set(splitPhotos(originals, share, seed).validation.map((place) => firsts[place]));
  return used.map((_, number) => number).filter((number) => held.has(used[number].group));
}
