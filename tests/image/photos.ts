/** Photos and colour profiles made on the spot for tests. */
import type { Photo } from "../../src/image/photo.ts";
import { Random } from "../../src/base/random.ts";

export interface RandomPhotoOptions {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly bits?: 8 | 16;
  readonly grey?: boolean;
  readonly alpha?: boolean;
  /** Noise in every sample, or a smooth picture that lossy formats keep nearly as it is. */
  readonly texture?: "noise" | "smooth";
}

/** A photo with fresh random content and no metadata. */
export function randomPhoto(options: RandomPhotoOptions): Photo {
  const { seed, width, height, bits = 8, grey = false, alpha = false, texture = "noise" } = options;
  const random = new Random(seed, width, height, bits);
  const max = bits === 8 ? 255 : 65535;
  const create = bits === 8 ? Uint8Array : Uint16Array;
  const plane = () => {
    const [fx, fy, phase] = [random.between(1, 3), random.between(1, 3), random.between(0, 6)];
    return (x: number, y: number) =>
      texture === "noise"
        ? random.below(max + 1)
        : Math.round(max * (0.5 + 0.45 * Math.sin(fx * x / width * 3 + fy * y / height * 3 + phase)));
  };
  const planes = grey ? Array(3).fill(plane()) : [plane(), plane(), plane()];
  const opacity = plane();
  const rgb = new create(3 * width * height);
  const alphas = alpha ? new create(width * height) : undefined;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const first = planes[0](x, y);
      rgb[3 * pixel] = first;
      rgb[3 * pixel + 1] = grey ? first : planes[1](x, y);
      rgb[3 * pixel + 2] = grey ? first : planes[2](x, y);
      if (alphas) alphas[pixel] = opacity(x, y);
    }
  }
  return { width, height, rgb, alpha: alphas, grey, format: "raw" };
}

/** A minimal ICC 2.1 display profile whose red and blue primaries are exchanged: whoever converts through it, shows it. */
export function swappedProfile(): Uint8Array {
  return matrixProfile([[0.1431, 0.0606, 0.7141], [0.3851, 0.7169, 0.0971], [0.4361, 0.2225, 0.0139]], 2.2);
}

/** Display P3 but for its curve, which is a plain gamma here: primaries adapted to D50. */
export function displayP3Profile(): Uint8Array {
  return matrixProfile([[0.5151, 0.2412, -0.0011], [0.292, 0.6922, 0.0419], [0.1571, 0.0666, 0.7841]], 2.2);
}

/** Adobe RGB (1998), whose gamma is 563/256; primaries adapted to D50. */
export function adobeRgbProfile(): Uint8Array {
  return matrixProfile(
    [[0.6097, 0.3111, 0.0195], [0.2053, 0.6257, 0.0609], [0.1492, 0.0632, 0.7446]],
    563 / 256,
  );
}

/** ProPhoto RGB (ROMM, ISO 22028-2) with its gamma of 1.8: most of its space is far outside of sRGB. */
export function proPhotoProfile(): Uint8Array {
  return matrixProfile([[0.7977, 0.288, 0], [0.1352, 0.7119, 0], [0.0313, 0.0001, 0.8249]], 1.8);
}

/** An ICC 2.1 display profile of three primaries (XYZ, D50) and a gamma. */
function matrixProfile(primaries: readonly (readonly number[])[], exponent: number): Uint8Array {
  return profile("RGB ", [
    ["wtpt", xyz([0.9642, 1, 0.8249])],
    ["rXYZ", xyz(primaries[0])],
    ["gXYZ", xyz(primaries[1])],
    ["bXYZ", xyz(primaries[2])],
    ["rTRC", gamma(exponent)],
    ["gTRC", gamma(exponent)],
    ["bTRC", gamma(exponent)],
  ]);
}

/** A minimal ICC 2.1 grey profile with gamma 1: whoever converts through it, brightens the photo. */
export function linearGreyProfile(): Uint8Array {
  return profile("GRAY", [["wtpt", xyz([0.9642, 1, 0.8249])], ["kTRC", gamma(1)]]);
}

/** An EXIF block of a camera, big-endian, with a sub-directory and the orientation asked for. */
export function cameraExif(orientation: number): Uint8Array {
  const bytes = new Uint8Array(96);
  const view = new DataView(bytes.buffer);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    view.setUint16(at, tag);
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, count);
    if (type === 3) view.setUint16(at + 8, value);
    else view.setUint32(at + 8, value);
  };
  bytes.set(new TextEncoder().encode("MM"));
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  view.setUint16(8, 3);
  entry(10, 0x010f, 2, 8, 70);
  entry(22, 0x0112, 3, 1, orientation);
  entry(34, 0x8769, 4, 1, 50);
  view.setUint16(50, 1);
  entry(52, 0x829a, 5, 1, 80);
  bytes.set(new TextEncoder().encode("Clairca\0"), 70);
  view.setUint32(80, 1);
  view.setUint32(84, 250);
  return bytes;
}

