/** Finding and decoding photos for training: 8-bit RGB only, unlike src/image, which keeps all that a file holds. */
import { UserError } from "../base/errors.ts";

/** 8-bit RGB pixels. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** height·width·3 samples, sRGB-encoded. */
  readonly rgb: Uint8Array;
}

const photoName = /\.(jpe?g|png|webp|tiff?|avif)$/i;

/**
 * Photos in a folder and below it, as paths relative to it with `/` between folders, sorted. Hidden files and folders are
 * left out.
 * @throws {UserError} where the folder cannot be read.
 */
export async function listPhotos(dir: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (prefix: string): Promise<void> => {
    for await (const entry of Deno.readDir(`${dir}/${prefix}`)) {
      if (entry.name.startsWith(".")) continue;
      const path = prefix + entry.name;
      const { isDirectory, isFile } = entry.isSymlink ? await followed(`${dir}/${path}`) : entry;
      // A linked folder may lead back to itself, so only linked files are followed.
      if (isDirectory && !entry.isSymlink) await walk(`${path}/`);
      else if (isFile && photoName.test(entry.name)) found.push(path);
    }
  };
  try {
    await walk("");
  } catch (error) {
    throw new UserError(`Cannot read the folder '${dir}': ${reasonOf(error)}`, { cause: error });
  }
  return found.sort();
}

async function followed(path: string): Promise<{ isDirectory: boolean; isFile: boolean }> {
  try {
    return await Deno.stat(path);
  } catch {
    return { isDirectory: false, isFile: false }; // a link to nothing
  }
}

/**
 * Decodes a photo upright, without its alpha, converted to 8-bit sRGB.
 * @throws {UserError} where the file is missing, damaged or no photo.
 */
export async function decodeRgb(path: string): Promise<RgbImage> {
  const { default: sharp } = await import("sharp");
  try {
    const { data, info } = await sharp(path, { failOn: "error" }).autoOrient().toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels after conversion to RGB`);
    return {
      width: info.width,
      height: info.height,
      rgb: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Decodes a photo to a square: its shorter side is reduced to `size` and the longer side's ends are cut off. Large photos are reduced while
 * they are read, so that memory stays small.
 * @returns size·size·3 samples, as `decodeRgb` gives them.
 * @throws {UserError} where the file cannot be read or the photo is smaller than the square (enlarging would blur it).
 */
export async function decodeSquare(path: string, size: number): Promise<Uint8Array> {
  const { width, height } = await photoSize(path);
  if (Math.min(width, height) < size) {
    throw new UserError(`The photo '${path}' has ${width}×${height} pixels, fewer than ${size} on a side`);
  }
  const { default: sharp } = await import("sharp");
  try {
    const { data, info } = await sharp(path, { failOn: "error" }).autoOrient()
      .resize({ width: size, height: size, fit: "cover" }).toColourspace("srgb").removeAlpha()
      .raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels after conversion to RGB`);
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Width and height that `decodeRgb` would give, without decoding.
 * @throws {UserError} where the file is missing or no photo.
 */
export async function photoSize(path: string): Promise<{ width: number; height: number }> {
  const { default: sharp } = await import("sharp");
  try {
    const { autoOrient } = await sharp(path).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * True where the file holds a single channel beside its opacity.
 * @throws {UserError} where the file is missing or no photo.
 */
export async function isGrey(path: string): Promise<boolean> {
  const { default: sharp } = await import("sharp");
  try {
    return /^(b-w|grey16)$/.test((await sharp(path).metadata()).space);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): UserError {
  return new UserError(`Cannot read the photo '${path}': ${reasonOf(error)}`, { cause: error });
}

/** First line of an error's message, for one-line reports. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n")[0];
}
