/**
 * Photos in zip archives (zip64 too), through yauzl: the directory at the archive's end is read, and an entry is unpacked when it is
 * wanted, in memory and never onto the disk. Archives come from anywhere, so nothing that they claim is believed unchecked.
 */
// @ts-types="npm:@types/yauzl@3.4.0"
import type * as Yauzl from "yauzl";
import { crc32 } from "../base/crc32.ts";
import { UserError } from "../base/errors.ts";
import { isHidden, isPhotoName, MAX_PHOTO_BYTES, printable } from "./decode.ts";
import { foreignNameReason, isForeignName } from "./foreign_photo.ts";
import type { SkippedFile } from "./photo_source.ts";

/** A photo in an archive. */
export interface ZipPhoto {
  /** Path in the archive, `/` between folders; no `..`, not absolute. */
  readonly path: string;
  /** Bytes when unpacked. */
  readonly bytes: number;
  readonly entry: Yauzl.Entry;
}

export interface ZipListing {
  /** In the archive's order. */
  readonly photos: readonly ZipPhoto[];
  /** Entries named like photos that cannot be used; names are paths in the archive. */
  readonly skipped: readonly SkippedFile[];
}

/** More entries than any data set has; a directory is held in memory. */
const MAX_ENTRIES = 1_000_000;

/** True where the name says that it is a zip archive. */
export function isZipName(name: string): boolean {
  return /\.zip$/i.test(name);
}

/**
 * Lists the photos of an archive. Links, encrypted entries, and those that unpack to more than a photo has are left out and listed.
 * @throws {UserError} where the file is no zip archive, is cut off or damaged, or is made to harm: a path leads out of it, or entries
 *   share their data.
 */
export async function listZip(path: string): Promise<ZipListing> {
  const photos: ZipPhoto[] = [];
  const skipped: SkippedFile[] = [];
  let packed = 0;
  try {
    // @ts-types="npm:@types/yauzl@3.4.0"
    const { openPromise } = await import("yauzl");
    const zip = await openPromise(path, { autoClose: false });
    try {
      if (zip.entryCount > MAX_ENTRIES) {
        throw new Error(`it has ${zip.entryCount} entries, more than ${MAX_ENTRIES}`);
      }
      for await (const entry of zip.eachEntry()) {
        packed += entry.compressedSize;
        const { fileName } = entry;
        if (fileName.endsWith("/") || fileName.split("/").some(isHidden)) continue;
        const reason = isZipName(fileName)
          ? "it is an archive within an archive: unpack it"
          : isPhotoName(fileName)
          ? faultOf(entry)
          : isForeignName(fileName)
          ? foreignNameReason(fileName)
          : "";
        if (reason === "") continue;
        if (reason) skipped.push({ name: printable(fileName), reason });
        else photos.push({ path: fileName, bytes: entry.uncompressedSize, entry });
      }
      // Entries that share their data unpack to a multiple of what is there (Fifield, A better zip bomb, 2019).
      if (packed > zip.fileSize) throw new Error("its entries share their data, as those of a zip bomb do");
    } finally {
      zip.close();
    }
  } catch (error) {
    throw new UserError(`Cannot read the archive '${path}': ${plainReason(error)}`, { cause: error });
  }
  return { photos, skipped };
}

/** Why an entry named like a photo cannot be used; undefined where it can. */
function faultOf(entry: Yauzl.Entry): string | undefined {
  const { fileName, versionMadeBy, externalFileAttributes, uncompressedSize } = entry;
  // Made on Unix, the upper half of the attributes is the file's mode; 0o120000 is a link.
  const mode = versionMadeBy >> 8 === 3 ? externalFileAttributes >>> 16 : 0;
  if ((mode & 0o170000) === 0o120000) return "it is a link, which is not followed";
  if (entry.isEncrypted()) return "it is encrypted: unpack the archive with its password";
  if (!entry.canDecodeFileData()) {
    return `it is compressed by method ${entry.compressionMethod}, which is not supported: unpack the archive`;
  }
  if (uncompressedSize > MAX_PHOTO_BYTES) {
    return `it unpacks to ${uncompressedSize} bytes, too many for a photo`;
  }
  if (fileName !== printable(fileName)) return "its name has control characters or is too long";
  return undefined;
}

/**
 * Unpacks an entry that `listZip` has listed.
 * @throws {UserError} where it is damaged, or is not as long as the archive's directory says.
 */
export async function readZipPhoto(path: string, photo: ZipPhoto): Promise<Uint8Array> {
  const { entry, bytes: length } = photo;
  try {
    // @ts-types="npm:@types/yauzl@3.4.0"
    const { openPromise } = await import("yauzl");
    // Opened for each photo: a data set of a thousand archives would hold a thousand files open.
    const zip = await openPromise(path, { autoClose: false });
    try {
      const bytes = new Uint8Array(length);
      let done = 0;
      // yauzl ends the stream with an error before it exceeds the length.
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        bytes.set(chunk as Uint8Array, done);
        done += (chunk as Uint8Array).length;
      }
      if (done !== length || crc32(bytes) !== entry.crc32) {
        throw new Error("its checksum is wrong: it is damaged");
      }
      return bytes;
    } finally {
      zip.close();
    }
  } catch (error) {
    throw new UserError(`Cannot unpack '${photo.path}': ${plainReason(error)}`, { cause: error });
  }
}

/** yauzl's words, where they are hard to understand, in plainer ones. */
function plainReason(error: unknown): string {
  const reason = printable(error instanceof Error ? error.message : String(error));
  const outside = reason.match(/^(?:invalid relative|absolute) path: (.*)/);
  if (outside) {
    return `it holds the path '${outside[1]}', which leads out of it; such an archive is not to be trusted`;
  }
  if (/^End of central directory/.test(reason)) return "it is no zip archive, or it is cut off";
  if (/unexpected EOF|overflows file bounds/.test(reason)) return "it is cut off or damaged";
  if (/strong encryption/.test(reason)) return "it is encrypted: unpack it with its password";
  return reason;
}
