/** Decoding photos for training: 8-bit RGB only, unlike src/image, which keeps all that a file holds. */
import type { Metadata, Sharp } from "sharp";
import { systemReason, UserError } from "../base/errors.ts";
import { formatOfPath } from "../image/formats.ts";
import { rgbProfileOfGrey } from "../image/grey_profile.ts";
import { words } from "../image/photo.ts";
import { pngContainer } from "../image/png_container.ts";
import { plainReason, refusal } from "../image/refusal.ts";
import { foreignReason } from "./foreign_photo.ts";

/** 8-bit RGB pixels. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** height·width·3 samples, sRGB-encoded. */
  readonly rgb: Uint8Array;
}

/** Larger files are no photos that a data set is made of. */
export const MAX_PHOTO_BYTES = 2 ** 28;
/** As the library calls the formats that are read. It knows others (SVG, PDF), which a file may be behind a photo's name. */
const FORMATS = new Set(["jpeg", "png", "webp", "tiff", "heif"]);
/** Those of them that hold more than photos, of which the library reads something or other. */
const AMBIGUOUS = new Set(["tiff", "heif"]);

/** True where the name says that the file is a photo of a format that is taken: those that can be written, and so no GIF. */
export function isPhotoName(name: string): boolean {
  return formatOfPath(name) !== undefined;
}

/** True for files and folders that no one means: hidden ones, and macOS's twins of files in archives. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}

/** A name fit for a terminal: control characters become `?`, and what is overlong is cut. */
export function printable(name: string): string {
  // deno-lint-ignore no-control-regex
  return name.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "?").slice(
    0,
    1000,
  );
}

/**
 * Decodes a photo upright, without its alpha, converted to 8-bit sRGB.
 * @param path names the photo in errors; read from the disk unless `bytes` are given.
 * @throws {UserError} where the file is missing, damaged or no photo.
 */
export async function decodeRgb(path: string, bytes?: Uint8Array): Promise<RgbImage> {
  const metadata = await metadataOf(path, bytes);
  try {
    const photo = await upright(bytes ?? path, metadata);
    const { data, info } = await photo.toColourspace("srgb").removeAlpha()
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

/** How a photo becomes a square: its shorter side is reduced to the size and the longer one's ends are cut off, or the middle is cut out. */
export type Fit = "resize" | "crop";

/**
 * Decodes a photo to a square. Large photos are reduced while they are read, so that memory stays small.
 * @param bytes the file, where it is not at `path`.
 * @returns size·size·3 samples, as `decodeRgb` gives them.
 * @throws {UserError} where the file cannot be read or the photo is smaller than the square (enlarging would blur it).
 */
export async function decodeSquare(
  path: string,
  size: number,
  { bytes, fit = "resize" }: { readonly bytes?: Uint8Array; readonly fit?: Fit } = {},
): Promise<Uint8Array> {
  const metadata = await metadataOf(path, bytes);
  const { width, height } = metadata.autoOrient;
  requireSize(path, width, height, size);
  try {
    const photo = await upright(bytes ?? path, metadata);
    const square = fit === "crop" ? photo.extract(middle(width, height, size)) : photo.resize(size, size);
    const { data, info } = await square.toColourspace("srgb").removeAlpha()
      .raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels after conversion to RGB`);
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Like `decodeSquare`, of a picture that is decoded already. @throws {UserError} where it is smaller than the square. */
export async function squareOf(
  name: string,
  { width, height, rgb }: RgbImage,
  size: number,
  fit: Fit,
): Promise<Uint8Array> {
  requireSize(name, width, height, size);
  if (width === size && height === size) return rgb;
  const { default: sharp } = await import("sharp");
  const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
  const square = fit === "crop" ? picture.extract(middle(width, height, size)) : picture.resize(size, size);
  const data = await square.raw().toBuffer();
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

function requireSize(name: string, width: number, height: number, size: number): void {
  if (Math.min(width, height) < size) {
    throw new UserError(`The photo '${name}' has ${width}×${height} pixels, fewer than ${size} on a side`);
  }
}

function middle(width: number, height: number, size: number) {
  return { left: (width - size) >> 1, top: (height - size) >> 1, width: size, height: size };
}

/** What a photo's file says of it without being decoded. */
export interface PhotoFacts {
  /** As `decodeRgb` would give them. */
  readonly width: number;
  readonly height: number;
  /** True where the file holds a single channel beside its opacity. */
  readonly grey: boolean;
}

/** @throws {UserError} where the file is missing or no photo. */
export async function photoFacts(path: string, bytes?: Uint8Array): Promise<PhotoFacts> {
  const { autoOrient: { width, height }, space } = await metadataOf(path, bytes);
  return { width, height, grey: /^(b-w|grey16)$/.test(space) };
}

/**
 * True where the file holds a single channel beside its opacity.
 * @throws {UserError} where the file is missing or no photo.
 */
export async function isGrey(path: string): Promise<boolean> {
  return (await photoFacts(path)).grey;
}

/** @throws {UserError} where the file is missing, no photo, or one whose samples cannot be taken. */
async function metadataOf(path: string, bytes?: Uint8Array): Promise<Metadata> {
  const { default: sharp } = await import("sharp");
  try {
    const metadata = await sharp(bytes ?? path).metadata();
    if (!FORMATS.has(metadata.format)) {
      throw new Error(`it is a file of type ${metadata.format}, not a photo`);
    }
    const refused = (AMBIGUOUS.has(metadata.format) ? await foreignReason(path, bytes) : undefined) ??
      refusal(metadata);
    if (refused) throw new Error(refused);
    return metadata;
  } catch (error) {
    // A file that is not there, or may not be read, says so itself.
    const foreign = await foreignReason(path, bytes).catch(() => undefined);
    throw unreadable(path, foreign === undefined ? error : new Error(foreign, { cause: error }));
  }
}

/** A photo that is yet to be converted to sRGB. */
async function upright(file: string | Uint8Array, { space, icc }: Metadata): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  const profile = space === "grey16" && icc ? rgbProfileOfGrey(icc) : undefined;
  if (!profile) return sharp(file, { failOn: "error" }).autoOrient();
  // The library passes over the profile of a grey photo of 16 bits, so it is handed one of three channels.
  const { data, info: { width, height } } = await sharp(file, { failOn: "error", ignoreIcc: true })
    .autoOrient().removeAlpha().toColourspace("rgb16").raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const rgb = words(data);
  return sharp(
    pngContainer({ width, height, rgb, grey: true, colourChannels: 3, format: "png", icc: profile }),
  );
}

function unreadable(path: string, error: unknown): UserError {
  const reason = reasonOf(error);
  return new UserError(`Cannot read the photo '${path}': ${plainReason(reason) ?? reason}`, { cause: error });
}

/**
 * Why a file or a folder could not be read, on one line: in a person's words where the system says why, else the first line of the message.
 * @param what which of the two was wanted.
 */
export function reasonOf(error: unknown, what?: "file" | "folder"): string {
  if (typeof (error as { code?: unknown } | null)?.code === "string") return systemReason(error, what);
  // One line already, but for names in it.
  if (error instanceof UserError) return printable(error.message);
  return (error instanceof Error ? error.message : String(error)).trim().split("\n")[0];
}
