/** A photo through a network, or several, tile by tile. */
import type { Photo } from "../image/photo.ts";
import { UserError } from "../base/errors.ts";
import { enlargeArea, enlargeBicubic, enlargedPhoto } from "./enlarge.ts";
import { type TileNetwork, TileTooLargeError } from "./network.ts";
import { runSelfEnsemble } from "./self_ensemble.ts";
import { type Rows, RowWindow } from "./row_window.ts";
import { readTile, type TileBlend, writeTile } from "./tile_pixels.ts";
import { planTiles, smallestTile, type Tile, type TileArea, type TilePlan } from "./tiles.ts";
import { fillTransparent } from "./transparency.ts";

/** How a photo is enhanced. */
export interface EnhanceOptions {
  /** 0 leaves the photo as it was, 1 (the default) takes the network's result, between is a blend. */
  readonly strength?: number;
  /** Largest side of a tile, pixels; the network's preferred one by default. Does not change the result. */
  readonly tile?: number;
  /** Averages over the eight flips and turns: a little better, eight times the work. */
  readonly selfEnsemble?: boolean;
  /** Called after each tile. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called after each tile (of the last network) with the part of the result that it supplied and the result's samples so far; do not change them. */
  readonly onTile?: (area: TileArea, rgb: Uint8Array | Uint16Array) => void;
  /** Stops between two tiles. */
  readonly signal?: AbortSignal;
}

/** What only the owner of the photo can allow. */
export interface OwnedPhotoOptions extends EnhanceOptions {
  /**
   * Writes the result into the photo's own samples where the size stays: no second copy of the photo is in memory. Where the memory does not suffice
   * for the tiles after some are written, it throws `TileTooLargeError`, and the photo is lost.
   */
  readonly inPlace?: boolean;
}

/**
 * Restores a photo. Depth, alpha, profile and metadata stay as they are, and so does the size unless the network enlarges; grey photos stay grey, those that are stored as RGB as well.
 * Besides the photo and its result only a few tiles are in memory (and one more copy of the photo where it has fully transparent pixels).
 *
 * @param network one, or several that the photo goes through in order, rounded to its depth between them.
 * @throws {UserError} where the network's output is not finite, the memory does not suffice for the smallest tile, or an option is out of range.
 * @throws the signal's reason where it is aborted.
 */
export async function enhancePhoto(
  photo: Photo,
  network: TileNetwork | readonly TileNetwork[],
  options: OwnedPhotoOptions = {},
): Promise<Photo> {
  const networks = "run" in network ? [network] : network;
  let result = photo;
  for (const [index, each] of networks.entries()) {
    result = await enhanceOnce(result, each, {
      ...options,
      onTile: index === networks.length - 1 ? options.onTile : undefined,
      // As if all took the same time.
      onProgress: (done, total) => options.onProgress?.(index * total + done, networks.length * total),
    });
  }
  return result;
}

async function enhanceOnce(photo: Photo, network: TileNetwork, options: OwnedPhotoOptions): Promise<Photo> {
  const { strength = 1, tile = network.preferredTile, inPlace = false, signal } = options;
  if (!(strength >= 0 && strength <= 1)) {
    throw new UserError(`Cannot enhance: strength must be from 0 to 1, got ${strength}`, { exitCode: 2 });
  }
  if (!(tile >= 1)) {
    throw new UserError(`Cannot enhance: tile must be at least 1 pixel, got ${tile}`, { exitCode: 2 });
  }
  if (network.topology.channels !== 3) {
    throw new UserError(`Cannot enhance: the model has ${network.topology.channels} channels, photos need 3`);
  }
  signal?.throwIfAborted();
  const { scale } = network.topology;
  if (strength === 0) return scale === 1 ? photo : enlargeBicubic(photo, scale);
  const source = photo.alpha ? fillTransparent(photo.rgb, photo.alpha, photo.width, photo.height) : photo.rgb;
  // A photo without colour gets none, also where its file could hold some.
  const seen = photo.grey || !isColourless(source) ? photo : { ...photo, grey: true };
  const samples = photo.rgb.length * scale ** 2;
  const output = inPlace && scale === 1
    ? photo.rgb
    : photo.rgb instanceof Uint16Array
    ? new Uint16Array(samples)
    : new Uint8Array(samples);
  let written = false;

  for (let size = tile;;) {
    const plan = planTiles(photo.width, photo.height, network.topology, size);
    try {
      const window = source === output ? new RowWindow(source, plan) : undefined;
      const rowsOf = (tile: Tile) => window ? window.rowsOf(tile) : { rgb: source, firstRow: 0 };
      await runTiles(seen, rowsOf, output, plan, network, {
        ...options,
        onTile: (area, rgb) => {
          written = true;
          options.onTile?.(area, rgb);
        },
      });
      return scale === 1 ? { ...photo, rgb: output } : enlargedPhoto(photo, scale, output);
    } catch (error) {
      if (!(error instanceof TileTooLargeError) || (written && output === photo.rgb)) throw error;
      if (size <= smallestTile(network.topology)) {
        throw new UserError(
          `Cannot enhance: not enough memory on ${network.device} for a tile of ${plan.tileWidth}×${plan.tileHeight}, ` +
            `the smallest for this model; close other programs or try --device cpu`,
          { cause: error },
        );
      }
      // Half of what was tried, not of what was allowed: that may be far more than the photo, and half of Infinity is no less.
      size = Math.max(plan.tileWidth, plan.tileHeight) / 2;
    }
  }
}

