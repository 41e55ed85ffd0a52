/**
 * NumPy's .npy files (format version 1.0, numpy/lib/format.py) of uint8 in C order: what `numpy.load(path, mmap_mode='r')` opens.
 * Written and read item by item, an item being a slice along the first axis, so that memory does not grow with the file.
 */
import { UserError } from "../base/errors.ts";
import { reasonOf } from "./decode.ts";

/** Room for the header, which is written again once the number of items is known; a multiple of 64, as the format wants. */
const HEADER_BYTES = 128;
/** \x93NUMPY, then the version's two bytes. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** No sensible header is longer; a damaged length field may claim so. */
const LONGEST_HEADER = 65_536;

/** What a file's header says. */
export interface NpyHeader {
  /** Extents; the first one counts the items. */
  readonly shape: readonly number[];
  /** Byte at which the first item starts. */
  readonly offset: number;
  /** Bytes of an item. */
  readonly itemBytes: number;
}

function headerOf(shape: readonly number[]): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${extents}), }`;
  const header = new Uint8Array(HEADER_BYTES).fill(0x20);
  header.set([...MAGIC, 1, 0, HEADER_BYTES - 10, 0]); // the length of what follows, little-endian
  header.set(new TextEncoder().encode(text), 10);
  header[HEADER_BYTES - 1] = 0x0a;
  return header;
}

/** Writes a .npy file item by item. The file is valid only after `finish`. */
export class NpyWriter implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #itemShape: readonly number[];
  readonly #itemBytes: number;
  #items = 0;

  private constructor(file: Deno.FsFile, itemShape: readonly number[]) {
    this.#file = file;
    this.#itemShape = itemShape;
    this.#itemBytes = itemShape.reduce((product, extent) => product * extent, 1);
  }

  /**
   * Starts a new file.
   * @param itemShape extents of an item, e.g. [256, 256, 3] for a file of N×256×256×3.
   */
  static async create(path: string, itemShape: readonly number[]): Promise<NpyWriter> {
    return await NpyWriter.#start(await Deno.open(path, { write: true, createNew: true }), itemShape, 0);
  }

  /**
   * Goes on with a file that was not finished, or starts one.
   * @param keep items that shall be kept; the file may hold fewer, see `count`.
   */
  static async open(path: string, itemShape: readonly number[], keep: number): Promise<NpyWriter> {
    return await NpyWriter.#start(await Deno.open(path, { write: true, create: true }), itemShape, keep);
  }

  static async #start(file: Deno.FsFile, itemShape: readonly number[], keep: number): Promise<NpyWriter> {
    try {
      const writer = new NpyWriter(file, itemShape);
      const { size } = await file.stat();
      if (size < HEADER_BYTES) await writeAll(file, new Uint8Array(HEADER_BYTES));
      await writer.truncate(
        Math.max(0, Math.min(keep, Math.floor((size - HEADER_BYTES) / writer.#itemBytes))),
      );
      return writer;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Items written, those of an earlier run included. */
  get count(): number {
    return this.#items;
  }

  /** Drops all items but the first ones. */
  async truncate(items: number): Promise<void> {
    const end = HEADER_BYTES + items * this.#itemBytes;
    await this.#file.truncate(end);
    await this.#file.seek(end, Deno.SeekMode.Start);
    this.#items = items;
  }

  /** Appends an item. @throws {RangeError} where it has not the items' size. */
  async write(item: Uint8Array): Promise<void> {
    if (item.length !== this.#itemBytes) {
      throw new RangeError(`Cannot write to .npy: an item has ${this.#itemBytes} bytes, got ${item.length}`);
    }
    await writeAll(this.#file, item);
    this.#items++;
  }

  /** Flushes the items to the disk; the file stays unfinished. */
  async sync(): Promise<void> {
    await this.#file.syncData();
  }

  /** Writes the header and flushes the file to the disk. */
  async finish(): Promise<void> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    await writeAll(this.#file, headerOf([this.#items, ...this.#itemShape]));
    await this.#file.sync();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Reads and checks the header of a .npy file of uint8 in C order.
 * @throws {UserError} where the file is none, is damaged or cut off.
 */
export async function readNpyHeader(path: string): Promise<NpyHeader> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const start = await readExactly(file, 12);
    if (MAGIC.some((byte, i) => start[i] !== byte)) throw new Error("it is no .npy file");
    const [major] = start.subarray(6);
    if (major !== 1 && major !== 2) {
      throw new Error(`it has version ${major} of the format, this program reads 1 and 2`);
    }
    const view = new DataView(start.buffer);
    const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
    const begin = major === 1 ? 10 : 12;
    if (length > LONGEST_HEADER) throw new Error("its header is damaged");
    await file.seek(begin, Deno.SeekMode.Start);
    const shape = parseHeader(new TextDecoder().decode(await readExactly(file, length)));
    const itemBytes = shape.slice(1).reduce((product, extent) => product * extent, 1);
    const offset = begin + length;
    if (size !== offset + shape[0] * itemBytes) {
      throw new Error(
        `it has ${size} bytes where its shape ${shape.join("×")} wants ${
          offset + shape[0] * itemBytes
        }: it is cut off or damaged`,
      );
    }
    return { shape, offset, itemBytes };
  } catch (error) {
    throw new UserError(`Cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

/** The shape in a header's Python dictionary. */
function parseHeader(text: string): number[] {
  const type = text.match(/'descr'\s*:\s*'([^']*)'/)?.[1];
  const order = text.match(/'fortran_order'\s*:\s*(True|False)/)?.[1];
  const shape = text.match(/'shape'\s*:\s*\(([\d,\s]*)\)/)?.[1];
  if (type === undefined || order === undefined || shape === undefined) {
    throw new Error("its header is damaged");
  }
  if (!/^[|<>=]?u1$/.test(type)) throw new Error(`it holds ${type}, wanted are bytes (|u1)`);
  if (order === "True") throw new Error("it is in Fortran order, wanted is C order");
  const extents = shape.split(",").map((extent) => extent.trim()).filter(Boolean).map(Number);
  if (extents.length === 0) throw new Error("it holds a single number");
  return extents;
}

/** Reads the item at `index`. @throws {UserError} where the file went away or became shorter. */
export async function readNpyItem(path: string, header: NpyHeader, index: number): Promise<Uint8Array> {
  if (!(Number.isInteger(index) && index >= 0 && index < header.shape[0])) {
    throw new RangeError(`Cannot read item ${index} of ${header.shape[0]} in '${path}'`);
  }
  try {
    using file = await Deno.open(path);
    await file.seek(header.offset + index * header.itemBytes, Deno.SeekMode.Start);
    return await readExactly(file, header.itemBytes);
  } catch (error) {
    throw new UserError(`Cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

async function readExactly(file: Deno.FsFile, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const got = await file.read(bytes.subarray(done));
    if (got === null) throw new Error("it is cut off");
    done += got;
  }
  return bytes;
}
