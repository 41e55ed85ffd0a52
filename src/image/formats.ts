/** Names of photo formats: file extensions, what is read, what is written. */
import { UserError } from "../base/errors.ts";
import type { PhotoFormat } from "./photo.ts";

const extensions: Readonly<Record<string, PhotoFormat>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  jpe: "jpeg",
  jfif: "jpeg",
  webp: "webp",
  tif: "tiff",
  tiff: "tiff",
  avif: "avif",
};

/** Formats by the library's own name, that can be read, with how a person calls them. */
export const READABLE_FORMATS: Readonly<Record<string, string>> = {
  png: "PNG",
  jpeg: "JPEG",
  webp: "WebP",
  tiff: "TIFF",
  heif: "AVIF",
  gif: "GIF",
};

/** Longest side that a format can hold, pixels; formats that are not named have no limit of concern. */
export const LONGEST_SIDE: Partial<Readonly<Record<PhotoFormat, number>>> = {
  jpeg: 65535,
  webp: 16383,
  avif: 16384,
};

/** Extension of a path in lower case without its dot: `Photo.JPG` → `jpg`; empty where there is none. */
export function extensionOf(path: string): string {
  return /[^/\\]\.([^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? "";
}

/** True where the file's name says that it is a photo which can be read. */
export function isPhotoName(path: string): boolean {
  const extension = extensionOf(path);
  return extension === "gif" || Object.hasOwn(extensions, extension);
}

/** Extensions of photos that cannot be read: HEIC, cameras' raw files, and others. */
const FOREIGN: ReadonlySet<string> = new Set(
  ("heic heif hif dng cr2 cr3 crw nef nrw arw srf sr2 raf orf rw2 rwl pef srw x3f 3fr fff iiq erf kdc dcr mef mos " +
    "jxl jp2 j2k jpx bmp psd").split(" "),
);

/** True where the file's name says that it is a photo which cannot be read. */
export function isForeignPhotoName(path: string): boolean {
  return FOREIGN.has(extensionOf(path));
}

/** Files by their extensions, as `3 .heic, 1 .dng`. */
export function countByExtension(paths: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(extensionOf(path), (counts.get(extensionOf(path)) ?? 0) + 1);
  return [...counts].map(([extension, count]) => `${count} .${extension}`).join(", ");
}

/** Format to write for a path's extension; undefined where the extension is none that can be written. */
export function formatOfPath(path: string): PhotoFormat | undefined {
  const extension = extensionOf(path);
  return Object.hasOwn(extensions, extension) ? extensions[extension] : undefined;
}

/**
 * Format from what a person typed (`jpg`, `.PNG`, `tif`).
 * @throws {UserError} where it is none that can be written.
 */
export function parseFormat(text: string): PhotoFormat {
  const format = /^\.?\w+$/.test(text) ? formatOfPath(`x.${text.replace(".", "")}`) : undefined;
  if (format) return format;
  throw new UserError(`--format must be png, jpg, webp, tiff or avif, got ${text}`, { exitCode: 2 });
}

/** Usual extension of a format, without the dot. */
export function usualExtension(format: PhotoFormat): string {
  return format === "jpeg" ? "jpg" : format;
}

/** Format to write for a photo that was read as `source` (the library's name): the same one, or PNG for GIF. */
export function outputFormatFor(source: string): PhotoFormat {
  return source === "heif" ? "avif" : formatOfPath(`x.${source}`) ?? "png";
}