/** True where R = G = B everywhere. */
function isColourless(rgb: Uint8Array | Uint16Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) {
    if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  }
  return true;
}

/** An area of the photo in pixels of the result. */
function scaled({ x0, x1, y0, y1 }: TileArea, scale: number): TileArea {
  return { x0: x0 * scale, x1: x1 * scale, y0: y0 * scale, y1: y1 * scale };
}

/**
 * Fills `output`. While the network works on a tile, or on as many as it takes at once, the result before them is written and the pixels after
 * them are read.
 */
async function runTiles(
  photo: Photo,
  rowsOf: (tile: Tile) => Rows,
  output: Uint8Array | Uint16Array,
  plan: TilePlan,
  network: TileNetwork,
  options: EnhanceOptions,
): Promise<void> {
  const { strength = 1, selfEnsemble = false, onProgress, onTile, signal } = options;
  const { tiles, tileHeight, tileWidth } = plan;
  const { scale } = network.topology;
  const read = (index: number) => {
    const rows = rowsOf(tiles[index]);
    const pixels = readTile(rows, plan, tiles[index]);
    // What enlarges has its result beside the photo, so the rows are all of it.
    const enlarged = scale === 1 || strength === 1
      ? undefined
      : enlargeArea(rows.rgb, photo.width, photo.height, scale, 3, scaled(tiles[index].keep, scale));
    return { pixels, blend: { strength, scale, enlarged } };
  };
  const write = (index: number, restored: Float32Array, blend: TileBlend) => {
    try {
      writeTile(restored, photo, output, plan, tiles[index], blend);
    } catch (error) {
      throw new UserError(
        `Cannot enhance on ${network.device}: ${(error as Error).message}; try --device cpu or another model`,
        { cause: error },
      );
    }
    onTile?.(scaled(tiles[index].keep, scale), output);
    onProgress?.(index + 1, tiles.length);
  };
  let next = read(0);
  const underWay: { index: number; running: Promise<Float32Array>; blend: TileBlend }[] = [];
  let finished: { index: number; restored: Float32Array; blend: TileBlend } | undefined;
  const finish = async () => {
    const { index, running, blend } = underWay[0];
    finished = { index, restored: await running, blend };
    underWay.shift();
  };
  const writeFinished = () => {
    if (finished) write(finished.index, finished.restored, finished.blend);
    finished = undefined;
  };
  try {
    for (let index = 0; index < tiles.length; index++) {
      signal?.throwIfAborted();
      const { pixels, blend } = next;
      const running = selfEnsemble
        ? runSelfEnsemble(network, pixels, tileHeight, tileWidth)
        : network.run(pixels, tileHeight, tileWidth);
      // One that fails before its turn has come is not unheard.
      running.catch(() => {});
      underWay.push({ index, running, blend });
      writeFinished();
      if (index + 1 < tiles.length) next = read(index + 1);
      if (underWay.length >= (network.concurrency ?? 1)) await finish();
    }
    while (underWay.length > 0) {
      writeFinished();
      await finish();
    }
    writeFinished();
  } catch (error) {
    await Promise.allSettled(underWay.map(({ running }) => running));
    throw error;
  }
}
