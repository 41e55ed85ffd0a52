import { assert, assertEquals, assertRejects } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";
import { testGpu } from "../gpu/shared.ts";
import { openPhotos } from "../../src/data/open.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { loadModel } from "../../src/nn/models.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { loadCheckpoint } from "../../src/train/checkpoint.ts";
import type { TrainOptions, TrainProgress } from "../../src/train/train_options.ts";
import { historyOf, refusal, trainOn, weightsOf, withPhotos, writePhotos } from "./runs.ts";

Deno.test("train() with the same seed gives the same weights and history bit for bit, with another one others", async () => {
  await withPhotos(async (dir) => {
    const run = async (name: string, seed: number) => {
      const { modelPath } = await trainOn(`${dir}/photos`, `${dir}/${name}`, { seed });
      return [await weightsOf(modelPath), await Deno.readTextFile(`${dir}/${name}/history.csv`)] as const;
    };
    const first = await run("a", 3);
    assertEquals(await run("b", 3), first);
    const [others] = await run("c", 4);
    for (const [name, values] of first[0]) {
      assert(others.get(name)!.some((value, i) => value !== values[i]), name);
    }
  });
});

Deno.test("train() leaves a model, a checkpoint and a history that say how it was trained", async () => {
  await withPhotos(async (dir) => {
    const out = `${dir}/deep/out`;
    const progress: TrainProgress[] = [];
    const result = await trainOn(`${dir}/photos`, out, {
      steps: 21,
      info: { name: "mine", data: "four textures", license: "CC0-1.0", version: "1.2.3" },
      onProgress: (now) => progress.push(now),
    });
    assertEquals([...Deno.readDirSync(out)].map(({ name }) => name).sort(), [
      "checkpoint.safetensors",
      "history.csv",
      "history.svg",
      "model.safetensors",
    ]);
    const { info, parameters, topology } = await loadModel(result.modelPath);
    assertEquals(topology, unetTopology({ base: 4, depth: 1, blocks: 1 }));
    const { created, metrics, ...rest } = info;
    assertEquals(rest, {
      name: "mine",
      recipe: "gaussian:40",
      seed: 3,
      steps: 21,
      loss: "l1",
      data: "four textures",
      version: "1.2.3",
      license: "CC0-1.0",
      note: "",
    });
    assert(Math.abs(Date.parse(created) - Date.now()) < 600_000, created);
    assert(Math.abs(metrics["held-out psnr"] - result.psnr!) < 1e-3);
    // Noise of sigma 40 is 16.1 dB, and a little more where it is clipped.
    assert(result.damaged! > 15.9 && result.damaged! < 17.5, `${result.damaged}`);
    const checkpoint = await loadCheckpoint(result.checkpointPath);
    assertEquals([checkpoint.step, checkpoint.state.average], [21, parameters]);

    const rows = await historyOf(out);
    assertEquals(rows.map(({ step }) => step), [4, 8, 12, 16, 20, 21]);
    assertEquals(rows.filter(({ psnr }) => psnr !== undefined).map(({ step }) => step), [8, 16, 21]);
    assertEquals(rows.at(-1)!.psnr, result.psnr);
    assert(rows.every(({ loss, gradientNorm }) => loss > 0 && gradientNorm > 0));
    assertEquals(progress.map(({ step }) => step), rows.map(({ step }) => step));
    assertEquals(progress.map(({ psnr }) => psnr), [
      undefined,
      ...Array(2).fill(rows[1].psnr),
      ...Array(2).fill(rows[3].psnr),
      result.psnr,
    ]);
    assertEquals([progress[5].steps, progress[5].secondsLeft], [21, 0]);
  });
});

Deno.test("train() makes the averaged weights better on the held-out photos, also in a short run", async () => {
  await withPhotos(async (dir) => {
    await trainOn(`${dir}/photos`, `${dir}/out`, {
      steps: 150,
      checkpointEvery: 30,
      lookEvery: 30,
      learningRate: 1e-2,
    });
    const psnr = (await historyOf(`${dir}/out`)).map((row) => row.psnr!);
    assert(psnr[4] > psnr[0] + 1, psnr.join());
  });
});

/** Whether all parameters of two models are the same, bit for bit. */
async function sameWeights(a: string, b: string): Promise<boolean> {
  const [first, second] = [await weightsOf(a), await weightsOf(b)];
  return [...first].every(([name, values]) => values.every((value, i) => value === second.get(name)![i]));
}

