/** Shares out memory by lifetime: tensors that are never alive together may have the same buffer. */

export interface Interval {
  readonly bytes: number;
  /** First and last step, inclusive, at which it is bound. */
  readonly first: number;
  readonly last: number;
}

/**
 * Assigns each interval to a whole buffer (a buffer cannot be bound for reading and for writing in one dispatch, even on
 * disjoint ranges, so offsets into one arena are no option). Greedy in order of the first step: the smallest free buffer
 * that is large enough, else the largest free one, grown.
 * @returns the buffer of each interval, and the size of each buffer.
 */
export function assignBuffers(intervals: readonly Interval[]): { assignment: number[]; sizes: number[] } {
  const sizes: number[] = [];
  const busyUntil: number[] = [];
  const assignment = new Array<number>(intervals.length).fill(-1);
  const order = intervals.map((_, index) => index)
    .sort((a, b) => intervals[a].first - intervals[b].first || intervals[b].bytes - intervals[a].bytes);
  for (const index of order) {
    const { bytes, first, last } = intervals[index];
    let chosen = -1;
    for (let buffer = 0; buffer < sizes.length; buffer++) {
      if (busyUntil[buffer] >= first) continue;
      if (chosen < 0) {
        chosen = buffer;
        continue;
      }
      const fits = sizes[buffer] >= bytes;
      const chosenFits = sizes[chosen] >= bytes;
      if (
        fits ? !chosenFits || sizes[buffer] < sizes[chosen] : !chosenFits && sizes[buffer] > sizes[chosen]
      ) chosen = buffer;
    }
    if (chosen < 0) {
      chosen = sizes.length;
      sizes.push(0);
      busyUntil.push(-1);
    }
    sizes[chosen] = Math.max(sizes[chosen], bytes);
    busyUntil[chosen] = last;
    assignment[index] = chosen;
  }
  return { assignment, sizes };
}
