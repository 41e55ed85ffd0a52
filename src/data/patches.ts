/** Training patches: cut, degraded and turned, each decided by the seed, the step and its place in the batch. */
import { UserError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { cropReflected, writePatch } from "../image/crop.ts";
import { degrade, degradeMargin } from "../degrade/degrade.ts";
import type { JpegRoundTrip } from "../degrade/jpeg_canvas.ts";
import type { PhotoSource } from "./photo_source.ts";
import type { Recipe, Step } from "../degrade/recipe.ts";

export interface PatchOptions {
  /** Side of a degraded patch in pixels; the clean one is `recipe.scale` times as large. */
  readonly patch: number;
  /** Patches in a batch. */
  readonly batch: number;
  readonly seed: number;
  /** Numbers of the photos to use; all by default. */
  readonly indices?: readonly number[];
  /** What to do to the patches; a source of pairs needs none and takes its own twins then. */
  readonly recipe?: Recipe;
  /** What does the recipe's `jpeg` steps; a page's own codec by default. */
  readonly jpeg?: JpegRoundTrip;
  /** The side of a pair that the recipe damages: `high` makes the low side anew, `low` adds to what it has. `high` by default. */
  readonly onto?: "high" | "low";
  /** Flip and turn at random. True by default. */
  readonly augment?: boolean;
  /** `area`: any place of any photo is equally likely; `each`: item i comes from the i-th photo, round and round. `area` by default. */
  readonly choose?: "area" | "each";
}

/** Degraded patches [batch, patch, patch, 3] and clean ones [batch, scale·patch, scale·patch, 3], sRGB-encoded 0..1. */
export interface PatchBatch {
  readonly input: Float32Array<ArrayBuffer>;
  readonly target: Float32Array<ArrayBuffer>;
}

/** Places drawn for a training patch, of which the most detailed is cut. */
const CANDIDATES = 2;
/** A broken photo is passed over for another; so many in a row mean that something else is wrong. */
const MAX_REDRAWS = 20;

/** Batches by number: batch s is the same whenever and in whatever order it is asked for. */
export class PatchStream {
  readonly #source: PhotoSource;
  readonly #options: PatchOptions;
  readonly #indices: readonly number[];
  /** Running sums of the photos' areas, to draw by area. */
  readonly #areas: Float64Array;

  /** @throws {UserError} where there is nothing to cut from or neither recipe nor pairs. */
  constructor(source: PhotoSource, options: PatchOptions) {
    const { patch, batch } = options;
    if (!(Number.isInteger(patch) && patch > 0 && Number.isInteger(batch) && batch > 0)) {
      throw new RangeError(`Cannot cut patches: ${batch} of ${patch} pixels is not a batch`);
    }
    if (!options.recipe && !source.paired) {
      throw new UserError("Plain photos need a degradation recipe: give one, e.g. --degrade photo");
    }
    this.#source = source;
    this.#options = options;
    this.#indices = options.indices ?? source.photos.map((_, index) => index);
    if (this.#indices.length === 0) {
      throw new UserError("There is no photo to cut patches from: give more photos");
    }
    let sum = 0;
    this.#areas = Float64Array.from(this.#indices, (index) => {
      const { width, height } = source.photos[index];
      return sum += width * height;
    });
  }

  /** The batch of a step, counted from 0. */
  async batch(step: number): Promise<PatchBatch> {
    const { batch, patch } = this.#options;
    const input = new Float32Array(batch * patch * patch * 3);
    const target = new Float32Array(input.length * (this.#options.recipe?.scale ?? 1) ** 2);
    const items = Array.from({ length: batch }, (_, item) => this.#fill(step, item, input, target));
    // A failure waits for the others too: nothing is left at work.
    const failed = (await Promise.allSettled(items)).find(({ status }) => status === "rejected");
    if (failed) throw (failed as PromiseRejectedResult).reason;
    return { input, target };
  }

  async #fill(step: number, item: number, input: Float32Array, target: Float32Array): Promise<void> {
    const { seed, batch, patch, recipe, jpeg, onto = "high", augment = true } = this.#options;
    const scale = recipe?.scale ?? 1;
    const side = patch * scale;
    const random = new Random(seed, step, item);
    const { index, high, low } = await this.#draw(random, step * batch + item);
    const { width, height } = this.#source.photos[index];
    // Multiples of the scale, so that the small patch's pixels are those of the small photo.
    const place = () => ({
      left: scale * random.below(Math.floor(Math.max(width - side, 0) / scale) + 1),
      top: scale * random.below(Math.floor(Math.max(height - side, 0) / scale) + 1),
    });
    const candidates = Array.from({ length: augment ? CANDIDATES : 1 }, place);
    const { left, top } = mostDetailed(high, width, height, side, candidates);
    const turn = augment ? random.below(8) : 0;
    const at = item * patch * patch * 3;

    if (!recipe) {
      const cut = (pixels: Uint8Array) =>
        cropReflected(pixels, width, height, { left, top, width: patch, height: patch });
      writePatch(input, at, patch, { rgb: cut(low!), width: patch, left: 0, top: 0 }, turn);
      writePatch(target, at, patch, { rgb: cut(high), width: patch, left: 0, top: 0 }, turn);
      return;
    }
    const steps = recipe.sample(random);
    const margin = degradeMargin(steps);
    const start = jpegGridStart(steps, scale, margin, random);
    const [x, y] = [start(left), start(top)];
    // Past the photo's edge there is nothing to see, so that steps meet the edge as they do on the whole photo.
    const end = (extent: number) => Math.max(extent - extent % scale, side);
    const right = Math.min(left + side + margin, end(width));
    const bottom = Math.min(top + side + margin, end(height));
    const area = { left: x, top: y, width: right - x, height: bottom - y };
    const clean = cropReflected(high, width, height, area);
    const base = onto === "low" && low ? cropReflected(low, width, height, area) : clean;
    const damaged = await degrade(base, area.width, area.height, steps, random, jpeg);
    const corner = { left: left - x, top: top - y };
    writePatch(target, at * scale ** 2, side, { rgb: clean, width: area.width, ...corner }, turn);
    const small = { width: area.width / scale, left: corner.left / scale, top: corner.top / scale };
    writePatch(input, at, patch, { rgb: damaged, ...small }, turn);
  }

  async #draw(random: Random, count: number) {
    for (let redraw = 0;; redraw++) {
      const place = this.#options.choose === "each"
        ? (count + redraw) % this.#indices.length
        : this.#byArea(random.uniform());
      const index = this.#indices[place];
      try {
        return { index, ...await this.#source.load(index) };
      } catch (error) {
        if (!(error instanceof UserError) || redraw === MAX_REDRAWS) throw error;
      }
    }
  }

  /** Place of the photo in which the share `uniform` of the total area is reached. */
  #byArea(uniform: number): number {
    const wanted = uniform * this.#areas[this.#areas.length - 1];
    let low = 0;
    let high = this.#areas.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#areas[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Pixels of a block of JPEG whose chroma is halved, the largest that there is. */
const JPEG_BLOCK = 16;
/** Share of the patches that begin with a block, as whole photos do, and so the tiles that they are enhanced in. */
const ON_GRID = 0.75;

/**
 * Where to begin with the pixels that are damaged, for a patch at a given place: JPEG's grid of blocks starts there. Mostly the patch lies on that grid. Then a block's place is
 * always the same under the network's pooling, which helps it, and is what it meets in a file that comes from a camera or the web. The others lie anywhere, as in a photo
 * that was cropped or turned before.
 */
function jpegGridStart(
  steps: readonly Step[],
  scale: number,
  margin: number,
  random: Random,
): (place: number) => number {
  if (!steps.some(({ name }) => name === "jpeg")) return (place) => Math.max(place - margin, 0);
  const block = JPEG_BLOCK * scale;
  const onGrid = random.uniform() < ON_GRID;
  return (place) => {
    const shift = onGrid ? margin % block : scale * random.below(JPEG_BLOCK);
    return Math.max(place - margin + shift, onGrid ? place % block : 0);
  };
}

type Place = { readonly left: number; readonly top: number };

/** The place where neighbouring pixels differ most: a patch of bare sky teaches little. */
function mostDetailed(
  rgb: Uint8Array,
  width: number,
  height: number,
  patch: number,
  places: readonly Place[],
): Place {
  const detail = ({ left, top }: Place) => {
    let sum = 0;
    // Green of every fourth pixel against its neighbour on the right.
    for (let y = top; y < Math.min(top + patch, height); y += 4) {
      for (let x = left; x + 1 < Math.min(left + patch, width); x += 4) {
        const at = (y * width + x) * 3 + 1;
        sum += Math.abs(rgb[at] - rgb[at + 3]);
      }
    }
    return sum;
  };
  const details = places.map(detail);
  return places[details.indexOf(Math.max(...details))];
}

/** Keeps the held-out set's random numbers apart from the training steps', which count from 0. */
const VALIDATION_STEP = 2 ** 40;

/**
 * A fixed set of patches to measure on: the same for the same photos, recipe and seed. Photos take turns; nothing is
 * flipped or turned.
 * @returns `input` [count, size, size, 3] and `target` [count, scale·size, scale·size, 3], sRGB-encoded 0..1.
 */
export function validationPatches(
  source: PhotoSource,
  options:
    & { count: number; size: number }
    & Pick<
      PatchOptions,
      "seed" | "indices" | "recipe" | "jpeg" | "onto"
    >,
): Promise<PatchBatch> {
  const { count, size, seed, indices, recipe, jpeg, onto } = options;
  const stream = new PatchStream(source, {
    patch: size,
    batch: count,
    seed,
    indices,
    recipe,
    jpeg,
    onto,
    augment: false,
    choose: "each",
  });
  return stream.batch(VALIDATION_STEP);
}
