/** Photo files to pixels, through sharp (libvips). */
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { UserError } from "../base/errors.ts";
import { densityOf } from "./density.ts";
import { uprightExif } from "./exif.ts";
import { READABLE_FORMATS } from "./formats.ts";
import { foreignFormat, framesOfPng } from "./file_signs.ts";
import { iptcDatasets } from "./iptc.ts";
import { hasXmpExtension, iptcOfJpeg, xmpOfJpeg } from "./jpeg_metadata.ts";
import { jpegQuality } from "./jpeg_quality.ts";
import { type Photo, words } from "./photo.ts";
import { profileOf } from "./profile.ts";
import { rawFormat } from "./raw_files.ts";
import { plainReason, refusal } from "./refusal.ts";
import { exifFromTiff } from "./tiff_exif.ts";
import { hasMotion, stillXmp, uprightXmp, wholeXmp } from "./xmp.ts";

/** Megapixels that are read unless the caller says otherwise: a 108-megapixel phone photo still fits. */
export const DEFAULT_MAX_MEGAPIXELS = 120;

/** How a photo file is read. */
export interface DecodeOptions {
  /** Larger photos are refused before their pixels are read. */
  readonly maxMegapixels?: number;
  /** What errors and notes call the photo: its path. */
  readonly name?: string;
  /** Receives one line for each thing that could not be kept, e.g. the later frames of an animation. */
  readonly onNote?: (note: string) => void;
}

/**
 * Decodes PNG, JPEG, WebP, TIFF, AVIF or GIF (first frame), upright.
 *
 * Samples stay in the space of the embedded ICC profile (or of Display P3, where the file names it by its code points), so that colours look the same once the profile is attached again;
 * only CMYK and Lab (TIFF of 16 bits) are converted to sRGB. 16-bit samples (and AVIF's 10 or 12 bits) come out as 0..65535, all others as 0..255.
 *
 * @param source the file's bytes.
 * @throws {UserError} one line naming the photo, where it is damaged, cut short, too large or of another format.
 *
 * @example
 * ```ts
 * import { decodePhoto } from "@clairnet/clairnet/native";
 *
 * const photo = await decodePhoto(await Deno.readFile("samples/clean/raccoon.jpg"));
 * console.log(photo.width, photo.height, photo.rgb.length); // 640 480 921600
 * ```
 */
