/**
 * Cutting a photo into tiles whose results, put together, equal the result of the whole photo.
 *
 * The whole-image result is defined so: pad the photo by reflection with at least `margin` pixels on each side, up to a multiple of
 * `sizeMultiple(topology)`; run the network over that (zero 'same' padding at its border); cut the photo's part out. A tile is a window of the padded
 * photo at a multiple of that number, so that pooling falls on the same grid; of its result only what lies further than the
 * receptive radius from an inner edge is kept, because there the window's edge cannot be felt.
 */
import { receptiveRadius } from "../nn/graph.ts";
import { sizeMultiple, type UNetTopology } from "../nn/topology.ts";

/** Pixels of reflection around a photo: the network's own zero padding stays that far from what is kept. */
export const DEFAULT_MARGIN = 16;

/** Columns x0 ≤ x < x1 and rows y0 ≤ y < y1 of a photo. */
export interface TileArea {
  /** First column. */
  readonly x0: number;
  /** First row. */
  readonly y0: number;
  /** The column after the last. */
  readonly x1: number;
  /** The row after the last. */
  readonly y1: number;
}

/** One window of the padded photo, and the part of the photo that its result supplies. */
export interface Tile {
  /** Left and top of the window, in pixels of the photo; negative within the padding. */
  readonly x: number;
  readonly y: number;
  /** The part of the photo to take from this tile. */
  readonly keep: TileArea;
}

export interface TilePlan {
  readonly width: number;
  readonly height: number;
  /** Extents of every window, multiples of `sizeMultiple(topology)`: one shape for one photo. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Row by row; their `keep` parts cover the photo without overlap. */
  readonly tiles: readonly Tile[];
}

/**
 * Plans the tiles of a photo.
 *
 * @param tile largest side of a window, pixels. It is rounded down to the topology's multiple, and up to `smallestTile(topology)`.
 *   Windows are made smaller where as many of them suffice. `Infinity` gives one window: the whole-image result.
 */
export function planTiles(
  width: number,
  height: number,
  topology: UNetTopology,
  tile = 512,
  margin = DEFAULT_MARGIN,
): TilePlan {
  const multiple = sizeMultiple(topology);
  const overlap = overlapOf(topology);
  const columns = cutAxis(width, multiple, overlap, tile, roundUp(margin, multiple));
  const rows = cutAxis(height, multiple, overlap, tile, roundUp(margin, multiple));
  const tiles = rows.windows.flatMap((row) =>
    columns.windows.map((column) => ({
      x: column.start,
      y: row.start,
      keep: { x0: column.from, x1: column.to, y0: row.from, y1: row.to },
    }))
  );
  return { width, height, tileWidth: columns.extent, tileHeight: rows.extent, tiles };
}

/**
 * Smallest side that `planTiles` cuts windows with: two overlaps, and as much again between them to keep. With less to keep, the work would
 * grow beyond all measure (a window of 136 pixels keeps 8² of them where the overlap is 64), and memory would hardly shrink.
 */
export function smallestTile(topology: UNetTopology): number {
  return SMALLEST * overlapOf(topology);
}

/** Sides of smallest windows in overlaps: at most the square of that is computed for each pixel that is kept. */
const SMALLEST = 3;

/** How far a window's inner edges are from what is kept: the receptive radius, on the grid of the pooling. */
function overlapOf(topology: UNetTopology): number {
  return roundUp(receptiveRadius(topology), sizeMultiple(topology));
}

interface Window {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

function cutAxis(size: number, multiple: number, overlap: number, tile: number, margin: number) {
  const padded = roundUp(size + 2 * margin, multiple);
  const largest = Math.max(Math.floor(tile / multiple) * multiple, SMALLEST * overlap);
  if (padded <= largest) return { extent: padded, windows: [{ start: -margin, from: 0, to: size }] };
  // Each window but the outer two keeps its extent less two overlaps; the outer ones keep their outer overlap as well.
  const count = Math.ceil((padded - 2 * overlap) / (largest - 2 * overlap));
  const step = roundUp((padded - 2 * overlap) / count, multiple);
  const extent = step + 2 * overlap;
  const windows: Window[] = [];
  for (let start = 0, from = 0; from < padded; start += step) {
    const clamped = Math.min(start, padded - extent);
    const to = clamped + extent >= padded ? padded : clamped + extent - overlap;
    const [first, last] = [Math.max(from - margin, 0), Math.min(to - margin, size)];
    if (first < last) windows.push({ start: clamped - margin, from: first, to: last });
    from = to;
  }
  return { extent, windows };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
