/**
 * Writes the pictures that programs are compared on, all as PNG, so that each program sees the very same pixels:
 * `deno run -A bench/peers/photos/make_cases.ts SETS... FOLDER`, where SETS are folders that test sets lie in.
 *
 * Damage is that of the scoreboard (seed 1): a JPEG's input is what it decodes to.
 */
import { findSets, openSet } from "../../../tools/scoreboard/sets.ts";
import { type Case, CASES, INPUT, ORIGINAL } from "./cases.ts";
import { readArguments, refuse } from "../../../tools/arguments.ts";
import { runScript } from "../../../tools/run_script.ts";
import { writePng } from "./files.ts";

/** Writes the cases whose set is there; gives back their names. */
export async function makeCases(
  paths: readonly string[],
  folder: string,
  cases: readonly Case[] = CASES,
): Promise<string[]> {
  const sets = await findSets(paths);
  const made = [];
  for (const { name, set, recipe, scale, limit } of cases) {
    const found = sets.get(set);
    if (!found) continue;
    const source = await openSet(found, recipe, 1);
    for (const sub of [ORIGINAL, INPUT]) await Deno.mkdir(`${folder}/${name}/${sub}`, { recursive: true });
    for (const [index, photo] of source.names.slice(0, limit).entries()) {
      const { width, height, original, degraded, grey } = await source.load(index);
      const file = photo.replaceAll("/", "_").replace(/\.\w+$/, ".png");
      // A grey original stays a file of one channel, by which the measuring knows it.
      const [pixels, channels] = grey
        ? [original.filter((_, i) => i % 3 === 0), 1 as const]
        : [original, 3 as const];
      await writePng(`${folder}/${name}/${ORIGINAL}/${file}`, pixels, width, height, channels);
      await writePng(`${folder}/${name}/${INPUT}/${file}`, degraded, width / scale, height / scale);
    }
    made.push(name);
  }
  return made;
}

const USAGE = "deno run -A bench/peers/photos/make_cases.ts SETS... FOLDER";

if (import.meta.main) {
  await runScript(async () => {
    const { positionals } = readArguments(USAGE, { allowPositionals: true });
    if (positionals.length < 2) refuse(USAGE);
    console.log((await makeCases(positionals.slice(0, -1), positionals.at(-1)!)).join("\n"));
  });
}
