import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { writeTestPhoto } from "../data/photos.ts";
import { testGpu } from "../gpu/shared.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { loadModel } from "../../src/nn/models.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { loadCheckpoint, saveCheckpoint } from "../../src/train/checkpoint.ts";
import type { TrainOptions } from "../../src/train/train_options.ts";
import { historyOf, refusal, trainOn, weightsOf, withPhotos, writePhotos } from "./runs.ts";

/**
 * A run with these options, stopped and gone on with, ends with the weights of one that was never stopped, and with others than one with `otherwise`. Going on with
 * options that differ is refused, each with its reason.
 */
async function goesOn(
  dir: string,
  options: Partial<TrainOptions>,
  otherwise: Partial<TrainOptions>,
  refused: readonly (readonly [Partial<TrainOptions>, RegExp])[],
): Promise<string> {
  const straight = await trainOn(`${dir}/photos`, `${dir}/straight`, options);
  const controller = new AbortController();
  const out = `${dir}/stopped`;
  const stopped = await trainOn(`${dir}/photos`, out, {
    ...options,
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step === 8) controller.abort();
    },
  });
  assertEquals(stopped.status, "stopped");
  for (const [asked, reason] of refused) {
    await assertRejects(
      trainOn(`${dir}/photos`, out, { ...options, ...asked, resume: true }),
      refusal(reason, 2),
    );
  }
  const resumed = await trainOn(`${dir}/photos`, out, { ...options, resume: true });
  assertEquals(await weightsOf(resumed.modelPath), await weightsOf(straight.modelPath));
  const other = await trainOn(`${dir}/photos`, `${dir}/other`, { ...options, ...otherwise });
  const [a, b] = [await weightsOf(straight.modelPath), await weightsOf(other.modelPath)];
  for (const [name, values] of a) assert(values.some((value, i) => value !== b.get(name)![i]), name);
  return resumed.modelPath;
}

Deno.test("train() stopped at a look writes a checkpoint, from which it goes on to the same bits", async () => {
  await withPhotos(async (dir) => {
    const straight = await trainOn(`${dir}/photos`, `${dir}/straight`);
    // At a look, between two looks, and where a checkpoint was due.
    for (const stopAt of [4, 10, 16]) {
      const controller = new AbortController();
      const out = `${dir}/stopped${stopAt}`;
      const looked = stopAt % 4 === 0;
      const stopped = await trainOn(`${dir}/photos`, out, {
        signal: controller.signal,
        lookEvery: looked ? 4 : 5,
        onProgress: ({ step }) => {
          if (step === stopAt) controller.abort();
        },
      });
      // A look is told of two steps later, unless a checkpoint waits for it; the signal is seen after the next step.
      const last = stopAt === 16 ? 17 : stopAt + 3;
      assertEquals([stopped.status, stopped.step], ["stopped", last]);
      assertEquals((await loadCheckpoint(stopped.checkpointPath)).step, last);
      assertEquals((await historyOf(out)).at(-1)!.step, last);
      await assertRejects(Deno.stat(stopped.modelPath), Deno.errors.NotFound);
      // Stopped again before it has measured anything, it has what was measured before.
      const idle = await trainOn(`${dir}/photos`, out, {
        ...{ resume: true, lookEvery: looked ? 4 : 5, signal: AbortSignal.abort() },
      });
      assertEquals([idle.status, idle.step, idle.psnr], ["stopped", last, stopped.psnr]);
      assertEquals(idle.psnr === undefined, last < 8);
      // A kill between the two files leaves looks that are later than the checkpoint: they are done anew.
      await Deno.writeTextFile(`${out}/history.csv`, `${last + 1},9,1,1,\n`, { append: true });
      const resumed = await trainOn(`${dir}/photos`, out, { resume: true, lookEvery: looked ? 4 : 5 });
      assertEquals([resumed.status, resumed.step, resumed.psnr], ["done", 24, straight.psnr]);
      assertEquals(await weightsOf(resumed.modelPath), await weightsOf(straight.modelPath));
      const rows = await historyOf(out);
      assert(rows.every(({ step, loss }, i) => loss < 9 && (i === 0 || step > rows[i - 1].step)));
    }
  });
});

Deno.test("train() with a colour term goes on to the same bits, says so in the model, and goes on only with that weight", async () => {
  await withPhotos(async (dir) => {
    const options = { colourWeight: 30, balance: 0.5, loss: "mse" } as const;
    const model = await goesOn(dir, options, { colourWeight: 0 }, [
      [{ colourWeight: 31 }, /was trained with colourWeight 30, this run asks for 31$/],
      [{ colourWeight: undefined }, /was trained with colourWeight 30, this run asks for 0$/],
    ]);
    assertEquals((await loadModel(model)).info.loss, "mse + 30 colour");
  });
});

Deno.test("train() with Muon goes on to the same bits, which are not Adam's", async () => {
  await withPhotos(async (dir) => {
    const options = { optimiser: "muon", topology: unetTopology({ base: 6, depth: 1, blocks: 2 }) } as const;
    await goesOn(dir, options, { optimiser: "adam" }, [
      [{ optimiser: undefined }, /was trained with optimiser muon, this run asks for adam$/],
    ]);
  });
});

