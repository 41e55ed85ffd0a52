/** How far a batch of photos is: what its one progress bar shows. */
import { duration } from "./terminal.ts";

/** What the bar of a batch says beside the bar itself, for `progressBar`. */
export const BATCH_BAR = "{bar} {count} photos · {rate} megapixels/s · {left} left · {photo}";

/** Counts photos and megapixels. Time runs from the first photo that the network works on, so that loading it does not slow the forecast. */
export class BatchProgress {
  readonly #photos: number;
  readonly #now: () => number;
  #start: number | undefined;
  #finished = 0;
  #megapixels = 0;
  /** Of the photo at hand, 0..1. */
  #share = 0;
  #photo = "";

  /**
   * @param photos number to do, without those that are skipped.
   * @param now milliseconds.
   */
  constructor(photos: number, now: () => number = () => performance.now()) {
    this.#photos = photos;
    this.#now = now;
  }

  /** The network begins with a photo. */
  begin(photo: string): void {
    this.#start ??= this.#now();
    this.#photo = photo;
    this.#share = 0;
  }

  /** Tiles of the photo at hand. */
  tile(done: number, total: number): void {
    this.#share = done / total;
  }

  /** A photo has been written, or has failed. @param megapixels 0 where it failed. */
  finish(megapixels: number): void {
    this.#finished++;
    this.#megapixels += megapixels;
  }

  /** Photos done, with the share of the one at hand that can be told; never more than there are. */
  get done(): number {
    const atHand = this.#share < 1 ? this.#share : 0;
    return Math.min(this.#finished + atHand, this.#photos);
  }

  get total(): number {
    return this.#photos;
  }

  /** The places of `BATCH_BAR`. */
  get fields(): Record<string, string> {
    const seconds = this.#start === undefined ? 0 : (this.#now() - this.#start) / 1000;
    const left = this.done > 0 ? duration(seconds / this.done * (this.#photos - this.done)) : "?";
    return {
      count: `${this.#finished}/${this.#photos}`,
      rate: seconds > 0 ? (this.#megapixels / seconds).toFixed(2) : "?",
      left,
      photo: this.#photo,
    };
  }
}
