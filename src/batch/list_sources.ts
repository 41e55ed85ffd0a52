/** Which photos a call means: files, those of folders, standard input. */
import { join, relative, resolve } from "node:path";
import { displayName } from "../base/display_name.ts";
import { UserError } from "../base/errors.ts";
import { realKey } from "../base/real_key.ts";
import { countByExtension, isForeignPhotoName, isPhotoName } from "../image/formats.ts";
import { isEarlierResult } from "../image/earlier_result.ts";
import { stemOf } from "../image/output_name.ts";

/** Stands for standard input and standard output. */
export const STANDARD_STREAM = "-";

/** What decides which photos of a folder are taken. */
export interface ListOptions {
  /** File or folder to write to, `-` for standard output; by default NAME-enhanced.EXT beside the source, NAME-enhanced-2x.EXT where it is enlarged. */
  readonly output?: string;
  /** Takes in the folders below the given ones. */
  readonly recursive?: boolean;
  /** Receives each photo of a folder that is left out because its format cannot be read, as its name says. */
  readonly onForeign?: (path: string) => void;
  /** Receives each photo of a folder that is left out because it is the result of an earlier run, as its name says. */
  readonly onEarlier?: (path: string) => void;
  /** Receives each link to a folder that is met below a given one: it is not followed, as it may lead anywhere. */
  readonly onLinkedFolder?: (path: string) => void;
}

/** A photo that was given, or found in a folder that was. */
export interface Source {
  readonly path: string;
  /** Path below the folder that was given; undefined for a file that was given itself. */
  readonly below?: string;
}

/**
 * Lists the photos of files and folders. A file is taken whatever it is called; folders give the photos in them in the order of their names,
 * without hidden files and without the results of earlier runs, which lie beside their photos.
 * @throws {UserError} (exit code 2) where nothing is found.
 */
export async function listSources(inputs: readonly string[], options: ListOptions): Promise<Source[]> {
  if (inputs.length === 0) wrong("no photo given");
  if (inputs.filter((input) => input === STANDARD_STREAM).length > 1) {
    wrong("- (standard input) is given twice");
  }
  const { recursive = false } = options;
  const output = options.output === undefined ? undefined : await realKey(options.output);
  const sources: Source[] = [];
  const earlier: string[] = [];
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
    const [found, foreign, linked]: string[][] = [[], [], []];
    await listFolder(input, { recursive, output, found, foreign, earlier, linked });
    if (found.length === 0) {
      const others = foreign.length > 0 ? `, only ${countByExtension(foreign)}: convert them first` : "";
      const hint = options.recursive ? "" : "; add --recursive to look into the folders below";
      const links = linked.length > 0
        ? `; links to folders are not followed: name ${displayName(linked[0])} instead`
        : "";
      wrong(
        `there is no PNG, JPEG, WebP, TIFF, AVIF or GIF in ${displayName(input)}${others || links || hint}`,
      );
    }
    for (const path of foreign) options.onForeign?.(path);
    for (const path of linked) options.onLinkedFolder?.(path);
    for (const path of found) take({ path, below: relative(input, path) });
  }
  // One that is named beside its folder is wanted.
  for (const path of earlier) if (!known.has(resolve(path))) options.onEarlier?.(path);
  return sources;
}

/** How folders are gone through, and what is found in them. */
interface Search {
  readonly recursive: boolean;
  /** The output folder, which is left alone, as {@linkcode realKey} has it. */
  readonly output?: string;
  /** Receives the photos that are taken. */
  readonly found: string[];
  /** Receives the photos that cannot be read. */
  readonly foreign: string[];
  /** Receives the results of earlier runs. */
  readonly earlier: string[];
  /** Receives the links to folders. */
  readonly linked: string[];
}

async function listFolder(folder: string, search: Search): Promise<void> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    // A folder that cannot be listed, or has vanished, fails when its turn comes, as a photo does; the rest is still done.
    search.found.push(folder);
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const photos = entries.filter(({ name, isDirectory }) => !isDirectory && isPhotoName(name));
  const stems = new Set(photos.map(({ name }) => stemOf(name)));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) {
      if (!search.recursive || search.output === await realKey(path)) continue;
      await listFolder(path, search);
    } else if (isPhotoName(entry.name)) {
      // A link that leads nowhere is reported when its turn comes; one that leads to a folder or a device is no photo.
      if (!entry.isFile && !(entry.isSymlink && ((await statOf(path))?.isFile ?? true))) continue;
      (isEarlierResult(entry.name, stems) ? search.earlier : search.found).push(path);
    } else if (isForeignPhotoName(entry.name)) search.foreign.push(path);
    else if (search.recursive && entry.isSymlink && (await statOf(path))?.isDirectory) {
      search.linked.push(path);
    }
  }
}

/** What a path leads to; undefined where that is nothing. */
export async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.stat(path).catch(() => undefined);
}

/** @throws {UserError} one line, exit code 2: the call was wrong. */
export function wrong(message: string): never {
  throw new UserError(`Cannot enhance: ${message}`, { exitCode: 2 });
}
