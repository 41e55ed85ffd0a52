/**
 * Isomap and PCA from DruidJS. It is under the LGPL, so nothing else in Clairnet depends on it: it is named here alone, in a way that Deno
 * does not see before this file asks for it, and fetched the first time that `clairnet trials` does.
 */
import { UserError } from "../base/errors.ts";
import { type Points, selectPoints } from "./nearest.ts";

/** What `import` is given. A constant in the call itself would be fetched with everything else, by everybody. */
const SPECIFIER = ["npm:@saehrimnir", "druidjs@0.8.0"].join("/");

/** A matrix of the library. */
export interface Matrix {
  readonly shape: readonly number[];
  entry(row: number, column: number): number;
}

/** The part of the library that is used; rows are points. */
export interface Library {
  readonly ISOMAP: new (
    rows: readonly Float64Array[],
    options: {
      readonly neighbors: number;
      readonly d: number;
      readonly seed: number;
      readonly eig_args: { readonly qr: Library["qr"]; readonly max_iterations: number };
    },
  ) => { transform(): readonly ArrayLike<number>[] };
  readonly PCA: new (
    rows: readonly Float64Array[],
    options: {
      readonly d: number;
      readonly seed: number;
      readonly eig_args: { readonly max_iterations: number };
    },
  ) => { principal_components(): Matrix };
  /** Orthonormal columns Q and an upper triangle R with Q·R = matrix. */
  qr(matrix: Matrix): { readonly Q: Matrix; readonly R: Matrix };
}

/** An embedding of some of the points that went in. */
export interface Embedding {
  /** Numbers of the points that are in it: those of the neighbour graph's largest connected part. */
  readonly members: readonly number[];
  /** Their places, in `members`' order. */
  readonly places: Points;
  /** Variance along each axis, largest first: eigenvalues of the doubly centred squared geodesic distances, over the number of points. */
  readonly variances: readonly number[];
}

/**
 * Loads the library, which the first call fetches: worth a try before long work that would need it at its end.
 * @throws {UserError} where it cannot be fetched, with what to do.
 */
export async function library(): Promise<Library> {
  try {
    return await import(SPECIFIER);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new UserError(
      `Cannot load DruidJS, which has Isomap: ${why}; connect to the network once, or add --no-isomap`,
      { cause: error },
    );
  }
}

/** Power iterations: the leading axes, which matter, have long settled by then. */
const ITERATIONS = 200;

/**
 * Isomap (Tenenbaum, de Silva and Langford 2000): geodesic distances along the graph that joins each point with its nearest neighbours, then
 * classical scaling.
 *
 * The library leaves three things to do. Its axes have unit length, whatever they carry: they are scaled here by the square roots of their
 * eigenvalues, or distances in the embedding would mean nothing. It keeps axes with negative eigenvalues, which no Euclidean distance
 * can have: they are dropped. And it puts parts of the graph that are not connected ten diameters apart: only the largest part is kept,
 * as Tenenbaum's own program does.
 *
 * @param neighbours joined with each point.
 * @param dims axes wanted; fewer come back where the distances do not carry so many.
 */
export async function isomap(
  points: Points,
  { neighbours, dims, seed, graph }: {
    readonly neighbours: number;
    readonly dims: number;
    readonly seed: number;
    /** Each point's nearest others. */
    readonly graph: readonly ArrayLike<number>[];
  },
): Promise<Embedding> {
  const { ISOMAP, qr } = await library();
  const members = largestPart(graph);
  const rows = rowsOf(selectPoints(points, members));
  const wanted = Math.min(dims, rows.length - 1);
  // The library returns directions only. Each of its iterations orthonormalises B·Q, where Q is what the last one returned: the Rayleigh
  // quotients qᵀBq of that moment are the eigenvalues, with their signs.
  let eigenvalues: number[] = [];
  let last: Matrix | undefined;
  const watched = (product: Matrix) => {
    const [height, width] = product.shape;
    const before = last;
    if (before) {
      eigenvalues = Array.from({ length: width }, (_, axis) => {
        let sum = 0;
        for (let i = 0; i < height; i++) sum += before.entry(i, axis) * product.entry(i, axis);
        return sum;
      });
    }
    const split = qr(product);
    last = split.Q;
    return split;
  };
  const embedded = new ISOMAP(rows, {
    neighbors: Math.min(neighbours, rows.length - 1),
    d: wanted,
    seed,
    eig_args: { qr: watched, max_iterations: ITERATIONS },
  }).transform();
  const axes = eigenvalues.map((value, axis) => ({ value, axis }))
    .filter(({ value }) => value > 1e-9 * Math.max(...eigenvalues))
    .sort((a, b) => b.value - a.value);
  const values = new Float32Array(rows.length * axes.length);
  embedded.forEach((place, row) =>
    axes.forEach(({ value, axis }, i) => values[row * axes.length + i] = place[axis] * Math.sqrt(value))
  );
  return {
    members,
    places: { values, count: rows.length, dims: axes.length },
    variances: axes.map(({ value }) => value / rows.length),
  };
}

/**
 * The orthonormal directions along which points vary most (principal components, Pearson 1901).
 * @returns `dims` directions of `points.dims` coordinates each.
 */
export async function principalAxes(points: Points, dims: number, seed: number): Promise<Points> {
  const { PCA } = await library();
  const wanted = Math.min(dims, points.dims);
  const axes = new PCA(rowsOf(points), {
    d: wanted,
    seed,
    eig_args: { max_iterations: ITERATIONS },
  }).principal_components();
  const values = new Float32Array(wanted * points.dims);
  for (let axis = 0; axis < wanted; axis++) {
    for (let i = 0; i < points.dims; i++) values[axis * points.dims + i] = axes.entry(i, axis);
  }
  return { values, count: wanted, dims: points.dims };
}

/** Numbers of the points in the largest connected part of an undirected graph, in order. */
export function largestPart(graph: readonly ArrayLike<number>[]): number[] {
  const joined: number[][] = graph.map(() => []);
  graph.forEach((others, point) => {
    for (let i = 0; i < others.length; i++) {
      joined[point].push(others[i]);
      joined[others[i]].push(point);
    }
  });
  const part = new Int32Array(graph.length).fill(-1);
  const sizes: number[] = [];
  for (let start = 0; start < graph.length; start++) {
    if (part[start] >= 0) continue;
    const number = sizes.length;
    const stack = [start];
    part[start] = number;
    let size = 0;
    for (let point = stack.pop(); point !== undefined; point = stack.pop()) {
      size++;
      for (const other of joined[point]) {
        if (part[other] >= 0) continue;
        part[other] = number;
        stack.push(other);
      }
    }
    sizes.push(size);
  }
  const largest = sizes.indexOf(Math.max(...sizes));
  return [...part.keys()].filter((point) => part[point] === largest);
}

function rowsOf({ values, count, dims }: Points): Float64Array[] {
  return Array.from(
    { length: count },
    (_, row) => Float64Array.from(values.subarray(row * dims, (row + 1) * dims)),
  );
}
