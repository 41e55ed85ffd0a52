/** Pixels to photo files, through sharp (libvips). */
import type { Sharp } from "sharp";
import { UserError } from "../base/errors.ts";
import { checkPhoto } from "./check_photo.ts";
import { LONGEST_SIDE } from "./formats.ts";
import { isGreyProfile, rgbProfileOfGrey } from "./grey_profile.ts";
import { jpegWithMetadata } from "./jpeg_metadata.ts";
import { colourChannelsOf, freeBytes, type Photo, type PhotoFormat, sampleMax } from "./photo.ts";
import { describingChunks, pngWithChunks } from "./png_chunks.ts";
import { pngContainer } from "./png_container.ts";
import { unsayTiffDensity } from "./tiff_density.ts";
import { tiffWithExif } from "./tiff_exif.ts";
import { webpWithExif } from "./webp_exif.ts";

/** How a photo file is written. */
export interface EncodeOptions {
  /** Format of the file. */
  readonly format: PhotoFormat;
  /** 1..100 for JPEG, WebP and AVIF; PNG and TIFF lose nothing. By default 95, 95 and 80. */
  readonly quality?: number;
  /** Leaves out EXIF (place, date, camera), XMP and IPTC. The colour profile stays: without it colours would look different. */
  readonly strip?: boolean;
  /** Receives one line for each thing that the format cannot keep. */
  readonly onNote?: (note: string) => void;
}

const FORMATS: readonly PhotoFormat[] = ["png", "jpeg", "webp", "tiff", "avif"];

/** Quality of each lossy format unless the caller says otherwise: hard to tell from the original by eye. */
export const DEFAULT_QUALITY: Readonly<Partial<Record<PhotoFormat, number>>> = {
  jpeg: 95,
  webp: 95,
  avif: 80,
};

/** Whether quality means something in this format. */
export function isLossy(format: PhotoFormat): boolean {
  return format in DEFAULT_QUALITY;
}

/** @throws {UserError} where a photo of this size is larger than the format allows. */
export function refuseSize(format: PhotoFormat, width: number, height: number): void {
  const limit = LONGEST_SIDE[format];
  if (!limit || Math.max(width, height) <= limit) return;
  throw new UserError(
    `Cannot write ${format}: it holds at most ${limit} pixels a side, the photo is ${width}×${height}; use --format png`,
  );
}

/** Largest JPEG that gets Huffman tables of its own: the file is 2 to 4 % smaller, and takes two to three times as long to make. */
const OPTIMISED_PIXELS = 4e6;

/**
 * Encodes a photo with its colour profile, EXIF, XMP, IPTC (JPEG alone) and density. EXIF is kept byte by byte in JPEG, PNG and WebP, tag by tag
 * in TIFF; in AVIF those tags that the library knows. PNG and TIFF keep 16 bits, the other formats get 8; grey photos stay
 * grey; alpha is kept where the format has it and laid over white in JPEG.
 *
 * @param release called when the photo's samples are not needed any more, long before the file is finished: their memory may go then.
 * @throws {UserError} where there is no such format, quality is out of range, the samples do not fit the photo's size, or it is larger than the format allows.
 *
 * @example Another format, all else kept
 * ```ts
 * import { decodePhoto, encodePhoto } from "@clairnet/clairnet/native";
 *
 * const photo = await decodePhoto(await Deno.readFile("samples/clean/raccoon.jpg"));
 * const file = await encodePhoto(photo, { format: "webp", quality: 90 });
 * console.log(new TextDecoder().decode(file.subarray(8, 12))); // WEBP
 * ```
 */
