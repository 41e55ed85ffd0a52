/** A decoded photo: pixels and all that has to survive beside them. */

/** File formats that can be written. */
export type PhotoFormat = "png" | "jpeg" | "webp" | "tiff" | "avif";

/** A decoded photo: pixels, and what has to survive beside them. */
export interface Photo {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** RGB, interleaved, row by row: 3·width·height samples as encoded in the file's own colour space, upright. 16-bit photos use the whole range 0..65535. */
  readonly rgb: Uint8Array | Uint16Array;
  /** Opacity, width·height samples of the same depth, where the file has it. */
  readonly alpha?: Uint8Array | Uint16Array;
  /** True where R = G = B in every pixel, as in grey-scale files: what is done to the photo keeps it so. */
  readonly grey: boolean;
  /** Colour channels of the file to write: 1 for a grey photo and 3 for others, unless this says otherwise. */
  readonly colourChannels?: 1 | 3;
  /** Format of the source file as its library names it (`png`, `jpeg`, `webp`, `tiff`, `heif`, `gif` …). */
  readonly format: string;
  /** About which quality of libjpeg, 1..100, a JPEG file was saved at. */
  readonly jpegQuality?: number;
  /** Embedded ICC profile, if any. The samples of `rgb` are in its space. */
  readonly icc?: Uint8Array;
  /** EXIF block, if any, its orientation already set to upright. */
  readonly exif?: Uint8Array;
  /** XMP packet, if any. */
  readonly xmp?: Uint8Array;
  /** IPTC captions and keywords (IIM datasets), if any. */
  readonly iptc?: Uint8Array;
  /** Pixels an inch, where the file says. */
  readonly density?: number;
}

/** Largest sample value: 255 or 65535. */
export function sampleMax(samples: Uint8Array | Uint16Array): 255 | 65535 {
  return samples instanceof Uint16Array ? 65535 : 255;
}

/** Native-endian 16-bit view of bytes, copied only where they are not aligned. */
export function words(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

/** Colour channels of the file that a photo is written to. */
export function colourChannelsOf(photo: Photo): 1 | 3 {
  return photo.colourChannels ?? (photo.grey ? 1 : 3);
}

/** Gives the memory of photos' samples back at once, but for what `kept` shares with them. They may not be used afterwards. */
export function freeSamples(photos: readonly (Photo | undefined)[], kept?: Photo): void {
  const shared = samplesOf([kept]);
  for (const buffer of samplesOf(photos)) if (!shared.includes(buffer)) detach(buffer);
}

/** Gives the memory of bytes back at once, with all else that is in the same buffer. */
export function freeBytes({ buffer }: Uint8Array | Uint16Array): void {
  if (buffer instanceof ArrayBuffer) detach(buffer);
}

function detach(buffer: ArrayBuffer): void {
  // Node 20 knows no `transfer`; what is handed over to nobody is gone as well.
  if ("transfer" in buffer) buffer.transfer(0);
  else structuredClone(undefined, { transfer: [buffer] });
}

/** The memory of photos' samples, each once: what is handed over and not copied when they go to another thread. */
export function samplesOf(photos: readonly (Photo | undefined)[]): ArrayBuffer[] {
  const buffers = photos.flatMap((photo) => photo ? [photo.rgb.buffer, photo.alpha?.buffer] : []);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