export async function decodePhoto(source: Uint8Array, options: DecodeOptions = {}): Promise<Photo> {
  const { maxMegapixels = DEFAULT_MAX_MEGAPIXELS, name = "photo", onNote = () => {} } = options;
  if (!(maxMegapixels > 0)) {
    throw new UserError(`Cannot read ${name}: the limit must be above 0 megapixels, got ${maxMegapixels}`, {
      exitCode: 2,
    });
  }
  const { default: sharp } = await import("sharp");
  const open = (extra: SharpOptions = {}) => sharp(source, { limitInputPixels: false, ...extra });

  if (source.length === 0) throw new UserError(`Cannot read ${name}: the file is empty`);
  // Before the library looks: it would read the small preview in a raw file.
  const raw = rawFormat(source);
  if (raw) throw new UserError(`Cannot read ${name}: ${foreignReason(raw)}`);
  const metadata = await open().metadata().catch((error: unknown) => {
    throw new UserError(`Cannot read ${name}: ${reason(error, source)}`, { cause: error });
  });
  if (!Object.hasOwn(READABLE_FORMATS, metadata.format)) {
    throw new UserError(
      `Cannot read ${name}: ${metadata.format} is not supported; convert it to PNG, JPEG, WebP, TIFF or AVIF`,
    );
  }
  const height = metadata.pageHeight ?? metadata.height;
  const megapixels = metadata.width * height / 1e6;
  if (megapixels > maxMegapixels) {
    throw new UserError(
      `Cannot read ${name}: ${metadata.width}×${height} is ${
        megapixels < 0.1 ? megapixels.toPrecision(2) : megapixels.toFixed(1)
      } megapixels, ` +
        `more than the ${maxMegapixels} allowed: raise --max-megapixels, or shrink it first`,
    );
  }
  const refused = refusal(metadata);
  if (refused) throw new UserError(`Cannot read ${name}: ${refused}`);
  const deep = metadata.depth !== "uchar";
  const oneChannel = metadata.space === "b-w" || metadata.space === "grey16";
  const converted = !oneChannel && !["srgb", "rgb16", "rgb"].includes(metadata.space);
  const exif = metadata.format === "tiff"
    ? exifFromTiff(source)
    : metadata.exif && uprightExif(metadata.exif);
  const xmp = metadata.format === "jpeg" ? xmpOfJpeg(source) : metadata.xmp && new Uint8Array(metadata.xmp);
  for (const note of notesOn(metadata, source, { converted, exif, xmp })) onNote(`${name}: ${note}`);

  const pixels = async (failOn: "warning" | "error") => {
    const image: Sharp = open({ autoOrient: true, ignoreIcc: !converted, failOn });
    return await image.toColourspace(deep ? "rgb16" : "srgb")
      .raw({ depth: deep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
  };
  const { data, info } = await pixels("warning").catch(async (warning: unknown) => {
    // Harmless oddities are warnings, and so are damaged spots that the decoder can step over: say so and go on.
    const result = await pixels("error").catch((error: unknown) => {
      throw new UserError(`Cannot read ${name}: ${reason(error, source)}`, { cause: error });
    });
    onNote(`${name}: the file is slightly damaged (${short(warning)})`);
    return result;
  });
  if (info.channels !== 3 && info.channels !== 4) {
    throw new UserError(
      `Cannot read ${name}: ${info.channels} channels instead of 1 to 4; convert it to PNG`,
    );
  }
  const samples = deep ? words(data) : new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (samples instanceof Uint16Array && metadata.format === "heif") {
    fillRange(samples, metadata.bitsPerSample ?? 16);
  }
  const planes = splitAlpha(samples, info.channels);
  const icc = converted
    ? undefined
    : await profileOf(metadata, source, oneChannel, (note) => onNote(`${name}: ${note}`));
  return {
    width: info.width,
    height: info.height,
    ...planes,
    grey: oneChannel || isGrey(planes.rgb, metadata.format),
    colourChannels: oneChannel ? 1 : 3,
    format: metadata.format,
    jpegQuality: metadata.format === "jpeg" ? jpegQuality(source) : undefined,
    icc,
    exif,
    xmp: xmp && wholeXmp(stillXmp(uprightXmp(xmp))),
    iptc: metadata.format === "jpeg"
      ? iptcOfJpeg(source)
      : metadata.iptc && iptcDatasets(new Uint8Array(metadata.iptc)),
    density: densityOf(metadata, source, exif),
  };
}

/** What of the file is not used or comes out otherwise, each in a line without the file's name. */
function notesOn(
  metadata: Metadata,
  source: Uint8Array,
  { converted, exif, xmp }: {
    readonly converted: boolean;
    readonly exif?: Uint8Array;
    readonly xmp?: Uint8Array;
  },
): string[] {
  const notes: string[] = [];
  const frames = metadata.format === "png" ? framesOfPng(source) : metadata.pages ?? 1;
  if (frames > 1) notes.push(`only the first of ${frames} frames or pages is used`);
  if (converted) {
    const space = metadata.space === "labs" ? "Lab" : metadata.space.toUpperCase();
    notes.push(`colours converted from ${space} to sRGB`);
  }
  if (metadata.gainMap) notes.push("its HDR gain map is left out: the result is the photo in standard range");
  if (xmp && hasMotion(xmp)) {
    notes.push("the video of this motion photo is left out");
  }
  if (metadata.format === "jpeg" && hasXmpExtension(source)) {
    notes.push("XMP beyond its first packet (depth maps and their like) is left out");
  }
  if (metadata.exif && !exif) notes.push("its EXIF is damaged and left out");
  return notes;
}

/** Formats without a grey mode, whose colour conversion may leave a grey pixel off by a step. */
const ROUNDED_GREY: readonly string[] = ["webp", "heif"];

/** True where the photo is grey though its file has three channels: scans often are, and WebP has no other way. Makes R = G = B exact. */
function isGrey(rgb: Uint8Array | Uint16Array, format: string): boolean {
  const tolerance = ROUNDED_GREY.includes(format) ? (rgb instanceof Uint16Array ? 257 : 1) : 0;
  for (let i = 0; i < rgb.length; i += 3) {
    if (Math.abs(rgb[i] - rgb[i + 1]) > tolerance || Math.abs(rgb[i + 2] - rgb[i + 1]) > tolerance) {
      return false;
    }
  }
  if (tolerance > 0) {
    for (let i = 0; i < rgb.length; i += 3) rgb[i] = rgb[i + 2] = rgb[i + 1];
  }
  return true;
}

/** The library shifts AVIF's 10 or 12 bits up to 16, which leaves white below 65535. */
function fillRange(samples: Uint16Array, bits: number): void {
  const scale = 65535 / (65536 - 2 ** (16 - bits));
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(scale * samples[i]);
}

function splitAlpha(samples: Uint8Array | Uint16Array, channels: 3 | 4): Pick<Photo, "rgb" | "alpha"> {
  if (channels === 3) return { rgb: samples };
  const count = samples.length / 4;
  const create = samples instanceof Uint16Array ? Uint16Array : Uint8Array;
  const rgb = new create(count * 3);
  const alpha = new create(count);
  for (let i = 0; i < count; i++) {
    rgb[3 * i] = samples[4 * i];
    rgb[3 * i + 1] = samples[4 * i + 1];
    rgb[3 * i + 2] = samples[4 * i + 2];
    alpha[i] = samples[4 * i + 3];
  }
  return { rgb, alpha };
}

/** What is wrong with a file that the library refuses, in a person's words and on one line. */
function reason(error: unknown, source: Uint8Array): string {
  const message = short(error);
  const foreign = foreignFormat(source);
  if (foreign) return foreignReason(foreign);
  if (/unsupported image format/i.test(message)) {
    return "not a photo in a known format (PNG, JPEG, WebP, TIFF, AVIF, GIF)";
  }
  return plainReason(message) ?? `the file is damaged or cut short (${message})`;
}

function foreignReason(format: string): string {
  return `${format} is not supported; convert it to JPEG or PNG first`;
}

function short(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\s*\n\s*/).filter((line) => line).join("; ").slice(0, 160);
}
