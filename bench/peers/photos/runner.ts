/** Runs settings of a program on the cases that they are for. */
import { decodeRgb, type RgbImage } from "../../../src/data/decode.ts";
import { listPhotos } from "../../../src/data/list_photos.ts";
import { readArguments, refuse } from "../../../tools/arguments.ts";
import { type Case, casesIn, INPUT } from "./cases.ts";
import { toBytes, writePng } from "./files.ts";

/** A program with its settings: a row of the table. */
export interface Setting {
  readonly name: string;
  readonly scale: 1 | 2;
  /** Whether it is for a case of its scale; for all if not given. */
  readonly fits?: (which: Case) => boolean;
  /** Writes each picture of a folder, as PNG of the same name, into another that exists. */
  readonly run: (input: string, output: string) => Promise<void>;
}

/** Runs what has not been run yet. A folder of answers is called `NAME.tmp` until it is complete; what it holds then is kept by {@link onEach}. */
export async function runSettings(folder: string, settings: readonly Setting[]): Promise<void> {
  for (const which of await casesIn(folder)) {
    for (const { name, scale, fits, run } of settings) {
      if (scale !== which.scale || fits?.(which) === false) continue;
      const output = `${folder}/${which.name}/${name}`;
      if (await exists(output)) continue;
      await Deno.mkdir(`${output}.tmp`, { recursive: true });
      const start = performance.now();
      await run(`${folder}/${which.name}/${INPUT}`, `${output}.tmp`);
      await Deno.rename(`${output}.tmp`, output);
      console.error(`${which.name}, ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
  }
}

/** A `run` of something that takes one picture at a time and gives samples back (height·width·3 of the enlarged size, 0..255). */
export function onEach(
  scale: number,
  restore: (photo: RgbImage) => Promise<ArrayLike<number>>,
): Setting["run"] {
  return async (input, output) => {
    for (const name of (await listPhotos(input)).names) {
      if (await exists(`${output}/${name}`)) continue;
      const photo = await decodeRgb(`${input}/${name}`);
      const answer = toBytes(await restore(photo));
      await writePng(`${output}/${name}`, answer, photo.width * scale, photo.height * scale);
    }
  };
}

/** The command's one argument. */
export function folderArgument(script: string): string {
  const usage = `deno run -A bench/peers/photos/${script} FOLDER`;
  const { positionals: [folder, ...more] } = readArguments(usage, { allowPositionals: true });
  if (folder === undefined || more.length > 0) refuse(usage);
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
