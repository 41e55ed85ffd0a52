/** Exact nearest neighbours by comparison with every row: in as many dimensions as a patch has, search trees gain nothing. */

/** `count` points of `dims` coordinates each, one after the other. */
export interface Points {
  readonly values: Float32Array;
  readonly count: number;
  readonly dims: number;
}

/** Neighbours, the nearest first. */
export interface Neighbours {
  readonly indices: Int32Array;
  /** Squared Euclidean distances. */
  readonly squared: Float64Array;
}

/** After so many coordinates a point is given up if it is further than all neighbours so far. */
const BLOCK = 16;

/**
 * The `k` points nearest to a query; of equally near ones those with the smaller number.
 * @param query array that holds the query's coordinates from `at` on.
 * @param except number of a point to leave out, e.g. the query itself.
 * @returns fewer than `k` where there are not so many points.
 */
export function nearest(
  points: Points,
  query: ArrayLike<number>,
  k: number,
  { at = 0, except = -1 }: { readonly at?: number; readonly except?: number } = {},
): Neighbours {
  const { values, count, dims } = points;
  const wanted = Math.min(k, count - (except >= 0 && except < count ? 1 : 0));
  const indices = new Int32Array(wanted).fill(-1);
  const squared = new Float64Array(wanted).fill(Infinity);
  let worst = Infinity;
  for (let point = 0; point < count && wanted > 0; point++) {
    if (point === except) continue;
    const start = point * dims;
    let sum = 0;
    for (let from = 0; from < dims && sum < worst; from += BLOCK) {
      const to = Math.min(from + BLOCK, dims);
      for (let i = from; i < to; i++) {
        const difference = values[start + i] - query[at + i];
        sum += difference * difference;
      }
    }
    if (!(sum < worst)) continue;
    let place = wanted - 1;
    for (; place > 0 && squared[place - 1] > sum; place--) {
      squared[place] = squared[place - 1];
      indices[place] = indices[place - 1];
    }
    squared[place] = sum;
    indices[place] = point;
    worst = squared[wanted - 1];
  }
  return { indices, squared };
}

/** Added to squared distances, so that a point met exactly has nearly all the weight and no weight is infinite. */
const EXACT = 1e-9;

/** Weights that sum to 1, in proportion to 1/distance² (inverse distance weighting, Shepard 1968). */
export function inverseDistanceWeights(squared: Float64Array): Float64Array {
  const weights = squared.map((square) => 1 / (square + EXACT));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Weighted sum of some points. */
export function blend(
  { values, dims }: Points,
  indices: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float32Array {
  const sum = new Float32Array(dims);
  for (let n = 0; n < indices.length; n++) {
    const start = indices[n] * dims;
    for (let i = 0; i < dims; i++) sum[i] += weights[n] * values[start + i];
  }
  return sum;
}

/** Some of the points, in the order of their numbers in `indices`. */
export function selectPoints({ values, dims }: Points, indices: readonly number[]): Points {
  const selected = new Float32Array(indices.length * dims);
  indices.forEach((index, place) =>
    selected.set(values.subarray(index * dims, (index + 1) * dims), place * dims)
  );
  return { values: selected, count: indices.length, dims };
}
