/** Small trainings for tests. */
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";
import { testGpu } from "../gpu/shared.ts";
import { UserError } from "../../src/base/errors.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { loadModel } from "../../src/nn/models.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { parseHistory } from "../../src/train/history.ts";
import { train } from "../../src/train/train.ts";
import type { TrainOptions, TrainResult } from "../../src/train/train_options.ts";

/** Writes a few photos of different sizes into a folder. */
export async function writePhotos(dir: string, count = 4): Promise<void> {
  for (let i = 0; i < count; i++) {
    const [width, height] = [44 + 9 * i, 61 - 5 * i];
    await writeTestPhoto(`${dir}/photo${i}.png`, width, height, testPixels(width, height, 40 + i));
  }
}

/** Trains on the photos of a folder: 24 steps, 8 between checkpoints, 4 between looks, unless said otherwise. */
export async function trainOn(
  photos: string,
  out: string,
  options: Partial<TrainOptions> = {},
): Promise<TrainResult> {
  return await train({
    gpu: await testGpu(),
    source: options.source ?? await PhotoPool.open(photos),
    recipe: parseRecipe("gaussian:40"),
    out,
    topology: unetTopology({ base: 4, depth: 1, blocks: 1 }),
    steps: 24,
    batch: 2,
    patch: 16,
    learningRate: 3e-3,
    loss: "l1",
    seed: 3,
    heldOut: 0.25,
    lookEvery: 4,
    checkpointEvery: 8,
    ...options,
  });
}

/** Weights of a model file, by name. */
export async function weightsOf(path: string): Promise<Map<string, Float32Array>> {
  return (await loadModel(path)).parameters;
}

/** What a `UserError` of one line has to be, for `assertRejects`. */
export const refusal = (pattern: RegExp, exitCode: 1 | 2) => (error: unknown) => {
  assert(error instanceof UserError, String(error));
  assertMatch(error.message, pattern);
  assert(!error.message.includes("\n"), error.message);
  assertEquals(error.exitCode, exitCode);
  return true;
};

/** Runs with a folder that holds photos in `photos`. */
export async function withPhotos(run: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    await run(dir);
  });
}

/** The history of a run, by its folder. */
export const historyOf = async (out: string) => parseHistory(await Deno.readTextFile(`${out}/history.csv`));
