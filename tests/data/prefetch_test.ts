import { jpegThroughSharp } from "../../src/degrade/jpeg_sharp.ts";
import { PatchStream } from "../../src/data/patches.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import { Prefetch, threadsFor } from "../../src/data/prefetch.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "./photos.ts";

const options = { patch: 24, batch: 3, seed: 9, recipe: parseRecipe("photo") };

async function pool(dir: string, memoryBytes: number): Promise<PhotoPool> {
  for (let i = 0; i < 3; i++) await writeTestPhoto(`${dir}/${i}.png`, 50 + i, 40, testPixels(50 + i, 40, i));
  return await PhotoPool.open(dir, { memoryBytes });
}

Deno.test("Prefetch.next() gives the batches of a PatchStream, with any number of workers and any memory", () =>
  withFolder(async (dir) => {
    for (const [workers, memoryBytes] of [[1, 1e6], [2, 0]]) {
      const photos = await pool(dir, memoryBytes);
      const stream = new PatchStream(photos, { ...options, jpeg: jpegThroughSharp });
      await using batches = new Prefetch(photos, { ...options, workers, ahead: 2 });
      // In order, a jump ahead as after a resume, and back.
      for (const step of [0, 1, 2, 3, 4, 1000, 1001, 7, 7]) {
        assertEquals(await batches.next(step), await stream.batch(step), `step ${step}, ${workers} workers`);
      }
    }
  }));

Deno.test("threadsFor() leaves a small machine its cores and takes several of a large one", () => {
  assertEquals([1, 2, 4, 8, 16, 128].map(threadsFor), [1, 1, 1, 2, 5, 8]);
});

Deno.test("Prefetch.next() hands on what goes wrong in the worker", () =>
  withFolder(async (dir) => {
    const photos = await pool(dir, 0);
    for (const { name } of photos.photos) await Deno.remove(`${dir}/${name}`);
    await using batches = new Prefetch(photos, options);
    await assertRejects(() => batches.next(0), (error: unknown) =>
      error instanceof UserError && /Cannot read the photo/.test(error.message));
    await assertRejects(() =>
      batches.next(1), UserError);
  }));

Deno.test("Prefetch stops its workers when disposed of, with batches in the making, and rejects who still waits", () =>
  withFolder(async (dir) => {
    const photos = await pool(dir, 1e6);
    for (let round = 0; round < 5; round++) {
      const batches = new Prefetch(photos, {
        ...options,
        batch: 16,
        recipe: parseRecipe("jpeg:50"),
        workers: 2,
      });
      if (round % 2) await batches.next(round);
      const waiting = batches.next(50);
      const stopped = batches[Symbol.asyncDispose]();
      await assertRejects(() => waiting, /disposed/);
      await assertRejects(() => batches.next(51), /disposed/);
      await stopped;
    }
    assert(
      (await new PatchStream(photos, { ...options, jpeg: jpegThroughSharp }).batch(0)).input.length > 0,
      "the process is still well",
    );
  }));