Deno.test("train() resumes a checkpoint that is older than a setting, where it has what was done then", async () => {
  await withPhotos(async (dir) => {
    const { checkpointPath } = await trainOn(`${dir}/photos`, `${dir}/out`);
    const checkpoint = await loadCheckpoint(checkpointPath);
    const { colourWeight, chromaWeight, onto, optimiser, precision, photoSet, ...settings } =
      checkpoint.settings;
    assertEquals([colourWeight, chromaWeight, onto, optimiser, precision], [0, 0, "high", "adam", "f32"]);
    assertMatch(String(photoSet), /^[0-9a-f]{8}$/);
    await saveCheckpoint(checkpointPath, { ...checkpoint, settings });
    const resume = (options: Partial<TrainOptions>) =>
      trainOn(`${dir}/photos`, `${dir}/out`, { ...options, resume: true });
    assertEquals((await resume({})).status, "done");
    await assertRejects(
      resume({ colourWeight: 2 }),
      refusal(/was trained with colourWeight 0, this run asks for 2$/, 2),
    );
  });
});

Deno.test("train() refuses to resume with as many other photos, and takes the same ones elsewhere", async () => {
  await withPhotos(async (dir) => {
    const out = `${dir}/out`;
    await trainOn(`${dir}/photos`, out);
    await Deno.rename(`${dir}/photos`, `${dir}/moved`);
    assertEquals((await trainOn(`${dir}/moved`, out, { resume: true })).status, "done");

    const refused = () =>
      assertRejects(
        trainOn(`${dir}/moved`, out, { resume: true }),
        refusal(/^Cannot resume: the checkpoint was trained on other photos, .*; give the same --data/, 2),
      );
    await Deno.rename(`${dir}/moved/photo1.png`, `${dir}/moved/another.png`);
    await refused();
    await Deno.rename(`${dir}/moved/another.png`, `${dir}/moved/photo1.png`);
    // Of the same name, and as wide and high.
    await writeTestPhoto(`${dir}/moved/photo1.png`, 53, 56, new Uint8Array(53 * 56 * 3));
    await refused();

    const source = await PhotoPool.open(`${dir}/moved`);
    const [first, second] = [[0], [1]].map((validation) => ({ train: [2, 3], validation }));
    await trainOn("", `${dir}/split`, { source, split: first });
    await assertRejects(
      trainOn("", `${dir}/split`, { source, split: second, resume: true }),
      refusal(/or with others held out; /, 2),
    );
  });
});

Deno.test("train() resumed after its end only writes the model again", async () => {
  await withPhotos(async (dir) => {
    const out = `${dir}/out`;
    const { modelPath } = await trainOn(`${dir}/photos`, out);
    const [weights, history] = [await weightsOf(modelPath), await Deno.readTextFile(`${out}/history.csv`)];
    await Deno.remove(modelPath);
    const again = await trainOn(`${dir}/photos`, out, { resume: true });
    assertEquals([again.status, again.step], ["done", 24]);
    assertEquals(await weightsOf(modelPath), weights);
    assertEquals(await Deno.readTextFile(`${out}/history.csv`), history);
  });
});

Deno.test("train() refuses a folder with a checkpoint unless it is to be resumed, and resuming without one", async () => {
  await withPhotos(async (dir) => {
    const out = `${dir}/out`;
    await assertRejects(
      trainOn(`${dir}/photos`, out, { resume: true }),
      refusal(/^Cannot resume: there is no checkpoint .*; start without --resume$/, 1),
    );
    const { checkpointPath } = await trainOn(`${dir}/photos`, out, { steps: 2 });
    const before = await Deno.readFile(checkpointPath);
    await assertRejects(
      trainOn(`${dir}/photos`, out, { steps: 2 }),
      refusal(
        /^Cannot train into .*out: it holds a checkpoint; add --resume to go on, or choose another --out$/,
        2,
      ),
    );
    assertEquals(await Deno.readFile(checkpointPath), before);
  });
});

Deno.test("train() refuses to resume with settings that would not give the same weights", async () => {
  await withPhotos(async (dir) => {
    const out = `${dir}/out`;
    const gpu = await testGpu();
    await trainOn(`${dir}/photos`, out);
    const live = gpu.stats().liveBytes;
    const others: Record<string, Partial<TrainOptions>> = {
      steps: { steps: 25 },
      batch: { batch: 3 },
      patch: { patch: 18 },
      seed: { seed: 4 },
      learningRate: { learningRate: 2e-3 },
      loss: { loss: "mse" },
      decay: { decay: 0.01 },
      balance: { balance: 0.5 },
      colourWeight: { colourWeight: 10 },
      chromaWeight: { chromaWeight: 2 },
      onto: { onto: "low" },
      optimiser: { optimiser: "muon" },
      precision: { precision: "f16" },
      heldOut: { heldOut: 0.5 },
      recipe: { recipe: parseRecipe("gaussian:41") },
      lookEvery: { lookEvery: 3 },
      checkpointEvery: { checkpointEvery: 6 },
    };
    for (const [name, options] of Object.entries(others)) {
      await assertRejects(
        trainOn(`${dir}/photos`, out, { ...options, resume: true }),
        refusal(
          new RegExp(`^Cannot resume: the checkpoint was trained with ${name} \\S+, this run asks for`),
          2,
        ),
      );
    }
    await assertRejects(
      trainOn(`${dir}/photos`, out, {
        resume: true,
        topology: unetTopology({ base: 5, depth: 1, blocks: 1 }),
      }),
      refusal(/^Cannot resume: the checkpoint has another topology; give the same --model-config$/, 2),
    );
    await writePhotos(`${dir}/photos`, 5);
    await assertRejects(
      trainOn(`${dir}/photos`, out, { resume: true }),
      refusal(/the checkpoint was trained with photos 4, this run asks for 5$/, 2),
    );
    assertEquals(gpu.stats().liveBytes, live);
  });
});
