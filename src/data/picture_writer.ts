/** Writes the pictures of a data set, both sides, and can go on with what an earlier run has written. */
import { type DatasetFormat, pictureName, sideName } from "./dataset_file.ts";
import { NpyWriter } from "./npy.ts";

/** One picture of a set: size·size·3 samples each. */
export interface Picture {
  readonly high: Uint8Array;
  readonly low: Uint8Array;
}

export interface PictureWriter extends Disposable {
  /** Pictures that are there already. */
  readonly count: number;
  /** Appends a picture. */
  write(picture: Picture): Promise<void>;
  /** Flushes to the disk what was written. */
  sync(): Promise<void>;
  /** Makes the files whole. */
  finish(): Promise<void>;
}

/**
 * Opens the files of a set, or makes them.
 * @param keep pictures that shall be there; all further ones are dropped. Fewer may be: see `count`.
 */
export async function openPictureWriter(
  dir: string,
  format: DatasetFormat,
  size: number,
  keep: number,
): Promise<PictureWriter> {
  const [highPath, lowPath] = (["high", "low"] as const).map((side) =>
    `${dir}/${sideName(side, { format, size })}`
  );
  if (format === "png") return await openPngWriter(highPath, lowPath, size, keep);
  const shape = [size, size, 3];
  const high = await NpyWriter.open(highPath, shape, keep);
  const low = await NpyWriter.open(lowPath, shape, high.count);
  if (low.count < high.count) await high.truncate(low.count);
  return {
    count: low.count,
    async write(picture) {
      await high.write(picture.high);
      await low.write(picture.low);
    },
    async sync() {
      await high.sync();
      await low.sync();
    },
    async finish() {
      await high.finish();
      await low.finish();
    },
    [Symbol.dispose]() {
      high[Symbol.dispose]();
      low[Symbol.dispose]();
    },
  };
}

async function openPngWriter(high: string, low: string, size: number, keep: number): Promise<PictureWriter> {
  await Deno.mkdir(high, { recursive: true });
  await Deno.mkdir(low, { recursive: true });
  const { default: sharp } = await import("sharp");
  let count = 0;
  const whole = async (path: string) => await Deno.stat(path).then(({ size }) => size > 0, () => false);
  while (
    count < keep && await whole(`${high}/${pictureName(count)}`) &&
    await whole(`${low}/${pictureName(count)}`)
  ) {
    count++;
  }
  // What comes after is written anew or not wanted.
  for (const dir of [high, low]) {
    for (let index = count; await whole(`${dir}/${pictureName(index)}`); index++) {
      await Deno.remove(`${dir}/${pictureName(index)}`);
    }
  }
  let next = count;
  let unflushed: string[] = [];
  const save = async (rgb: Uint8Array, path: string) => {
    await sharp(rgb, { raw: { width: size, height: size, channels: 3 } }).png().toFile(path);
    unflushed.push(path);
  };
  const sync = async () => {
    // All at once: file systems put many files on the disk in one go.
    await Promise.all(unflushed.map(async (path) => {
      using file = await Deno.open(path, { read: true, write: true });
      await file.sync();
    }));
    unflushed = [];
  };
  return {
    count,
    async write(picture) {
      await save(picture.high, `${high}/${pictureName(next)}`);
      await save(picture.low, `${low}/${pictureName(next)}`);
      next++;
    },
    ...{ sync, finish: sync },
    [Symbol.dispose]: () => {},
  };
}
