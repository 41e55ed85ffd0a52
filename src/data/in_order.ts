/** Work on several items at a time, with results in order and within a bound. */

/**
 * Works on a few items at a time and gives the results in the items' order. Leaving early waits for what was begun.
 * @param width items begun at a time.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<[T, R]> {
  const begun: Promise<R>[] = [];
  try {
    for (let next = 0, given = 0; given < items.length; given++) {
      while (next < items.length && begun.length < width) {
        const result = work(items[next++]);
        result.catch(() => {}); // thrown when its turn comes
        begun.push(result);
      }
      yield [items[given], await begun.shift()!];
    }
  } finally {
    await Promise.allSettled(begun);
  }
}

/** Lets work begin as long as its weights stay within a bound, first come first served; what is heavier than the bound runs alone. */
export class Gate {
  readonly #waiting: { weight: number; enter: () => void }[] = [];
  #inside = 0;
  #weight = 0;
  constructor(readonly bound: number) {}

  async run<R>(weight: number, work: () => Promise<R>): Promise<R> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ weight, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#inside--;
      this.#weight -= weight;
      this.#admit();
    }
  }

  #admit(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      if (this.#inside > 0 && this.#weight + first.weight > this.bound) return;
      this.#waiting.shift();
      this.#inside++;
      this.#weight += first.weight;
      first.enter();
    }
  }
}
