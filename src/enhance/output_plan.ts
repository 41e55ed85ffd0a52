/** Which photo goes where: everything about names is settled, and refused if need be, before any work. */
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import {
  extensionOf,
  formatOfPath,
  isForeignPhotoName,
  isPhotoName,
  usualExtension,
} from "../image/formats.ts";
import type { PhotoFormat } from "../image/photo.ts";
import { displayName } from "../base/display_name.ts";
import { UserError } from "../base/errors.ts";
import { nameFault, pathKey } from "../base/paths.ts";
import { enhancedStem, isEnhancedStem } from "./output_name.ts";

/** Stands for standard input and standard output. */
export const STANDARD_STREAM = "-";
/** What is added to the output's name for a comparison. */
const COMPARE: Readonly<Record<CompareKind, string>> = { sheet: "-compare.png", gif: "-compare.gif" };

/** Before and after side by side on a sheet, or one after the other in an animation. */
export type CompareKind = "sheet" | "gif";

export interface OutputOptions {
  /** File or folder to write to, `-` for standard output; by default NAME-enhanced.EXT beside the source, NAME-enhanced-2x.EXT where it is enlarged. */
  readonly output?: string;
  /** How many times larger each side comes out; 1 by default. */
  readonly scale?: number;
  /** Format of all outputs; by default that of the output's name. */
  readonly format?: PhotoFormat;
  /** Takes in the folders below the given ones. */
  readonly recursive?: boolean;
  /** Replaces files that exist, the source included. */
  readonly overwrite?: boolean;
  /** Also writes a before/after sheet, OUTPUT-compare.png, or an animation, OUTPUT-compare.gif. */
  readonly compare?: CompareKind;
  /** Receives each photo of a folder that is left out because its format cannot be read, as its name says. */
  readonly onForeign?: (path: string) => void;
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
 * @param inputs files, folders or `-`. Folders give the photos in them in the order of their names, without hidden files and without what was written
 *   by an earlier run.
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

  const jobs: OutputJob[] = [];
  for (const source of sources) {
    const [path, format] = nameOutput(source, toFolder, options);
    if (path === STANDARD_STREAM && compare) wrong("--compare needs a file to stand beside; give -o FILE");
    const sheet = compare ? path.slice(0, path.length - extname(path).length) + COMPARE[compare] : undefined;
    const fault = nameFault(path);
    if (fault) wrong(`${displayName(path)} cannot be written: ${fault}; choose another name`);
    const exists = path !== STANDARD_STREAM && await isTaken(path);
    if (exists && !overwrite && output !== undefined && !toFolder) {
      wrong(`${displayName(path)} exists; choose another name or add --overwrite`);
    }
    if (sheet !== undefined && !exists && !overwrite && await isTaken(sheet)) {
      wrong(`${displayName(sheet)} exists; move it away or add --overwrite`);
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

interface Source {
  readonly path: string;
  /** Path below the folder that was given; undefined for a file that was given itself. */
  readonly below?: string;
}

async function listSources(inputs: readonly string[], options: OutputOptions): Promise<Source[]> {
  if (inputs.length === 0) wrong("no photo given");
  if (inputs.filter((input) => input === STANDARD_STREAM).length > 1) {
    wrong("- (standard input) is given twice");
  }
  const sources: Source[] = [];
  const known = new Set<string>();
  const take = (source: Source) => {
    const key = source.path === STANDARD_STREAM ? STANDARD_STREAM : resolve(source.path);
    if (!known.has(key)) sources.push(source);
    known.add(key);
  };
  for (const input of inputs) {
    const folder = input !== STANDARD_STREAM && (await statOf(input))?.isDirectory;
    if (!folder) {
      // A file that is missing or no photo is found out when its turn comes; the others are still done.
      take({ path: input });
      continue;
    }
    const foreign: string[] = [];
    const found = await listFolder(input, options, foreign);
    if (found.length === 0) {
      const others = foreign.length > 0 ? `, only ${countByExtension(foreign)}: convert them first` : "";
      const hint = options.recursive ? "" : "; add --recursive to look into the folders below";
      wrong(`there is no PNG, JPEG, WebP, TIFF, AVIF or GIF in ${displayName(input)}${others || hint}`);
    }
    for (const path of foreign) options.onForeign?.(path);
    for (const path of found) take({ path, below: relative(input, path) });
  }
  return sources;
}

/** Files by their extensions, as `3 .heic, 1 .dng`. */
export function countByExtension(paths: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(extensionOf(path), (counts.get(extensionOf(path)) ?? 0) + 1);
  return [...counts].map(([extension, count]) => `${count} .${extension}`).join(", ");
}

/** @param foreign receives the photos that cannot be read. */
async function listFolder(folder: string, options: OutputOptions, foreign: string[]): Promise<string[]> {
  const found: string[] = [];
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    // A folder that cannot be listed, or has vanished, fails when its turn comes, as a photo does; the rest is still done.
    return [folder];
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) {
      const isOutput = options.output !== undefined &&
        pathKey(resolve(options.output)) === pathKey(resolve(path));
      if (options.recursive && !isOutput) found.push(...await listFolder(path, options, foreign));
    } else if (isPhotoName(entry.name) && !isCompare(entry.name)) {
      const written = options.output === undefined && isEnhancedStem(stem(entry.name));
      // A link that leads nowhere is reported when its turn comes; one that leads to a folder or a device is no photo.
      if (!written && (entry.isFile || (entry.isSymlink && ((await statOf(path))?.isFile ?? true)))) {
        found.push(path);
      }
    } else if (!entry.isDirectory && isForeignPhotoName(entry.name)) foreign.push(path);
  }
  return found;
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
    ? join(dirname(source.path), enhancedStem(stem(name), scale) + extension)
    : join(output, dirname(source.below ?? ""), `${stem(name)}${extension}`);
  return [path, written];
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

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.stat(path).catch(() => undefined);
}

function isCompare(name: string): boolean {
  return Object.values(COMPARE).some((ending) => name.endsWith(ending));
}

/** Whether a file or folder has this name. A device or a named pipe can be written to without losing anything. */
async function isTaken(path: string): Promise<boolean> {
  const stat = await statOf(path);
  return stat !== undefined && (stat.isFile || stat.isDirectory);
}

function stem(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}

function wrong(message: string): never {
  throw new UserError(`Cannot enhance: ${message}`, { exitCode: 2 });
}
