/** Samples of a photo to a network's tile and back. */
import { type Photo, sampleMax } from "../image/photo.ts";
import type { Rows } from "./row_window.ts";
import { reflect } from "../tensor/shape.ts";
import type { Tile, TilePlan } from "./tiles.ts";

/**
 * Cuts a window out of the photo, reflected where it reaches outside.
 * @param rows all rows that the window shows.
 * @returns `[tileHeight, tileWidth, 3]`, 0..1.
 */
export function readTile({ rgb, firstRow }: Rows, plan: TilePlan, tile: Tile): Float32Array {
  const { width, height, tileWidth, tileHeight } = plan;
  const max = sampleMax(rgb);
  const columns = Int32Array.from({ length: tileWidth }, (_, x) => 3 * reflect(tile.x + x, width));
  const pixels = new Float32Array(tileHeight * tileWidth * 3);
  for (let y = 0, to = 0; y < tileHeight; y++) {
    const row = 3 * width * (reflect(tile.y + y, height) - firstRow);
    for (let x = 0; x < tileWidth; x++) {
      const from = row + columns[x];
      pixels[to++] = rgb[from] / max;
      pixels[to++] = rgb[from + 1] / max;
      pixels[to++] = rgb[from + 2] / max;
    }
  }
  return pixels;
}

export interface TileBlend {
  /** 0 leaves the photo as it was, 1 takes the network's result. */
  readonly strength: number;
  /** How many times larger each side comes out. */
  readonly scale: number;
  /**
   * What the tile supplies, enlarged without the network: samples of the photo's depth, [scale·keep's height, scale·keep's width, 3]. Needed where
   * the scale is not 1 and neither is the strength.
   */
  readonly enlarged?: Float32Array;
}

/**
 * Writes what a tile supplies into the photo's new samples: clamped to 0..1, blended with the old ones, rounded. Grey photos get the
 * mean of the three channels; pixels that are fully transparent keep their hidden colour (but not where the photo is enlarged: there
 * the hidden colours would show at the edges of what is seen).
 *
 * @param restored `[scale·tileHeight, scale·tileWidth, 3]` as the network gave it.
 * @param output 3·(scale·width)·(scale·height) samples, written only inside `tile.keep`; the photo's own are allowed where the scale is 1.
 * @param blend how it is put together with what was there before.
 * @throws {RangeError} where the network gave something that is no number: it must never become a black picture.
 */
export function writeTile(
  restored: Float32Array,
  photo: Photo,
  output: Uint8Array | Uint16Array,
  plan: TilePlan,
  tile: Tile,
  blend: TileBlend,
): void {
  const { rgb, grey, width } = photo;
  const { strength, scale, enlarged } = blend;
  const alpha = scale === 1 ? photo.alpha : undefined;
  const max = sampleMax(output);
  // The usual case has a way of its own, because it is as much work as a fast GPU has with the network.
  const plain = strength === 1 && !grey && !alpha;
  const [x0, x1, y0, y1] = [tile.keep.x0, tile.keep.x1, tile.keep.y0, tile.keep.y1].map((edge) =>
    edge * scale
  );
  const [left, top] = [tile.x * scale, tile.y * scale];
  // What a sample is blended with; at full strength it does not count.
  const before = (at: number, to: number) =>
    scale === 1 ? rgb[to] : enlarged ? clamp(enlarged[at] / max) * max : 0;
  for (let y = y0; y < y1; y++) {
    let from = 3 * ((y - top) * plan.tileWidth * scale + x0 - left);
    let to = 3 * (y * width * scale + x0);
    let at = 3 * (y - y0) * (x1 - x0);
    for (let x = x0; x < x1; x++, from += 3, to += 3, at += 3) {
      const r = restored[from];
      const g = restored[from + 1];
      const b = restored[from + 2];
      // Not finite exactly when one of them is not: their sum of float32 values cannot overflow a float64.
      if (!Number.isFinite(r + g + b)) {
        throw new RangeError(`the network's output at column ${x}, row ${y} is not a finite number`);
      }
      if (plain) {
        output[to] = clamp(r) * max + 0.5;
        output[to + 1] = clamp(g) * max + 0.5;
        output[to + 2] = clamp(b) * max + 0.5;
      } else if (alpha && alpha[to / 3] === 0) {
        for (let c = 0; c < 3; c++) output[to + c] = rgb[to + c];
      } else if (grey) {
        const mean = blended(before(at, to), (clamp(r) + clamp(g) + clamp(b)) / 3, max, strength);
        for (let c = 0; c < 3; c++) output[to + c] = mean;
      } else {
        output[to] = blended(before(at, to), clamp(r), max, strength);
        output[to + 1] = blended(before(at + 1, to + 1), clamp(g), max, strength);
        output[to + 2] = blended(before(at + 2, to + 2), clamp(b), max, strength);
      }
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

function blended(before: number, after: number, max: number, strength: number): number {
  return Math.round(before + strength * (after * max - before));
}
