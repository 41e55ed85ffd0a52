/**
 * Three stages over a list, overlapped: while one item is worked on, later ones are loaded and earlier ones stored. Work is done on one item at a
 * time, in order. How many items are in memory is bounded by number and by weight.
 */

export interface Stages<Item, Loaded, Worked, Result> {
  load(item: Item, index: number): Promise<Loaded>;
  /** How much of the bound a loaded item takes up; it counts until the item has been stored. */
  weigh(loaded: Loaded): number;
  work(loaded: Loaded, item: Item, index: number): Promise<Worked>;
  store(worked: Worked, item: Item, index: number): Promise<Result>;
  /** The result of an item of which a stage threw; to throw here ends everything. */
  failed(error: unknown, item: Item, index: number): Result;
}

export interface PipelineLimits {
  /** Items between the beginning of their loading and the end of their storing. */
  readonly items: number;
  /** No loading begins while the items in memory weigh this much or more; one that is being loaded counts as the heaviest so far. */
  readonly weight: number;
  /** Begins no further item once aborted, works on none, and waits for none that is being loaded: that may take for ever where nobody writes to a pipe. */
  readonly signal?: AbortSignal;
}

/**
 * Runs all items through the stages.
 *
 * @param onResult called with each result, in order of the items.
 * @returns the results in order of the items.
 * @throws what `failed` or `onResult` throws, or the signal's reason; in both cases after the items that are being stored are done.
 */
export async function runPipeline<Item, Loaded, Worked, Result>(
  items: readonly Item[],
  stages: Stages<Item, Loaded, Worked, Result>,
  limits: PipelineLimits,
  onResult: (result: Result, index: number) => void = () => {},
): Promise<Result[]> {
  const { signal } = limits;
  const room = new Room(limits);
  const results: Result[] = [];
  const running: Promise<void>[] = [];
  let stopped: { readonly error: unknown } | undefined;
  /** What gives up each loading. */
  const loading = new Set<(error: unknown) => void>();
  const stop = (error: unknown) => {
    stopped ??= { error };
    for (const giveUp of loading) giveUp(stopped.error);
    room.open();
  };
  const abort = () => stop(signal!.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);

  const load = (item: Item, index: number): Promise<Loaded> =>
    new Promise((resolve, reject) => {
      loading.add(reject);
      stages.load(item, index).then(resolve, reject).finally(() => loading.delete(reject));
    });

  const pass = async (item: Item, index: number, turn: Promise<void>, done: () => void): Promise<Result> => {
    let weight = room.enter();
    try {
      // Taken out of its variable when it is used, so that its memory is free while the result is stored.
      let loaded: Loaded[];
      try {
        loaded = [await load(item, index)];
        weight = room.weighed(weight, stages.weigh(loaded[0]));
      } finally {
        await turn;
      }
      if (stopped) throw stopped.error;
      const worked = [await stages.work(loaded.pop()!, item, index)];
      done();
      return await stages.store(worked.pop()!, item, index);
    } catch (error) {
      try {
        return stages.failed(error, item, index);
      } catch (fatal) {
        stop(fatal);
        throw fatal;
      }
    } finally {
      done();
      room.leave(weight);
    }
  };

  let turn = Promise.resolve();
  let reported = Promise.resolve();
  for (const [index, item] of items.entries()) {
    await room.free();
    if (stopped) break;
    const mine = turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    turn = promise;
    const passing = pass(item, index, mine, resolve);
    const before = reported;
    reported = passing.then(async (result) => {
      await before;
      if (stopped) return;
      results[index] = result;
      onResult(result, index);
    }).catch(stop);
    running.push(reported);
  }
  await Promise.all(running);
  signal?.removeEventListener("abort", abort);
  if (stopped) throw stopped.error;
  return results;
}

/** Counts what is in memory, and lets wait for room. */
class Room {
  readonly #limits: PipelineLimits;
  #items = 0;
  #weight = 0;
  /** The first item is loaded alone, because it may fill the bound by itself. */
  #heaviest: number;
  #weighed = false;
  #always = false;
  #waiting: (() => void)[] = [];

  constructor(limits: PipelineLimits) {
    this.#limits = limits;
    this.#heaviest = limits.weight;
  }

  /** Resolves when an item may enter. */
  async free(): Promise<void> {
    const { items, weight } = this.#limits;
    while (!this.#always && this.#items > 0 && (this.#items >= items || this.#weight >= weight)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** @returns what the item weighs for the time being. */
  enter(): number {
    this.#items++;
    this.#weight += this.#heaviest;
    return this.#heaviest;
  }

  /** Its weight is known now. @returns it. */
  weighed(before: number, weight: number): number {
    this.#heaviest = this.#weighed ? Math.max(this.#heaviest, weight) : weight;
    this.#weighed = true;
    this.#weight += weight - before;
    this.#wake();
    return weight;
  }

  leave(weight: number): void {
    this.#items--;
    this.#weight -= weight;
    this.#wake();
  }

  /** Lets everybody in from now on. */
  open(): void {
    this.#always = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