export async function encodePhoto(
  photo: Photo,
  options: EncodeOptions,
  release: () => void = () => {},
): Promise<Uint8Array> {
  const { format, quality = DEFAULT_QUALITY[format] ?? 100, strip = false, onNote = () => {} } = options;
  if (!FORMATS.includes(format)) {
    throw new UserError(`Cannot write ${format}: the formats are ${FORMATS.join(", ")}`, { exitCode: 2 });
  }
  checkPhoto(photo);
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new UserError(
      `Cannot write ${format}: quality must be a whole number from 1 to 100, got ${quality}`,
      {
        exitCode: 2,
      },
    );
  }
  refuseSize(format, photo.width, photo.height);
  const { default: sharp } = await import("sharp");
  let ready: Photo = strip ? { ...photo, exif: undefined, xmp: undefined, iptc: undefined } : photo;
  if (format !== "png" && format !== "tiff" && sampleMax(photo.rgb) === 65535) {
    ready = eightBits(ready);
    onNote(`${format} holds 8 bits a channel: the photo's 16 are rounded (png and tiff keep them)`);
  }
  if (format === "jpeg" && ready.alpha) {
    ready = overWhite(ready);
    onNote("jpeg has no transparency: the photo is laid over white");
  }
  if ((format === "webp" || format === "avif") && ready.icc && isGreyProfile(ready.icc)) {
    // They have no grey mode, and the library drops a profile that is for other channels.
    ready = { ...ready, colourChannels: 3, icc: rgbProfileOfGrey(ready.icc) };
    if (!ready.icc) {
      onNote(`${format} cannot hold this grey profile, which is left out: tones may look otherwise`);
    }
  }
  if (format !== "jpeg" && ready.iptc) {
    onNote(`${format} is written without IPTC captions and keywords (jpeg keeps them)`);
  }
  const deep = sampleMax(ready.rgb) === 65535;
  const space = colourChannelsOf(ready) === 1 ? (deep ? "grey16" : "b-w") : deep ? "rgb16" : "srgb";
  // What the library would write otherwise than it was, if at all, is put in afterwards.
  const own = format === "jpeg" || format === "png";
  const container = pngContainer(own ? { ...ready, exif: undefined, xmp: undefined } : ready);
  const image = sharp(container, { limitInputPixels: false, failOn: "none" }).toColourspace(space);
  // In WebP and AVIF the density has no place but EXIF, so the library makes a block for it.
  if (own || !(ready.exif || (ready.density && !strip))) image.keepIccProfile().keepXmp();
  else image.keepMetadata();
  const { density, exif, xmp, iptc } = ready;
  release();
  const data = await as(image, format, quality, photo).toBuffer();
  // As large as the photo, and not needed any more while metadata are put in, which takes a copy of the file.
  freeBytes(container);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return withMetadata(bytes, format, { density, exif, xmp, iptc }, onNote);
}

/** A finished file with what the library cannot be left to write. */
function withMetadata(
  file: Uint8Array,
  format: PhotoFormat,
  { density, exif, xmp, iptc }: Pick<Photo, "density" | "exif" | "xmp" | "iptc">,
  onNote: (note: string) => void,
): Uint8Array {
  switch (format) {
    case "jpeg":
      return jpegWithMetadata(file, { density, exif, xmp, iptc }, onNote);
    case "png":
      // Where there is no density the library writes 72 pixels an inch.
      return exif || xmp || !density
        ? pngWithChunks(file, describingChunks({ exif, xmp }), density ? undefined : "pHYs")
        : file;
    case "webp":
      return exif ? webpWithExif(file, exif) : file;
    case "tiff":
      if (!density) unsayTiffDensity(file);
      return exif ? tiffWithExif(file, exif) : file;
    case "avif":
      return file;
  }
}

function as(image: Sharp, format: PhotoFormat, quality: number, photo: Photo): Sharp {
  const { density = 1 } = photo;
  const pixels = photo.width * photo.height;
  switch (format) {
    case "png":
      return image.png({ adaptiveFiltering: true });
    case "jpeg":
      // They also need the coefficients of the whole photo at once: 16 bits a sample, 600 MB for 100 megapixels.
      return image.jpeg({
        quality,
        chromaSubsampling: "4:4:4",
        optimiseCoding: pixels <= OPTIMISED_PIXELS,
      });
    case "webp":
      return image.webp({ quality, smartSubsample: true, exact: true });
    case "tiff":
      // This writer wants the density a second time, in pixels a millimetre.
      return image.tiff({
        compression: "deflate",
        predictor: "horizontal",
        resolutionUnit: "inch",
        xres: density / 25.4,
        yres: density / 25.4,
      });
    case "avif":
      return image.avif({ quality, chromaSubsampling: "4:4:4" });
  }
}

/** 0..65535 to 0..255, rounded to nearest: both ends stay ends. */
function eightBits(photo: Photo): Photo {
  const round = (samples: Uint8Array | Uint16Array) => {
    const bytes = new Uint8Array(samples.length);
    for (let i = 0; i < samples.length; i++) bytes[i] = Math.round(samples[i] / 257);
    return bytes;
  };
  return { ...photo, rgb: round(photo.rgb), alpha: photo.alpha && round(photo.alpha) };
}

/** Straight alpha over white, in the photo's own encoding as browsers do. */
function overWhite(photo: Photo): Photo {
  const alpha = photo.alpha!;
  const max = sampleMax(photo.rgb);
  const rgb = photo.rgb.slice();
  for (let i = 0; i < rgb.length; i++) {
    const opacity = alpha[Math.floor(i / 3)] / max;
    rgb[i] = Math.round(rgb[i] * opacity + max * (1 - opacity));
  }
  return { ...photo, rgb, alpha: undefined };
}
