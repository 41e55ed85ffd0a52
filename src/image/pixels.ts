/** Pictures as plain arrays of samples, the way a canvas has them; conversions to and from what the inner layers take. */
import { UserError } from "../base/errors.ts";
import { type Photo, sampleMax } from "./photo.ts";

/** Samples of a picture: 8 bits (0..255; the clamped one is what a canvas has) or 16 bits (0..65535). */
export type Samples = Uint8Array | Uint8ClampedArray | Uint16Array;

/**
 * A picture as interleaved RGB or RGBA samples, sRGB-encoded, row by row from the top left. A canvas's `ImageData` is one.
 *
 * @example A red pixel beside a half transparent blue one
 * ```ts
 * import type { Pixels } from "@clairnet/clairnet";
 *
 * const picture: Pixels = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 128) };
 * ```
 */
export interface Pixels<D extends Samples = Samples> {
  /** 3·width·height samples (RGB) or 4·width·height (RGBA, alpha not premultiplied). */
  readonly data: D;
  /** Columns, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
}

/**
 * Samples for each pixel.
 * @throws {UserError} where the samples are of another kind (floats, say), not 3 or 4 for each pixel, or there is no pixel.
 */
export function channelsOf({ data, width, height }: Pixels): 3 | 4 {
  if (!KINDS.includes(kindOf(data))) {
    throw new UserError(
      `A picture's samples are a ${KINDS.join(" or a ")}, got ${kindOf(data)}`,
      { exitCode: 2 },
    );
  }
  const pixels = width * height;
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) {
    if (data.length === 3 * pixels) return 3;
    if (data.length === 4 * pixels) return 4;
  }
  throw new UserError(
    `A picture of ${width}×${height} pixels has 3 samples (RGB) or 4 (RGBA) for each, not ${data.length} in all`,
    { exitCode: 2 },
  );
}

/** A photo without profile and metadata. Its samples may be those of `image` itself. @throws {UserError} as {@link channelsOf}. */
export function photoOf(image: Pixels): Photo {
  const { width, height } = image;
  const plain = { width, height, grey: false, format: "pixels" };
  const channels = channelsOf(image);
  const data = unclamped(image.data);
  if (channels === 3) return { ...plain, rgb: data };
  const count = width * height;
  const rgb = emptyLike(data, 3 * count);
  const alpha = emptyLike(data, count);
  for (let i = 0; i < count; i++) {
    rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    alpha[i] = data[4 * i + 3];
  }
  return { ...plain, rgb, alpha };
}

/** A photo as samples of the kind that `like` has, RGB or RGBA as that. The depth must be the same. */
export function pixelsOf<D extends Samples>(
  { rgb, alpha, width, height }: Photo,
  like: Pixels<D>,
): Pixels<D> {
  const channels = channelsOf(like);
  let data = rgb;
  if (channels === 4) {
    data = emptyLike(rgb, 4 * width * height);
    for (let i = 0; i < width * height; i++) {
      data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
      data[4 * i + 3] = alpha![i];
    }
  }
  // `from` and not `new`: Node's Buffer, which is what sharp decodes to, is a Uint8Array whose constructor is another one.
  const kind = like.data.constructor as unknown as { from(samples: Samples): D };
  return { width, height, data: kind.from(data) };
}

/**
 * 3·width·height samples of an 8-bit picture, alpha left out.
 * @throws {UserError} as {@link channelsOf}, and where it has 16 bits.
 */
export function rgb8(image: Pixels, purpose: string): Uint8Array {
  const { rgb } = photoOf(image);
  if (sampleMax(rgb) !== 255) {
    throw new UserError(`Cannot ${purpose} 16-bit pictures: convert them to 8 bits`, { exitCode: 2 });
  }
  return rgb as Uint8Array;
}

/** Name of an array's kind, `Uint8Array` for a Buffer; right for arrays of another window or worker too, which `instanceof` does not know. */
export function kindOf(data: Samples): string {
  return data?.[Symbol.toStringTag] ?? typeof data;
}

const KINDS = ["Uint8Array", "Uint8ClampedArray", "Uint16Array"];

/** A view of the same samples, as an array of this realm that is not clamped. */
function unclamped(data: Samples): Uint8Array | Uint16Array {
  const { buffer, byteOffset, length } = data;
  return kindOf(data) === "Uint16Array"
    ? new Uint16Array(buffer, byteOffset, length)
    : new Uint8Array(buffer, byteOffset, length);
}

function emptyLike(data: Uint8Array | Uint16Array, length: number): Uint8Array | Uint16Array {
  return data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}
