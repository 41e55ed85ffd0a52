/** The ways to restore without a network, prepared for one trial's damage. */
import type { PhotoSource } from "../data/photo_source.ts";
import type { Recipe } from "../degrade/recipe.ts";
import type { Restore } from "../evaluate/restorer.ts";
import { nearest } from "./nearest.ts";
import { restoreByPatches } from "./patch_restorer.ts";
import { drawPatchSet, type PatchSet } from "./patch_set.ts";
import {
  findNeighbours,
  isomapSpace,
  NEIGHBOURS,
  type PatchSpace,
  pcaSpace,
  pixelSpace,
} from "./patch_space.ts";

/** Side of a patch in pixels; patches overlap by half. */
export const PATCH_SIZE = 8;
const STRIDE = PATCH_SIZE / 2;

export interface PatchMethod {
  readonly name: string;
  readonly restore: Restore;
  /** Seconds that drawing the patches and laying out the space took. */
  readonly prepareSeconds: number;
  readonly macsPerPixel: number;
}

export interface PatchMethods {
  readonly set: PatchSet;
  readonly methods: readonly PatchMethod[];
  readonly isomap: { readonly connected: number; readonly kept: number };
  /** The best that blends of the remembered patches allow, knowing the original. */
  informed(degraded: Uint8Array, original: Uint8Array, width: number, height: number): Uint8Array;
}

/** Draws patches from the photos to train on and lays out the three spaces. */
export async function preparePatchMethods(
  source: PhotoSource,
  { count, seed, indices, recipe, checkStop }: {
    readonly count: number;
    readonly seed: number;
    readonly indices: readonly number[];
    readonly recipe: Recipe;
    /** Called between the parts of the work; throws to stop. */
    readonly checkStop: () => void | Promise<void>;
  },
): Promise<PatchMethods> {
  const started = performance.now();
  const set = await drawPatchSet(source, { count, size: PATCH_SIZE, seed, indices, recipe });
  const drawing = (performance.now() - started) / 1000;
  const prepared = async <Space extends PatchSpace>(name: string, make: () => Space | Promise<Space>) => {
    await checkStop();
    const before = performance.now();
    const space = await make();
    const method: PatchMethod = {
      name,
      restore: (rgb, width, height) =>
        restoreByPatches(rgb, width, height, {
          set,
          stride: STRIDE,
          find: (patch) => findNeighbours(space, patch),
        }),
      prepareSeconds: drawing + (performance.now() - before) / 1000,
      macsPerPixel: space.macsPerPatch / STRIDE ** 2,
    };
    return { space, method };
  };
  const manifold = await prepared("Isomap", () => isomapSpace(set.low, seed));
  const principal = await prepared("PCA + neighbours", () => pcaSpace(set.low, seed));
  const pixels = await prepared("neighbours", () => pixelSpace(set.low));
  const { connected, kept } = manifold.space;
  return {
    set,
    methods: [manifold.method, principal.method, pixels.method],
    isomap: { connected, kept },
    informed: (degraded, original, width, height) =>
      restoreByPatches(degraded, width, height, {
        ...{ set, stride: STRIDE, guide: original },
        find: (patch) => nearest(set.clean, patch, NEIGHBOURS),
      }),
  };
}
