/** Ways to say which remembered patches are like a new one. They differ only in the space in which likeness is a distance. */
import { isomap, principalAxes } from "./manifold_library.ts";
import {
  blend,
  inverseDistanceWeights,
  nearest,
  type Neighbours,
  type Points,
  selectPoints,
} from "./nearest.ts";

/** A space that remembered patches lie in, and where in it a new one belongs. */
export interface PatchSpace {
  /** The remembered patches' places. */
  readonly places: Points;
  /** Which remembered patch each place is of; place i is of patch i if left out. */
  readonly members?: readonly number[];
  /** Place of a new patch. */
  place(patch: Float32Array): Float32Array;
  /** Multiply-adds that finding the neighbours of one new patch takes at most. */
  readonly macsPerPatch: number;
}

/** Neighbours that are blended, and that Isomap's graph joins. */
export const NEIGHBOURS = 10;
/** Coordinates that PCA and Isomap keep. */
const DIMS = 16;

/** Finds a new patch's neighbours among the remembered ones. */
export function findNeighbours(space: PatchSpace, patch: Float32Array, k = NEIGHBOURS): Neighbours {
  const found = nearest(space.places, space.place(patch), k);
  const { members } = space;
  return members ? { ...found, indices: found.indices.map((index) => members[index]) } : found;
}

/** The patches as they are: distances between pixels. */
export function pixelSpace(patches: Points): PatchSpace {
  return { places: patches, place: (patch) => patch, macsPerPatch: patches.count * patches.dims };
}

/** The patches' principal components. */
export async function pcaSpace(patches: Points, seed: number, dims = DIMS): Promise<PatchSpace> {
  const axes = await principalAxes(patches, dims, seed);
  const project = (values: Float32Array, at: number, into: Float32Array, to: number) => {
    for (let axis = 0; axis < axes.count; axis++) {
      let sum = 0;
      for (let i = 0; i < axes.dims; i++) sum += axes.values[axis * axes.dims + i] * values[at + i];
      into[to + axis] = sum;
    }
  };
  const values = new Float32Array(patches.count * axes.count);
  for (let row = 0; row < patches.count; row++) {
    project(patches.values, row * patches.dims, values, row * axes.count);
  }
  return {
    places: { values, count: patches.count, dims: axes.count },
    place: (patch) => {
      const result = new Float32Array(axes.count);
      project(patch, 0, result, 0);
      return result;
    },
    macsPerPatch: axes.count * patches.dims + patches.count * axes.count,
  };
}

/** Isomap's embedding, and what can be said of it. */
export interface IsomapSpace extends PatchSpace {
  /** Share of the patches that the neighbour graph connects. */
  readonly connected: number;
  /** Share of a patch's nearest neighbours by pixels that are still among its nearest in the embedding, on average. */
  readonly kept: number;
  readonly variances: readonly number[];
}

/**
 * The manifold that Isomap finds. It has no formula for a patch that it was not given: such a one is placed at the mean of its nearest
 * remembered patches' places, weighted by inverse distance, so that it lies on the manifold too.
 */
export async function isomapSpace(
  patches: Points,
  seed: number,
  dims = DIMS,
  neighbours = NEIGHBOURS,
): Promise<IsomapSpace> {
  const near = (points: Points, row: number) =>
    nearest(points, points.values, neighbours, { at: row * points.dims, except: row }).indices;
  const graph = Array.from({ length: patches.count }, (_, row) => near(patches, row));
  const { members, places, variances } = await isomap(patches, { neighbours, dims, seed, graph });
  const points = selectPoints(patches, members);
  let kept = 0;
  for (let row = 0; row < members.length; row++) {
    const before = new Set(graph[members[row]]);
    const after = near(places, row);
    kept += after.filter((index) => before.has(members[index])).length / Math.max(1, after.length);
  }
  return {
    places,
    members,
    variances,
    connected: members.length / patches.count,
    kept: kept / members.length,
    place: (patch) => {
      const { indices, squared } = nearest(points, patch, neighbours);
      return blend(places, indices, inverseDistanceWeights(squared));
    },
    macsPerPatch: members.length * (patches.dims + places.dims),
  };
}
