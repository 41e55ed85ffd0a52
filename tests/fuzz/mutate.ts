/** Files of every format, and ways to damage them. All follows from the seed. */
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { Random } from "../../src/base/random.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { cameraExif, displayP3Profile, randomPhoto, travelExif } from "../image/photos.ts";

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Small valid files of each format and kind that can be read. */
export async function healthyFiles(seed: number): Promise<NamedFile[]> {
  const random = new Random(seed, 1);
  const files: NamedFile[] = [];
  const add = (name: string, bytes: Uint8Array) => files.push({ name, bytes: new Uint8Array(bytes) });
  const size = () => ({ width: 3 + random.below(40), height: 3 + random.below(40), seed: random.below(1e6) });
  for (const format of ["png", "jpeg", "webp", "tiff", "avif"] as const) {
    const kinds = [
      { texture: "smooth", exif: travelExif(6), icc: displayP3Profile() },
      { alpha: true, exif: cameraExif(3) },
      { grey: true, texture: "smooth" },
      { bits: 16 },
    ] as const;
    for (const [index, kind] of kinds.entries()) {
      const photo = {
        ...randomPhoto({ ...size(), ...kind }),
        ...kind,
        grey: "grey" in kind,
        alpha: undefined,
      };
      const { alpha } = randomPhoto({
        seed,
        width: photo.width,
        height: photo.height,
        alpha: "alpha" in kind,
      });
      add(`${format} ${index}`, await encodePhoto({ ...photo, alpha }, { format }));
    }
  }
  const { rgb, width, height } = randomPhoto({ ...size(), texture: "smooth" });
  const raw = sharp(rgb, { raw: { width, height, channels: 3 } });
  add("png palette", await raw.clone().png({ palette: true, colours: 8 }).toBuffer());
  add("png interlaced", await raw.clone().png({ progressive: true }).toBuffer());
  add("jpeg progressive", await raw.clone().jpeg({ progressive: true }).toBuffer());
  add("jpeg cmyk", await raw.clone().toColourspace("cmyk").jpeg().toBuffer());
  add("webp lossless", await raw.clone().webp({ lossless: true }).toBuffer());
  add(
    "tiff lzw",
    await raw.clone().tiff({ compression: "lzw", tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
  );
  add("tiff jpeg", await raw.clone().tiff({ compression: "jpeg" }).toBuffer());
  add(
    "tiff fax",
    await raw.clone().toColourspace("b-w").tiff({ compression: "ccittfax4", bitdepth: 1, predictor: "none" })
      .toBuffer(),
  );
  const stacked = new Uint8Array([...rgb, ...rgb.map((value) => 255 - value)]);
  const frames = sharp(stacked, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } });
  add("gif animated", await frames.clone().gif().toBuffer());
  add("webp animated", await frames.clone().webp({ lossless: true }).toBuffer());
  add("gif", await raw.clone().gif().toBuffer());
  return files;
}

/** Numbers that sizes and counts go wrong at. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A damaged copy, by one to a few of: flipped bits, edge numbers, a cut, a removed, repeated, zeroed or exchanged range, another file's tail. */
export function mutate(file: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = file.slice();
  for (let times = 1 + random.below(3); times > 0; times--) {
    const length = bytes.length;
    if (length === 0) return bytes;
    // Half of the damage goes to the first bytes, where headers are.
    const place = () => random.below(random.below(2) === 0 ? length : Math.min(length, 256));
    const from = place();
    const range = Math.min(length - from, 1 + random.below(64));
    switch (random.below(9)) {
      case 0:
      case 1:
        for (let flips = 1 + random.below(8); flips > 0; flips--) bytes[place()] ^= 1 << random.below(8);
        break;
      case 2: {
        const value = EDGES[random.below(EDGES.length)];
        const view = new DataView(bytes.buffer);
        const little = random.below(2) === 0;
        if (random.below(2) === 0 && from + 4 <= length) view.setUint32(from, value, little);
        else if (from + 2 <= length) view.setUint16(from, value & 0xffff, little);
        break;
      }
      case 3:
        bytes = bytes.slice(0, from);
        break;
      case 4:
        bytes = new Uint8Array([...bytes.subarray(0, from), ...bytes.subarray(from + range)]);
        break;
      case 5:
        bytes = new Uint8Array([...bytes.subarray(0, from + range), ...bytes.subarray(from)]);
        break;
      case 6:
        bytes.fill(random.below(2) * 255, from, from + range);
        break;
      case 7: {
        const to = random.below(length - range + 1);
        const [a, b] = [bytes.slice(from, from + range), bytes.slice(to, to + range)];
        bytes.set(b, from);
        bytes.set(a.subarray(0, Math.min(a.length, length - to)), to);
        break;
      }
      case 8:
        bytes = new Uint8Array([...bytes.subarray(0, from), ...other.subarray(random.below(other.length))]);
        break;
    }
  }
  return random.below(2) === 0 ? bytes : withChecksums(bytes);
}

/** With the checksums of PNG's chunks made right again: otherwise the first look at them would be the last at the file. */
function withChecksums(file: Uint8Array): Uint8Array {
  if (file[0] !== 0x89 || file[1] !== 0x50) return file;
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
  return bytes;
}