Deno.test("train() learns from the photos to train on alone, and measures on those held out alone", async () => {
  await withPhotos(async (dir) => {
    const run = async (name: string, changed?: string) => {
      const photos = `${dir}/${name}/photos`;
      await writePhotos(photos);
      // The same size, other pixels.
      if (changed) await writeTestPhoto(`${photos}/${changed}`, 44, 61, testPixels(44, 61, 90));
      const split = { train: [1, 2, 3], validation: [0] };
      return await trainOn(photos, `${dir}/${name}/out`, { split, steps: 6 });
    };
    const [first, held] = [await run("a"), await run("b", "photo0.png")];
    assert(await sameWeights(first.modelPath, held.modelPath));
    assert(held.psnr !== first.psnr && held.damaged !== first.damaged);
  });
});

Deno.test("train() decays the weights where it is asked to", async () => {
  await withPhotos(async (dir) => {
    const run = async (decay: number) =>
      (await trainOn(`${dir}/photos`, `${dir}/out${decay}`, { decay, steps: 3, learningRate: 0.01 }))
        .modelPath;
    assert(!await sameWeights(await run(0), await run(0.5)));
  });
});

Deno.test("train() damages the side of a pair that it is asked to, in training and in what it measures", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/pairs/high`);
    for (let i = 0; i < 4; i++) {
      const [width, height] = [44 + 9 * i, 61 - 5 * i];
      const dark = testPixels(width, height, 40 + i).map((value) => value / 2);
      await writeTestPhoto(`${dir}/pairs/low/photo${i}.png`, width, height, dark);
    }
    const source = await openPhotos(`${dir}/pairs`);
    const run = (onto: "high" | "low") =>
      trainOn("", `${dir}/${onto}`, { source, onto, recipe: parseRecipe("gaussian:10"), steps: 3 });
    const [high, low] = [await run("high"), await run("low")];
    assert(!await sameWeights(high.modelPath, low.modelPath));
    // Noise of sigma 10 is 28 dB; photos half as bright are much farther from what they were.
    assert(high.damaged! > 27 && low.damaged! < 20, `${high.damaged}, ${low.damaged} dB`);
  });
});

Deno.test("train() stopped before its first step says so and writes nothing", async () => {
  await withPhotos(async (dir) => {
    const { status, step } = await trainOn(`${dir}/photos`, `${dir}/out`, { signal: AbortSignal.abort() });
    assertEquals([status, step], ["stopped", 0]);
    assertEquals([...Deno.readDirSync(`${dir}/out`)], []);
  });
});

Deno.test("train() starts from the weights of `init`", async () => {
  await withPhotos(async (dir) => {
    const init = heInitialise(unetTopology({ base: 4, depth: 1, blocks: 1 }), 99);
    const { modelPath } = await trainOn(`${dir}/photos`, `${dir}/out`, { init, learningRate: 0, steps: 3 });
    const weights = await weightsOf(modelPath);
    // Only the average's rounding lies between them.
    for (const [name, values] of init) {
      assert(weights.get(name)!.every((value, i) => Math.abs(value - values[i]) <= 1e-6), name);
    }
  });
});

Deno.test("train() whose loss overflows stops, names the step and the last good checkpoint, and keeps it", async () => {
  await withPhotos(async (dir) => {
    const out = `${dir}/out`;
    const steps: number[] = [];
    const diverging: Partial<TrainOptions> = {
      topology: unetTopology({ base: 4, depth: 1, blocks: 4, activation: "leaky-relu" }),
      ...{ learningRate: 1, loss: "mse", steps: 200, lookEvery: 1, checkpointEvery: 2 },
      onProgress: ({ step }) => steps.push(step),
    };
    let message = "";
    await assertRejects(trainOn(`${dir}/photos`, out, diverging), (error) => {
      refusal(/^Training stopped: the loss is not finite at step \d+; .* Try a smaller --lr$/, 1)(error);
      message = (error as Error).message;
      return true;
    });
    const [, step, path, good] = message.match(
      /at step (\d+); the last good checkpoint is (\S+) at step (\d+)/,
    )!;
    assertEquals(Number(step), steps.at(-1)! + 1);
    assertEquals(Number(good), steps.findLast((done) => done % 2 === 0));
    const checkpoint = await loadCheckpoint(path);
    assertEquals(checkpoint.step, Number(good));
    for (const values of checkpoint.state.values.values()) assert(values.every(Number.isFinite));
    await loadModel(path);
    await assertRejects(Deno.stat(`${out}/model.safetensors`), Deno.errors.NotFound);
  });
});

Deno.test("train() whose loss overflows before the first checkpoint says that there is none", async () => {
  await withPhotos(async (dir) => {
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
    const init = heInitialise(topology, 1);
    init.set("out.weight", init.get("out.weight")!.map((value) => value * 1e30));
    await assertRejects(
      trainOn(`${dir}/photos`, `${dir}/out`, { topology, init, loss: "mse" }),
      refusal(/^Training stopped: the loss is not finite at step 4; no checkpoint was written yet\./, 1),
    );
    assertEquals([...Deno.readDirSync(`${dir}/out`)], []);
  });
});

Deno.test("train() refuses a network of other than three channels, as photos have", async () => {
  await withPhotos(async (dir) => {
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1, channels: 1 });
    await assertRejects(
      trainOn(`${dir}/photos`, `${dir}/out`, { topology }),
      refusal(/^Cannot train: the network takes 1 channel, photos have 3; start from another --init$/, 2),
    );
    await assertRejects(Deno.stat(`${dir}/out`), Deno.errors.NotFound);
  });
});

Deno.test("train() refuses a patch that the halvings do not divide", async () => {
  await withPhotos(async (dir) => {
    await assertRejects(
      trainOn(`${dir}/photos`, `${dir}/out`, { patch: 20, topology: unetTopology({ base: 2, depth: 3 }) }),
      refusal(/^Cannot train: --patch 20 must be a multiple of 8 for this depth$/, 2),
    );
    await assertRejects(Deno.stat(`${dir}/out`), Deno.errors.NotFound);
  });
});

Deno.test("train() refuses counts with which its files could not be read or nothing would be saved", async () => {
  await withPhotos(async (dir) => {
    for (
      const [options, why] of [
        [{ seed: -1 }, /^Cannot train: seed must be a whole number of 0 or more, got -1$/],
        [{ seed: 1.5 }, /seed must be a whole number of 0 or more, got 1\.5$/],
        [{ steps: 0 }, /steps must be a whole number of 1 or more, got 0$/],
        [{ steps: 2.5 }, /steps must be/],
        [{ checkpointEvery: 0 }, /checkpointEvery must be/],
        [{ lookEvery: NaN }, /lookEvery must be/],
      ] as const
    ) await assertRejects(trainOn(`${dir}/photos`, `${dir}/out`, options), refusal(why, 2));
    await assertRejects(Deno.stat(`${dir}/out`), Deno.errors.NotFound);
  });
});

Deno.test("train() on more patches than the GPU's memory holds says what to do and gives back what it took", async () => {
  await withPhotos(async (dir) => {
    const gpu = await testGpu();
    const before = gpu.stats().liveBytes;
    await assertRejects(
      trainOn(`${dir}/photos`, `${dir}/out`, { batch: 4096, patch: 1024 }),
      refusal(
        /^Cannot train: 4096 patches of 1024×1024 do not fit into the GPU's memory; try a smaller --batch, --patch or --model-config$/,
        1,
      ),
    );
    assertEquals(gpu.stats().liveBytes, before);
  });
});

Deno.test("train() whose held-out photo is gone when it is to be measured on keeps the weights, and can go on", async () => {
  await withPhotos(async (dir) => {
    const [photos, out] = [`${dir}/photos`, `${dir}/out`];
    // Nothing is kept in memory, so that the photo is missed when it is read.
    const source = await PhotoPool.open(photos, { memoryBytes: 1000 });
    const [held] = source.photos;
    const options = { source, split: { train: [1, 2, 3], validation: [0] } };
    await Deno.rename(`${photos}/${held.name}`, `${dir}/elsewhere`);
    await assertRejects(trainOn(photos, out, options), refusal(new RegExp(held.name), 1));
    assertEquals((await loadCheckpoint(`${out}/checkpoint.safetensors`)).step, 8);
    assertEquals((await historyOf(out)).at(-1)!.step, 8);
    await Deno.rename(`${dir}/elsewhere`, `${photos}/${held.name}`);
    const { status, step } = await trainOn(photos, out, { ...options, resume: true });
    assertEquals([status, step], ["done", 24]);
  });
});

Deno.test("train() of a model that enlarges wants a recipe that shrinks by as much", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1, scale: 2 });
    const options = { topology, patch: 8, recipe: parseRecipe("shrink:2") };
    const { status, psnr, modelPath } = await trainOn(`${dir}/photos`, `${dir}/larger`, options);
    assertEquals(status, "done");
    assert(psnr! > 10, `${psnr} dB`);
    const model = await loadModel(modelPath);
    assertEquals([model.topology.scale, model.info.recipe], [2, "shrink:2"]);
    const other = `${dir}/other`;
    await assertRejects(
      () => trainOn(`${dir}/photos`, other, { topology, patch: 8 }),
      /the model enlarges ×2, but the recipe makes photos 1 times smaller; add shrink:2 to it/,
    );
    await assertRejects(
      () => trainOn(`${dir}/photos`, other, { recipe: parseRecipe("shrink:2") }),
      /enlarges ×1, but the recipe makes photos 2 times smaller; leave shrink out/,
    );
    await assertRejects(
      () => trainOn(`${dir}/photos`, other, { ...options, balance: 0.5 }),
      /--balance is for/,
    );
  });
});
