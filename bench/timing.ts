/** Timing of works that are compared: in turns, so that whatever else the machine does meets all of them. */
import type { Work } from "./our_cases.ts";
import type { Size } from "./shapes.ts";

export interface TimingOptions {
  /** Rounds that count. */
  readonly rounds: number;
  /** How long a round should take at least: as many repetitions as that needs, up to a work's `most`, share its one wait. */
  readonly milliseconds: number;
}

/** How long the comparisons measure. */
export const TIMING: Readonly<Record<Size, TimingOptions>> = {
  quick: { rounds: 3, milliseconds: 400 },
  usual: { rounds: 7, milliseconds: 200 },
  full: { rounds: 7, milliseconds: 300 },
  tiny: { rounds: 1, milliseconds: 0 },
};

/** A wait takes the runtime some 10 ms whatever was done: two repetitions a round even where one takes long. */
const LEAST = 2;
/** Of a work that does not say how many may be under way: those of 0.05 ms, of which a GPU does many, take ten times as long as a wait. */
const MOST = 2000;

/** Milliseconds of one repetition of each work: medians of the rounds. */
export async function timeInTurns(
  works: readonly Pick<Work, "run" | "most">[],
  options: TimingOptions,
): Promise<number[]> {
  const repeats: number[] = [];
  for (const { run, most = MOST } of works) {
    await run(1); // compiles
    const two = await clock(() => run(LEAST)) / LEAST;
    const repeat = Math.min(most, Math.max(LEAST, Math.ceil(options.milliseconds / two)));
    // The first guess held the wait as well; what is left once it is shared tells how many there can really be.
    const shared = repeat > LEAST ? await clock(() => run(repeat)) / repeat : two;
    repeats.push(Math.min(most, Math.max(LEAST, Math.ceil(options.milliseconds / shared))));
  }
  const times: number[][] = works.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [which, { run }] of works.entries()) {
      times[which].push(await clock(() => run(repeats[which])) / repeats[which]);
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]);
}

async function clock(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
