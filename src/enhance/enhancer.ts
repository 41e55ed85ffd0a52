/** A photo through a network, tile by tile. */
import type { Photo } from "../image/photo.ts";
import { UserError } from "../base/errors.ts";
import { type TileNetwork, TileTooLargeError } from "./network.ts";
import { runSelfEnsemble } from "./self_ensemble.ts";
import { readTile, writeTile } from "./tile_pixels.ts";
import { planTiles, smallestTile, type TileArea, type TilePlan } from "./tiles.ts";
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
  /** Called after each tile with the part of the photo that it supplied and the samples so far, 3·width·height; do not change them. */
  readonly onTile?: (area: TileArea, rgb: Uint8Array | Uint16Array) => void;
  /** Stops between two tiles. */
  readonly signal?: AbortSignal;
}

/**
 * Restores a photo. Size, depth, alpha, profile and metadata stay as they are; grey photos stay grey. Besides the photo and its result
 * only a few tiles are in memory (and one more copy of the photo where it has fully transparent pixels).
 *
 * @throws {UserError} where the network's output is not finite, the memory does not suffice for the smallest tile, or an option is out of range.
 * @throws the signal's reason where it is aborted.
 */
export async function enhancePhoto(
  photo: Photo,
  network: TileNetwork,
  options: EnhanceOptions = {},
): Promise<Photo> {
  const { strength = 1, tile = network.preferredTile, signal } = options;
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
  if (strength === 0) return photo;
  const source = photo.alpha ? fillTransparent(photo.rgb, photo.alpha, photo.width, photo.height) : photo.rgb;
  const output = photo.rgb instanceof Uint16Array
    ? new Uint16Array(photo.rgb.length)
    : new Uint8Array(photo.rgb.length);

  for (let size = tile;; size /= 2) {
    const plan = planTiles(photo.width, photo.height, network.topology, size);
    try {
      await runTiles(photo, source, output, plan, network, options);
      return { ...photo, rgb: output };
    } catch (error) {
      if (!(error instanceof TileTooLargeError)) throw error;
      if (size <= smallestTile(network.topology)) {
        throw new UserError(
          `Cannot enhance: not enough memory on ${network.device} for a tile of ${plan.tileWidth}×${plan.tileHeight}, ` +
            `the smallest for this model; close other programs or try --device cpu`,
          { cause: error },
        );
      }
    }
  }
}

/** Fills `output`. While the network works on a tile, the result before it is written and the pixels after it are read. */
async function runTiles(
  photo: Photo,
  source: Uint8Array | Uint16Array,
  output: Uint8Array | Uint16Array,
  plan: TilePlan,
  network: TileNetwork,
  options: EnhanceOptions,
): Promise<void> {
  const { strength = 1, selfEnsemble = false, onProgress, onTile, signal } = options;
  const { tiles, tileHeight, tileWidth } = plan;
  const write = (index: number, restored: Float32Array) => {
    try {
      writeTile(restored, photo, output, plan, tiles[index], strength);
    } catch (error) {
      throw new UserError(
        `Cannot enhance on ${network.device}: ${(error as Error).message}; try --device cpu or another model`,
        { cause: error },
      );
    }
    onTile?.(tiles[index].keep, output);
    onProgress?.(index + 1, tiles.length);
  };
  let pixels = readTile(source, plan, tiles[0]);
  let finished: Float32Array | undefined;
  for (let index = 0; index < tiles.length; index++) {
    signal?.throwIfAborted();
    const running = selfEnsemble
      ? runSelfEnsemble(network, pixels, tileHeight, tileWidth)
      : network.run(pixels, tileHeight, tileWidth);
    try {
      if (finished) write(index - 1, finished);
      if (index + 1 < tiles.length) pixels = readTile(source, plan, tiles[index + 1]);
    } catch (error) {
      await running.catch(() => {});
      throw error;
    }
    finished = await running;
  }
  write(tiles.length - 1, finished!);
}
