/** The photos of folders and zip archives, as they were downloaded: where each lies, and how to read it. */
import { basename, extname, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { realKey } from "../base/real_key.ts";
import { EARLIER_RESULT, earlierResults } from "../image/earlier_result.ts";
import { isDataset, SHEET_FILE } from "./dataset_file.ts";
import { isHidden, isPhotoName, MAX_PHOTO_BYTES, printable, reasonOf } from "./decode.ts";
import { foreignNameReason, isForeignName } from "./foreign_photo.ts";
import type { SkippedFile } from "./photo_source.ts";
import { isZipName, listZip, readZipPhoto, type ZipPhoto } from "./zip.ts";

/** A photo in a folder or an archive. */
export interface PhotoFile {
  /** Path as a person would write it; an archive stands in it like a folder: `sets/a.zip/high/1.png`. */
  readonly name: string;
  /** Number of the source that it came from. */
  readonly source: number;
  /** The source folder or the archive. */
  readonly root: string;
  /** Folders and file name that layouts are known by, `/` between them. */
  readonly place: string;
  readonly bytes: number;
  /** Time of the last change of the file, or of the archive, milliseconds. */
  readonly modified: number;
  /** The file's bytes; undefined where it lies on the disk as `name`. @throws {UserError} where it is damaged in its archive. */
  unpack(): Promise<Uint8Array | undefined>;
}

export interface PhotoListing {
  /** Sorted by place. */
  readonly files: readonly PhotoFile[];
  /** Files that cannot be used, sorted by name. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Lists the photos of a source: a folder with all below it (archives in it included), a zip archive, or two of these as `LOW:HIGH`.
 * @param number the source's number, for `PhotoFile.source`.
 * @param except a folder that is passed over.
 * @throws {UserError} where it cannot be read.
 */
export async function listPhotoFiles(source: string, number: number, except?: string): Promise<PhotoListing> {
  const two = await splitPaths(source, isFolderOrArchive);
  const passed = except === undefined ? undefined : await realKey(except);
  const files: PhotoFile[] = [];
  const skipped: SkippedFile[] = [];
  if (two) {
    for (const [i, side] of ["low", "high"].entries()) {
      const lister = new Lister(number, files, skipped, passed, source);
      await lister.list(two[i], side);
    }
  } else await new Lister(number, files, skipped, passed).list(source);
  files.sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : a.name < b.name ? -1 : 1));
  // Folders are listed in an order of the file system's own, and the same files are to give the same dataset.json.
  skipped.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { files, skipped };
}

/**
 * Both parts of `A:B`, if they exist. A path may hold colons itself (C:\photos), so each is tried.
 * @param exists tells whether a path is what is wanted.
 */
export async function splitPaths(
  text: string,
  exists: (path: string) => Promise<boolean>,
): Promise<[string, string] | undefined> {
  for (const [first, second] of halvesOf(text)) {
    if (await exists(first) && await exists(second)) return [first, second];
  }
  return undefined;
}

/** All ways to read a text as `A:B`. */
function* halvesOf(text: string): Generator<[string, string]> {
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    const [first, second] = [text.slice(0, at), text.slice(at + 1)];
    if (first && second) yield [first, second];
  }
}

/**
 * The half of `A:B` that is not there, where the other is.
 * @param exists tells whether a path is what is wanted.
 */
export async function missingHalf(
  text: string,
  exists: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const halves of halvesOf(text)) {
    const there = await Promise.all(halves.map(exists));
    if (there.includes(true)) return halves[there.indexOf(false)];
  }
  return undefined;
}

async function isFolderOrArchive(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory || isZipName(path), () => false);
}

class Lister {
  constructor(
    readonly source: number,
    readonly files: PhotoFile[],
    readonly skipped: SkippedFile[],
    /** The folder that is passed over, as {@linkcode realKey} has it. */
    readonly except: string | undefined,
    /** Root of all files, where two folders count as one. */
    readonly root?: string,
  ) {}

  /** @param side what to call the folder in places; its own name, where that tells which side it is, unless given. */
  async list(path: string, side?: string): Promise<void> {
    // `C:` without its slash would be another folder.
    const trimmed = path.replace(/(?<=[^:/\\])[/\\]+$/, "");
    let stat: Deno.FileInfo;
    try {
      stat = await Deno.stat(trimmed);
    } catch (error) {
      const half = side === undefined ? await missingHalf(path, isFolderOrArchive) : undefined;
      if (half !== undefined) {
        throw new UserError(
          `Cannot read '${path}' as LOW:HIGH: there is no folder or zip archive '${half}'`,
          {
            cause: error,
          },
        );
      }
      const reason = await brokenLink(trimmed, error) ?? reasonOf(error, "folder");
      throw new UserError(`Cannot read the folder '${path}': ${reason}`, { cause: error });
    }
    if (stat.isFile && isZipName(trimmed)) {
      return await this.#archive(trimmed, stat, side ?? "", side !== undefined);
    }
    if (!stat.isDirectory) {
      throw new UserError(`'${path}' is neither a folder nor a zip archive: give the folder that it is in`, {
        exitCode: 2,
      });
    }
    try {
      await this.#folder(trimmed, await Deno.realPath(trimmed), side ?? basename(resolve(trimmed)), trimmed);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`Cannot read the folder '${path}': ${reasonOf(error, "folder")}`, { cause: error });
    }
  }

