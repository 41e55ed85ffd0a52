/** A look into a built data set: some of its pairs on one picture. */
import type { DatasetDescription } from "./dataset_file.ts";
import { readPicture } from "./picture_reader.ts";

/** Pairs on a sheet, and in one of its rows. */
const PAIRS = 12;
const PAIRS_IN_ROW = 3;
/** Largest side of a tile, pixels: the middle is shown unscaled, since scaling hides damage. */
const TILE = 192;
/** Pixels between the two tiles of a pair, and around pairs. */
const INNER = 2;
const OUTER = 12;

/**
 * Draws up to twelve pairs, evenly spread over the set, the low side on the left of each.
 * @returns a JPEG file.
 * @throws {UserError} where the set's files cannot be read.
 */
export async function contactSheet(dir: string, description: DatasetDescription): Promise<Uint8Array> {
  const { count, size } = description;
  const shown = Math.min(count, PAIRS);
  const tile = Math.min(size, TILE);
  const columns = Math.min(shown, PAIRS_IN_ROW);
  const [stepX, stepY] = [2 * tile + INNER + OUTER, tile + OUTER];
  const { default: sharp } = await import("sharp");
  const corner = (size - tile) >> 1;
  const tiles = [];
  for (let i = 0; i < shown; i++) {
    const { high, low } = await readPicture(dir, description, Math.floor(i * count / shown));
    for (const [side, rgb] of [low, high].entries()) {
      const input = await sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
        .extract({ left: corner, top: corner, width: tile, height: tile }).png().toBuffer();
      tiles.push({
        input,
        left: OUTER + (i % columns) * stepX + side * (tile + INNER),
        top: OUTER + Math.floor(i / columns) * stepY,
      });
    }
  }
  const sheet = sharp({
    create: {
      width: OUTER + columns * stepX,
      height: OUTER + Math.ceil(shown / columns) * stepY,
      channels: 3,
      background: { r: 32, g: 32, b: 32 },
    },
  });
  const jpeg = await sheet.composite(tiles).jpeg({ quality: 92, chromaSubsampling: "4:4:4" }).toBuffer();
  return new Uint8Array(jpeg.buffer, jpeg.byteOffset, jpeg.length);
}
