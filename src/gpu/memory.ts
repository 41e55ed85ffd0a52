/** Shares out memory by lifetime: tensors that are never alive together may have the same buffer. */

export interface Interval {
  readonly bytes: number;
  /** First and last step, inclusive, at which it is bound. */
  readonly first: number;
  readonly last: number;
}

/**
 * Assigns each interval to a whole buffer (a buffer cannot be bound for reading and for writing in one dispatch, even on
 * disjoint ranges, so offsets into one arena are no option). The largest intervals choose first, so no buffer ever has to grow: each takes
 * the smallest one that is free all the while, or a new one (greedy by size: Pisarchyk and Lee 2020, Efficient memory management for
 * deep neural net inference).
 * @returns the buffer of each interval, and the size of each buffer.
 */
export function assignBuffers(intervals: readonly Interval[]): { assignment: number[]; sizes: number[] } {
  const sizes: number[] = [];
  const tenants: Interval[][] = [];
  const assignment = new Array<number>(intervals.length).fill(-1);
  const order = intervals.map((_, index) => index)
    .sort((a, b) => intervals[b].bytes - intervals[a].bytes || intervals[a].first - intervals[b].first);
  for (const index of order) {
    const interval = intervals[index];
    // Sizes fall from buffer to buffer: the last free one is the smallest.
    let chosen = tenants.findLastIndex((others) => others.every((other) => !together(other, interval)));
    if (chosen < 0) {
      chosen = sizes.push(interval.bytes) - 1;
      tenants.push([]);
    }
    tenants[chosen].push(interval);
    assignment[index] = chosen;
  }
  return { assignment, sizes };
}

function together(a: Interval, b: Interval): boolean {
  return a.first <= b.last && b.first <= a.last;
}
