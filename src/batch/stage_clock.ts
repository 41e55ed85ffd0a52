/** Where the time of enhancing goes. */
import type { NetworkTimes } from "../enhance/network.ts";

/** From the file to the file; `prepare` is compiling for the device and making what a tile size needs there, `tiles` is cutting the photo into tiles and putting them together, as far as the network waits for it. */
export const STAGES = [
  "read",
  "decode",
  "prepare",
  "tiles",
  "upload",
  "network",
  "download",
  "encode",
  "write",
] as const;
export type Stage = typeof STAGES[number];
/** Seconds of the stages that took place. */
export type StageSeconds = Readonly<Partial<Record<Stage, number>>>;

/** Adds up the stages of many photos, which overlap: their sum is more than the time that passed. */
export class StageClock {
  readonly #seconds: Partial<Record<Stage, number>> = {};
  #began: number | undefined;
  #ended = 0;

  add(seconds: StageSeconds): void {
    for (const stage of STAGES) {
      if (seconds[stage] !== undefined) {
        this.#seconds[stage] = (this.#seconds[stage] ?? 0) + seconds[stage];
      }
    }
  }

  /** Times the work on a photo between its decoding and its encoding, with the network that does it. */
  async work<T>(
    networks: readonly { readonly times?: NetworkTimes }[],
    run: () => Promise<T>,
  ): Promise<{ result: T; seconds: StageSeconds }> {
    const before = total(networks);
    const start = performance.now();
    this.#began ??= start;
    try {
      return { result: await run(), seconds: since(start, before, total(networks)) };
    } catch (error) {
      noteSpent(error, since(start, before, total(networks)));
      throw error;
    } finally {
      this.#ended = performance.now();
    }
  }

  get seconds(): StageSeconds {
    return { ...this.#seconds };
  }

  /** Share of the time, 0..1, between the first tile and the last in which the device was at work; undefined where no photo came so far. */
  get busy(): number | undefined {
    const span = this.#began === undefined ? 0 : (this.#ended - this.#began) / 1000;
    return span > 0 ? Math.min((this.#seconds.network ?? 0) / span, 1) : undefined;
  }
}

function total(networks: readonly { readonly times?: NetworkTimes }[]): NetworkTimes {
  const sum = { prepare: 0, upload: 0, network: 0, download: 0 };
  // One that is there twice counts once.
  for (const { times } of new Set(networks)) {
    if (!times) continue;
    sum.prepare += times.prepare;
    sum.upload += times.upload;
    sum.network += times.network;
    sum.download += times.download;
  }
  return sum;
}

/** Stages of the work that began at `start`, milliseconds. */
function since(start: number, before: NetworkTimes, after: NetworkTimes): StageSeconds {
  const spent = (stage: keyof NetworkTimes) => after[stage] - before[stage];
  const [prepare, upload, network, download] = [
    spent("prepare"),
    spent("upload"),
    spent("network"),
    spent("download"),
  ];
  const tiles = (performance.now() - start) / 1000 - prepare - upload - network - download;
  return { prepare, tiles, upload, network, download };
}

const spentUntil = new WeakMap<Error, StageSeconds>();

/** Remembers what had been spent when an error was thrown. */
export function noteSpent(error: unknown, seconds: StageSeconds): void {
  if (error instanceof Error) spentUntil.set(error, seconds);
}

/** What had been spent when the error was thrown, as far as that was noted. */
export function spentOn(error: unknown): StageSeconds {
  return error instanceof Error ? spentUntil.get(error) ?? {} : {};
}

/** Runs a stage and notes its seconds, those of one that throws with the error. */
export async function timed<T>(
  seconds: Partial<Record<Stage, number>>,
  stage: Stage,
  run: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const add = () => seconds[stage] = (seconds[stage] ?? 0) + (performance.now() - start) / 1000;
  try {
    const result = await run();
    add();
    return result;
  } catch (error) {
    add();
    noteSpent(error, { ...seconds });
    throw error;
  }
}
