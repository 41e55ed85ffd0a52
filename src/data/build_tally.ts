/** Keeps count while a data set is built: what is in, what was left out and why. */
import { crc32 } from "../base/crc32.ts";
import type { Outcome } from "./build_journal.ts";
import type { Candidate } from "./candidates.ts";
import { printOf, Prints } from "./duplicates.ts";
import type { SkippedFile } from "./photo_source.ts";
import type { PreparedPicture } from "./prepare_picture.ts";

/** A picture that is in. */
export interface Used {
  readonly candidate: Candidate;
  readonly size: readonly [number, number];
  /** True where the original's file holds a single channel. */
  readonly grey: boolean;
  /** Number of the first picture with the same high side: its own where there is no other. */
  readonly group: number;
}

export class BuildTally {
  readonly used: Used[] = [];
  readonly skipped: SkippedFile[] = [];
  readonly duplicates: { name: string; of: string }[] = [];
  /** Sum of the low sides' mean squared errors. */
  squares = 0;
  readonly #prints = new Prints();
  /** Checksums of the low sides in each group, and the pictures that have them. */
  readonly #lows = new Map<number, Map<number, number>>();

  constructor(readonly pictureSize: number, readonly keepDuplicates: boolean, readonly ownLow: boolean) {}

  /** What becomes of a picture that was made. */
  judge(picture: PreparedPicture): Outcome {
    const print = printOf(picture.high, this.pictureSize);
    const group = this.#prints.find(print);
    const low = crc32(picture.low);
    if (group !== undefined && !this.keepDuplicates) {
      // An original may come with several low sides, each a pair of its own.
      const same = this.ownLow ? this.#lows.get(group)!.get(low) : group;
      if (same !== undefined) return { same };
    }
    const { size, grey } = picture;
    return { mse: meanSquaredError(picture), size, grey, print: print.toBase64(), low, group };
  }

  /** Counts an outcome, whether of this run or of an earlier one. */
  add(candidate: Candidate, outcome: Outcome): void {
    const { name } = candidate.low ?? candidate.high;
    if ("skip" in outcome) this.skipped.push({ name, reason: outcome.skip });
    else if ("same" in outcome) {
      const of = this.used[outcome.same].candidate;
      this.duplicates.push({ name, of: (candidate.low && of.low ? of.low : of.high).name });
    } else {
      const number = this.used.length;
      const group = outcome.group ?? number;
      if (outcome.group === undefined) {
        this.#prints.add(Uint8Array.fromBase64(outcome.print), number);
        this.#lows.set(number, new Map());
      }
      const lows = this.#lows.get(group);
      if (lows && !lows.has(outcome.low)) lows.set(outcome.low, number);
      this.used.push({ candidate, size: outcome.size, grey: outcome.grey, group });
      this.squares += outcome.mse;
    }
  }
}

function meanSquaredError({ high, low }: PreparedPicture): number {
  let sum = 0;
  for (let i = 0; i < high.length; i++) sum += (high[i] - low[i]) ** 2;
  return sum / high.length;
}
