/** Which photo goes where: everything about names is settled, and refused if need be, before any work. */
import { basename, dirname, extname, join, resolve } from "node:path";
import { formatOfPath, usualExtension } from "../image/formats.ts";
import type { PhotoFormat } from "../image/photo.ts";
import { displayName } from "../base/display_name.ts";
import { nameFault, pathKey } from "../base/paths.ts";
import {
  type ListOptions,
  listSources,
  type Source,
  STANDARD_STREAM,
  statOf,
  wrong,
} from "./list_sources.ts";
import { isTaken } from "./photo_io.ts";
import { type CompareKind, comparePath, enhancedStem, stemOf } from "../image/output_name.ts";

export interface OutputOptions extends ListOptions {
  /** How many times larger each side comes out; 1 by default. */
  readonly scale?: number;
  /** Format of all outputs; by default that of the output's name. */
  readonly format?: PhotoFormat;
  /** Replaces files that exist, the source included. */
  readonly overwrite?: boolean;
  /** Also writes a before/after sheet, OUTPUT-compare.png, or an animation, OUTPUT-compare.gif. */
  readonly compare?: CompareKind;
}

/** One photo to enhance. */
export interface OutputJob {
  /** Path, or `-`. */
  readonly input: string;
  /** Path, or `-`. */
  readonly output: string;
  /** Undefined where only the photo itself can tell (standard output): then its own format. */
  readonly format?: PhotoFormat;
  /** Where the before/after sheet or animation goes. */
  readonly compare?: string;
  /** The output exists and is not to be replaced. */
  readonly skip: boolean;
}

/**
 * Lists the photos of files and folders and names their outputs.
 *
 * @param inputs files, folders or `-`, see {@linkcode listSources}.
 * @throws {UserError} (exit code 2) where outputs collide with each other or with a source, a given output file exists, or nothing is found.
 */
export async function planOutputs(
  inputs: readonly string[],
  options: OutputOptions = {},
): Promise<OutputJob[]> {
  const sources = await listSources(inputs, options);
  const { output, overwrite = false, compare } = options;
  // A variable of a shell that is not set, and no wish to write into the folder one happens to be in.
  if (output === "") wrong("-o is empty; name a file or a folder");
  const single = sources.length === 1 && sources[0].below === undefined;
  const toFolder = output !== undefined && output !== STANDARD_STREAM &&
    await isFolder(output, single, options);
  if (output !== undefined && !toFolder && !single) {
    wrong(
      `-o ${displayName(output)} names one file, but there are several photos or a folder; give a folder`,
    );
  }

  const named = sources.map((source) => nameOutput(source, toFolder, options));
  const stems = countStems(named.map(([path]) => path));
  const jobs: OutputJob[] = [];
  for (const [i, source] of sources.entries()) {
    const [path, format] = named[i];
    if (path === STANDARD_STREAM && compare) wrong("--compare needs a file to stand beside; give -o FILE");
    const sheet = compare && comparePath(path, compare, stems.get(stemKey(path))! > 1);
    const fault = nameFault(path);
    if (fault) wrong(`${displayName(path)} cannot be written: ${fault}; choose another name`);
    const exists = await isTaken(path);
    if (exists && !overwrite && output !== undefined && !toFolder) {
      wrong(`${displayName(path)} exists; choose another name or add --overwrite`);
    }
    // A comparison without its photo is half of a result of ours, and is made anew; a folder is none.
    if (sheet !== undefined && !exists && (await statOf(sheet))?.isDirectory) {
      wrong(`${displayName(sheet)}, where the comparison goes, is a folder; move it away`);
    }
    jobs.push({ input: source.path, output: path, format, compare: sheet, skip: exists && !overwrite });
  }
  refuseCollisions(jobs);
  if (!overwrite) await refuseSources(jobs, inputs);
  return jobs;
}

/** The jobs that machine `index` of `count` (from 1) does, so that several share a folder without meeting. */
export function shardOf<T>(jobs: readonly T[], index: number, count: number): T[] {
  if (!Number.isInteger(count) || !Number.isInteger(index) || count < 1 || index < 1 || index > count) {
    wrong(`--shard wants I/N with 1 ≤ I ≤ N, got ${index}/${count}`);
  }
  return jobs.filter((_, i) => i % count === index - 1);
}

/** Whether -o means a folder: one that exists or ends like one, or several photos, or a name without an extension. */
async function isFolder(output: string, single: boolean, options: OutputOptions): Promise<boolean> {
  const stat = await statOf(output);
  if (stat) return stat.isDirectory;
  if (/[/\\]$/.test(output)) return true;
  if (formatOfPath(output) !== undefined) return false;
  return !single || (extname(output) === "" && options.format === undefined);
}

function nameOutput(
  source: Source,
  toFolder: boolean,
  options: OutputOptions,
): [string, PhotoFormat | undefined] {
  const { output, scale = 1, format } = options;
  if (output === STANDARD_STREAM || (output === undefined && source.path === STANDARD_STREAM)) {
    return [STANDARD_STREAM, format];
  }
  if (output !== undefined && !toFolder) {
    const named = formatOfPath(output);
    if (named === undefined && format === undefined) {
      wrong(
        `the extension of ${
          displayName(output)
        } is none that can be written; use .png, .jpg, .webp, .tiff, .avif or --format`,
      );
    }
    if (named !== undefined && format !== undefined && named !== format) {
      wrong(`-o ${displayName(output)} asks for ${named}, --format for ${format}; make them agree`);
    }
    return [output, format ?? named];
  }
  const name = source.path === STANDARD_STREAM ? "stdin" : basename(source.path);
  const own = formatOfPath(name);
  const written = format ?? own ?? "png";
  const extension = written === own ? extname(name) : `.${usualExtension(written)}`;
  const path = output === undefined
    ? join(dirname(source.path), enhancedStem(stemOf(name), scale) + extension)
    : join(output, dirname(source.below ?? ""), `${stemOf(name)}${extension}`);
  return [path, written];
}

/** How many paths there are of each name without its extension. */
function countStems(paths: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(stemKey(path), (counts.get(stemKey(path)) ?? 0) + 1);
  return counts;
}

function stemKey(path: string): string {
  return pathKey(resolve(stemOf(path)));
}

function refuseCollisions(jobs: readonly OutputJob[]): void {
  const takenBy = new Map<string, string>();
  for (const { input, output, compare } of jobs) {
    for (const path of [output, compare]) {
      if (path === undefined || path === STANDARD_STREAM) continue;
      const key = pathKey(resolve(path));
      const other = takenBy.get(key);
      if (other !== undefined) {
        wrong(
          `${displayName(other)} and ${displayName(input)} would both be written to ${
            displayName(path)
          }; give them different folders or formats`,
        );
      }
      takenBy.set(key, input);
    }
  }
}

/** No output may be one of the sources, by whatever name: links and folders named twice are seen through. */
async function refuseSources(jobs: readonly OutputJob[], inputs: readonly string[]): Promise<void> {
  const sources = new Map<string, string>();
  for (const path of [...jobs.map((job) => job.input), ...inputs]) {
    const identity = await identityOf(path);
    if (identity !== undefined) sources.set(identity, path);
  }
  for (const { output, compare } of jobs) {
    for (const path of [output, compare]) {
      if (path === undefined) continue;
      const source = sources.get(await identityOf(path) ?? "");
      if (source !== undefined) {
        wrong(
          `${displayName(path)} is the source ${
            displayName(source)
          }; choose another output or add --overwrite`,
        );
      }
    }
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  if (path === STANDARD_STREAM) return undefined;
  return await Deno.realPath(path).catch(() => undefined);
}
