/** Lets a photo be overwritten by its own result while tiles are still read from it. */
import type { Tile, TilePlan } from "./tiles.ts";

/** Rows of samples, of which the first is row `firstRow` of the photo. */
export interface Rows {
  readonly rgb: Uint8Array | Uint16Array;
  readonly firstRow: number;
}

/**
 * A copy of the rows that one row of tiles reads, as they were. It moves down the photo with the tiles; what later tiles need of rows that have been
 * overwritten in the meantime is still in it, because windows of neighbouring tiles overlap farther than their results reach.
 */
export class RowWindow {
  readonly #rgb: Uint8Array | Uint16Array;
  readonly #plan: TilePlan;
  readonly #copy: Uint8Array | Uint16Array;
  #first = 0;
  #end = 0;

  /** @param rgb 3·width·height samples. */
  constructor(rgb: Uint8Array | Uint16Array, plan: TilePlan) {
    this.#rgb = rgb;
    this.#plan = plan;
    const length = 3 * plan.width * Math.min(plan.tileHeight, plan.height);
    this.#copy = rgb instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
  }

  /** What the tile reads. Tiles are asked for in the order of the plan, each before any result of its own row of tiles or a later one is written. */
  rowsOf(tile: Tile): Rows {
    const { width, height, tileHeight } = this.#plan;
    const first = Math.max(tile.y, 0);
    const end = Math.min(tile.y + tileHeight, height);
    if (first !== this.#first || end !== this.#end) {
      const row = 3 * width;
      const kept = Math.max(this.#end - first, 0);
      if (kept > 0) this.#copy.copyWithin(0, (first - this.#first) * row, (this.#end - this.#first) * row);
      this.#copy.set(this.#rgb.subarray((first + kept) * row, end * row), kept * row);
      this.#first = first;
      this.#end = end;
    }
    return { rgb: this.#copy, firstRow: first };
  }
}
