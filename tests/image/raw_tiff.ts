/** TIFF files by hand (TIFF 6.0), of kinds that the image library reads and does not write. */
import { deflateSync } from "node:zlib";

export interface RawTiffOptions {
  readonly width: number;
  readonly height: number;
  /** RGB, interleaved. */
  readonly rgb: Uint8Array | Uint16Array;
  /** All of red, then all of green, then all of blue, as scanners write them. */
  readonly planar?: boolean;
  readonly bigEndian?: boolean;
  /** As TIFF numbers them: 1 none (the default), 8 deflate; others are written without being applied. */
  readonly compression?: number;
  /** As TIFF numbers it: 2 RGB (the default), 8 Lab. */
  readonly photometric?: number;
  /** As TIFF numbers it: 1 without a sign (the default), 2 with one. */
  readonly sampleFormat?: number;
  /** Of a pixel in `rgb`, where it has more than three; not with `planar`. */
  readonly channels?: number;
}

/** One strip, or one for each channel where it is planar. */
export function rawTiff(options: RawTiffOptions): Uint8Array {
  const { width, height, rgb, planar = false, bigEndian = false, compression = 1 } = options;
  const { photometric = 2, sampleFormat = 1, channels = 3 } = options;
  const little = !bigEndian;
  const planes = planar ? [0, 1, 2].map((c) => rgb.filter((_, i) => i % 3 === c)) : [rgb];
  const strips = planes.map((samples) => {
    const bytes = new Uint8Array(samples.length * rgb.BYTES_PER_ELEMENT);
    const view = new DataView(bytes.buffer);
    samples.forEach((value, i) =>
      rgb.BYTES_PER_ELEMENT === 2 ? view.setUint16(2 * i, value, little) : view.setUint8(i, value)
    );
    return compression === 8 ? new Uint8Array(deflateSync(bytes)) : bytes;
  });
  const offsets: number[] = [];
  let end = 8;
  for (const strip of strips) {
    offsets.push(end);
    end += strip.length + strip.length % 2;
  }
  const bits = 8 * rgb.BYTES_PER_ELEMENT;
  const [SHORT, LONG] = [3, 4];
  /** ImageWidth, ImageLength, BitsPerSample, Compression, PhotometricInterpretation, StripOffsets … PlanarConfiguration, ExtraSamples, SampleFormat. */
  const entries: [tag: number, type: number, values: number[]][] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array(channels).fill(bits)],
    [259, SHORT, [compression]],
    [262, SHORT, [photometric]],
    [273, LONG, offsets],
    [277, SHORT, [channels]],
    [278, LONG, [height]],
    [279, LONG, strips.map((strip) => strip.length)],
    [284, SHORT, [planar ? 2 : 1]],
    ...(channels > 3 ? [[338, SHORT, Array(channels - 3).fill(0)] as [number, number, number[]]] : []),
    [339, SHORT, Array(channels).fill(sampleFormat)],
  ];
  const file = new Uint8Array(end + 2 + 12 * entries.length + 4 + 12 * entries.length);
  const view = new DataView(file.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, end, little);
  strips.forEach((strip, i) => file.set(strip, offsets[i]));
  view.setUint16(end, entries.length, little);
  let outside = end + 2 + 12 * entries.length + 4;
  for (const [i, [tag, type, values]] of entries.entries()) {
    const at = end + 2 + 12 * i;
    const size = type === SHORT ? 2 : 4;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, values.length, little);
    let to = at + 8;
    if (size * values.length > 4) {
      view.setUint32(to, outside, little);
      to = outside;
      outside += size * values.length;
    }
    for (const value of values) {
      if (type === SHORT) view.setUint16(to, value, little);
      else view.setUint32(to, value, little);
      to += size;
    }
  }
  return file;
}
