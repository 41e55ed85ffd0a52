/** From an original, and its own low side where that is wanted, to the two squares of a data set. */
import { UserError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { Candidate } from "./candidates.ts";
import { decodeRgb, decodeSquare, type Fit, photoFacts, squareOf } from "./decode.ts";
import { degrade } from "../degrade/degrade.ts";
import { jpegThroughSharp } from "../degrade/jpeg_sharp.ts";
import { enlargeTo } from "./enlarge.ts";
import { Gate } from "./in_order.ts";
import type { PhotoFile } from "./photo_files.ts";
import type { Picture } from "./picture_writer.ts";
import type { Recipe } from "../degrade/recipe.ts";

/** Pixels of originals decoded in full at a time; a pixel takes up to 30 bytes while its low side is enlarged. */
const PIXELS_IN_FLIGHT = 32e6;
/** Larger originals of pairs are left out. */
const MOST_PIXELS = 64e6;

export interface PreparedPicture extends Picture {
  /** Width and height of the original. */
  readonly size: readonly [number, number];
  /** True where the original's file holds a single channel. */
  readonly grey: boolean;
}

/** Makes pictures of `size` pixels a side; what is done to one depends on the seed and the candidate's number alone. */
export class PicturePreparer {
  readonly #gate = new Gate(PIXELS_IN_FLIGHT);
  constructor(
    readonly size: number,
    readonly fit: Fit,
    readonly recipe: Recipe,
    readonly seed: number,
  ) {}

  /** @throws {UserError} where a file is damaged, too small, or the two do not belong together. */
  async prepare({ number, high, low }: Candidate): Promise<PreparedPicture> {
    const { size, fit, recipe, seed } = this;
    const bytes = await high.unpack();
    const { width, height, grey } = await photoFacts(high.name, bytes);
    const random = new Random(seed, number);
    const damaged = (rgb: Uint8Array) =>
      degrade(rgb, size, size, recipe.sample(random), random, jpegThroughSharp);
    if (!low) {
      const square = await decodeSquare(high.name, size, { bytes, fit });
      return { high: square, low: await damaged(square), size: [width, height], grey };
    }
    if (width * height > MOST_PIXELS) {
      throw new UserError(`The photo '${high.name}' has ${width}×${height} pixels, too many for a pair`);
    }
    return await this.#gate.run(width * height, async () => {
      const squares = await this.#pair(high, bytes, low);
      return { high: squares.high, low: await damaged(squares.low), size: [width, height], grey };
    });
  }

  /** Both sides go through the same steps from their pixels on, so that nothing but the data's own damage lies between them. */
  async #pair(high: PhotoFile, bytes: Uint8Array | undefined, low: PhotoFile): Promise<Picture> {
    const { size, fit } = this;
    const original = await decodeRgb(high.name, bytes);
    const lowBytes = await low.unpack();
    const { width, height } = await photoFacts(low.name, lowBytes);
    if (width > original.width || height > original.height) {
      throw new UserError(
        `The low side '${low.name}' has ${width}×${height} pixels, more than its original's ${original.width}×${original.height}`,
      );
    }
    const twin = enlargeTo(low.name, await decodeRgb(low.name, lowBytes), original.width, original.height);
    return {
      high: await squareOf(high.name, original, size, fit),
      low: await squareOf(low.name, twin, size, fit),
    };
  }
}
