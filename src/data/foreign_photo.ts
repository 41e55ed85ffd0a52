/** Photo files that are not taken, whatever the image library makes of them: told from others as `enhance` does. */
import { foreignFormat } from "../image/file_signs.ts";
import { countByExtension, extensionOf, isForeignPhotoName } from "../image/formats.ts";
import { rawFormat } from "../image/raw_files.ts";

/** True where the name says that the file is a photo of a format that is not taken: HEIC, raw files, or GIF with its few colours. */
export function isForeignName(name: string): boolean {
  return isForeignPhotoName(name) || extensionOf(name) === "gif";
}

/** Why a file of such a name is not taken. */
export function foreignNameReason(name: string): string {
  return `.${extensionOf(name)} files are not taken; convert it to JPEG or PNG first`;
}

/** What to add where a folder holds no photo but such files: those of formats that are not taken. @param names sorted. */
export function onlyForeign(names: readonly string[]): string {
  const foreign = names.filter(isForeignName);
  return foreign.length > 0 ? `, only ${countByExtension(foreign)}: convert them first` : "";
}

/** Bytes at the start of a file that tell its format. */
const START = 64;

/**
 * Why a file is not taken: a camera's raw file, of which the library would read the small preview, or a format that is known and cannot be read.
 * Undefined for all others.
 * @param bytes the file, where it is not at `path`.
 */
export async function foreignReason(path: string, bytes?: Uint8Array): Promise<string | undefined> {
  const start = bytes?.subarray(0, START) ?? await startOf(path);
  // Raw files are TIFF, whose directories may stand anywhere.
  const isTiff = /^(II|MM)$/.test(String.fromCharCode(...start.subarray(0, 2)));
  const format = (isTiff ? rawFormat(bytes ?? await Deno.readFile(path)) : undefined) ?? foreignFormat(start);
  return format && `${format} is not supported; convert it to JPEG or PNG first`;
}

async function startOf(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const start = new Uint8Array(START);
  let length = 0;
  while (length < START) {
    const got = await file.read(start.subarray(length));
    if (got === null) break;
    length += got;
  }
  return start.subarray(0, length);
}