  /** @param top the source folder, links resolved. */
  async #folder(dir: string, top: string, place: string, root: string): Promise<void> {
    const entries: Deno.DirEntry[] = [];
    for await (const entry of Deno.readDir(dir)) if (!isHidden(entry.name)) entries.push(entry);
    const earlier = earlierResults(
      entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name),
    );
    for (const { name, isSymlink, isDirectory } of entries) {
      const path = `${dir}/${name}`;
      if (isDirectory) {
        if (this.except !== undefined && this.except === await realKey(path)) continue;
        await this.#folder(path, top, `${place}/${name}`, root);
        continue;
      }
      if (earlier.has(name)) {
        this.skipped.push({ name: printable(path), reason: EARLIER_RESULT });
        continue;
      }
      if (isForeignName(name)) this.skipped.push({ name: printable(path), reason: foreignNameReason(name) });
      if (!isPhotoName(name) && !isZipName(name) && !isSymlink) continue;
      if (name === SHEET_FILE && await isDataset(dir)) continue;
      const fault = name !== printable(name)
        ? "its name has control characters or is too long"
        : isSymlink
        ? await faultOfLink(path, top)
        : undefined;
      if (fault !== undefined) {
        if (fault) this.skipped.push({ name: printable(path), reason: fault });
        continue;
      }
      await this.#file(path, place, root);
    }
  }

  async #file(path: string, place: string, root: string): Promise<void> {
    const stat = await Deno.stat(path);
    if (!stat.isFile) return;
    if (isZipName(path)) {
      // One broken archive among others is no reason to stop.
      await this.#archive(path, stat, place, false).catch((error) => {
        if (!(error instanceof UserError)) throw error;
        this.skipped.push({ name: path, reason: reasonOf(error) });
      });
    } else if (stat.size > MAX_PHOTO_BYTES) {
      this.skipped.push({ name: path, reason: `it has ${stat.size} bytes, too many for a photo` });
    } else {
      this.files.push({
        ...{ name: path, source: this.source, root: this.root ?? root, place: `${place}/${basename(path)}` },
        ...{
          bytes: stat.size,
          modified: stat.mtime?.getTime() ?? 0,
          unpack: () => Promise.resolve(undefined),
        },
      });
    }
  }

  /**
   * An archive's folders stand beside it; its own name counts where it has none.
   * @param side true where `place` is the side that the archive holds: folders around all its photos do not count then.
   */
  async #archive(path: string, stat: Deno.FileInfo, place: string, side: boolean): Promise<void> {
    const { photos: all, skipped } = await listZip(path);
    for (const { name, reason } of skipped) this.skipped.push({ name: `${path}/${name}`, reason });
    const earlier = earlierResults([...all.map((photo) => photo.path), ...skipped.map(({ name }) => name)]);
    for (const photo of all) {
      if (earlier.has(photo.path)) {
        this.skipped.push({ name: `${path}/${photo.path}`, reason: EARLIER_RESULT });
      }
    }
    const photos = all.filter((photo) => !earlier.has(photo.path));
    const flat = photos.some((photo) => !photo.path.includes("/"));
    const start = side ? commonFolder(photos.map((photo) => photo.path)).length : 0;
    const folders = [place, flat && !side ? basename(path).slice(0, -4) : ""].filter(Boolean);
    for (const photo of photos) {
      this.files.push(this.#packed(path, photo, stat, [...folders, photo.path.slice(start)].join("/")));
    }
  }

  #packed(archive: string, photo: ZipPhoto, { mtime }: Deno.FileInfo, place: string): PhotoFile {
    return {
      ...{ name: `${archive}/${photo.path}`, source: this.source, root: this.root ?? archive, place },
      ...{ bytes: photo.bytes, modified: mtime?.getTime() ?? 0, unpack: () => readZipPhoto(archive, photo) },
    };
  }
}

/** The folders that all paths have in common, with a slash at the end: `a/b/` of `a/b/1.png` and `a/b/c/2.png`. */
function commonFolder(paths: readonly string[]): string {
  let common = paths[0] ?? "";
  for (const path of paths) {
    while (!path.startsWith(common)) common = common.slice(0, -1);
  }
  return common.slice(0, common.lastIndexOf("/") + 1);
}

/** Why a link cannot be followed, with where it points; undefined where the path is no link. @param error what following it gave. */
async function brokenLink(path: string, error: unknown): Promise<string | undefined> {
  const target = await Deno.readLink(path).catch(() => undefined);
  if (target === undefined) return undefined;
  const reason = error instanceof Deno.errors.NotFound ? "nothing is there" : reasonOf(error);
  return `it is a link to '${printable(target)}': ${reason}`;
}

/** Why a link is not followed; empty where it is none of our business, undefined where it may be followed. */
async function faultOfLink(path: string, top: string): Promise<string | undefined> {
  let target: string;
  try {
    target = await Deno.realPath(path);
  } catch (error) {
    // One without an extension may have been a folder of photos, on a disk that is not there now.
    const meant = isPhotoName(path) || isZipName(path) || extname(path) === "";
    return meant ? await brokenLink(path, error) : "";
  }
  if ((await Deno.stat(target)).isDirectory) {
    return "it is a link to a folder, which is not followed: give that folder with --from";
  }
  if (!isPhotoName(path) && !isZipName(path)) return "";
  return target.startsWith(`${top}/`) || target.startsWith(`${top}\\`)
    ? undefined
    : "it is a link that leads out of the folder, which is not followed";
}