/** Where and when `travelExif` says that it was taken. */
export const TRAVEL = { make: "Clairca", date: "2019:07:21 18:04:05", latitude: 48.5, longitude: -3.25 };

/** A little-endian EXIF block with camera, date (DateTimeOriginal) and place (GPS directory). */
export function travelExif(orientation = 1): Uint8Array {
  const bytes = new Uint8Array(320);
  const view = new DataView(bytes.buffer);
  let heap = 176;
  const directory = (
    at: number,
    entries: readonly (readonly [number, number, number, string | number[]])[],
  ) => {
    view.setUint16(at, entries.length, true);
    entries.forEach(([tag, type, count, value], i) => {
      const entry = at + 2 + 12 * i;
      view.setUint16(entry, tag, true);
      view.setUint16(entry + 2, type, true);
      view.setUint32(entry + 4, count, true);
      const data = typeof value === "string"
        ? new TextEncoder().encode(value)
        : new Uint8Array((type === 3 ? Uint16Array : Uint32Array).from(value).buffer);
      if (data.length <= 4) return bytes.set(data, entry + 8);
      view.setUint32(entry + 8, heap, true);
      bytes.set(data, heap);
      heap += data.length + data.length % 2;
    });
  };
  bytes.set([0x49, 0x49, 42, 0, 8]);
  const degrees = (value: number) => [Math.floor(Math.abs(value)), 1, Math.abs(value) % 1 * 60, 1, 0, 1];
  directory(8, [
    [0x010f, 2, 8, `${TRAVEL.make}\0`],
    [0x0112, 3, 1, [orientation]],
    [0x0132, 2, 20, `${TRAVEL.date}\0`],
    [0x8769, 4, 1, [80]],
    [0x8825, 4, 1, [112]],
  ]);
  directory(80, [[0x9003, 2, 20, `${TRAVEL.date}\0`], [0xa002, 4, 1, [4000]]]);
  directory(112, [
    [1, 2, 2, TRAVEL.latitude < 0 ? "S\0" : "N\0"],
    [2, 5, 3, degrees(TRAVEL.latitude)],
    [3, 2, 2, TRAVEL.longitude < 0 ? "W\0" : "E\0"],
    [4, 5, 3, degrees(TRAVEL.longitude)],
  ]);
  return bytes;
}

type Tag = readonly [string, Uint8Array];

function profile(space: string, tags: readonly Tag[]): Uint8Array {
  const all: Tag[] = [["desc", description("test")], ["cprt", text("none")], ...tags];
  let offset = 128 + 4 + 12 * all.length;
  const total = offset + all.reduce((sum, [, data]) => sum + Math.ceil(data.length / 4) * 4, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, total);
  view.setUint32(8, 0x02100000);
  put(bytes, 12, "mntr" + space + "XYZ ");
  view.setUint16(24, 2020);
  view.setUint16(26, 1);
  view.setUint16(28, 1);
  put(bytes, 36, "acsp");
  bytes.set(xyz([0.9642, 1, 0.8249]).subarray(8), 68);
  view.setUint32(128, all.length);
  all.forEach(([name, data], i) => {
    put(bytes, 132 + 12 * i, name);
    view.setUint32(136 + 12 * i, offset);
    view.setUint32(140 + 12 * i, data.length);
    bytes.set(data, offset);
    offset += Math.ceil(data.length / 4) * 4;
  });
  return bytes;
}

function put(bytes: Uint8Array, offset: number, ascii: string) {
  bytes.set(new TextEncoder().encode(ascii), offset);
}

function xyz(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(20);
  put(bytes, 0, "XYZ ");
  values.forEach((value, i) => new DataView(bytes.buffer).setInt32(8 + 4 * i, Math.round(value * 65536)));
  return bytes;
}

function gamma(value: number): Uint8Array {
  const bytes = new Uint8Array(14);
  put(bytes, 0, "curv");
  new DataView(bytes.buffer).setUint32(8, 1);
  new DataView(bytes.buffer).setUint16(12, Math.round(value * 256));
  return bytes;
}

function text(ascii: string): Uint8Array {
  const bytes = new Uint8Array(8 + ascii.length + 1);
  put(bytes, 0, "text");
  put(bytes, 8, ascii);
  return bytes;
}

function description(ascii: string): Uint8Array {
  const bytes = new Uint8Array(12 + ascii.length + 1 + 78);
  put(bytes, 0, "desc");
  new DataView(bytes.buffer).setUint32(8, ascii.length + 1);
  put(bytes, 12, ascii);
  return bytes;
}

/** Mean |a − b|. */
export function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`Cannot compare: ${a.length} samples with ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}
