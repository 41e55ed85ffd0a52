import { readRecipes, stageArguments, trainModel } from "../../tools/train_model.ts";
import { loadCheckpoint } from "../../src/train/checkpoint.ts";
import { modelConfig } from "../../src/cli/options.ts";
import { commands } from "../../src/cli/program.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { loadModel } from "../../src/nn/models.ts";
import { sizeMultiple } from "../../src/nn/topology.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { writePhotos } from "../train/runs.ts";

/** What a package registry takes, for all of models/. */
const LARGEST = 18e6;

Deno.test("models/recipes.json holds recipes that fit their topologies, and together fit into a package in F16", async () => {
  const recipes = await readRecipes();
  assertEquals(Object.keys(recipes), [
    "photo",
    "denoise",
    "upscale2x",
    "jpeg",
    "impulse",
    "impulse-channels",
    "fast",
  ]);
  let bytes = 0;
  for (const [name, recipe] of Object.entries(recipes)) {
    const topology = modelConfig(recipe["model-config"]);
    for (const { degrade, patch, balance } of recipe.stages) {
      assertEquals(parseRecipe(String(degrade)).scale, topology.scale, name);
      assertEquals(Number(patch) % sizeMultiple(topology), 0, name);
      assert(topology.scale === 1 || balance === undefined);
    }
    bytes += unetGraph(topology).parameters.reduce((sum, { shape }) => sum + 2 * sizeOf(shape), 0);
  }
  assert(bytes < LARGEST, `${bytes} bytes`);
});

Deno.test("models/recipes.json gives options that clairnet train has", async () => {
  const train = commands(() => {}).commands.find((command) => command.name() === "train")!;
  const known = train.options.map(({ long }) => long?.slice(2));
  for (const [name, { stages }] of Object.entries(await readRecipes())) {
    for (const option of stages.flatMap(Object.keys)) assert(known.includes(option), `${name}: ${option}`);
  }
  assert(known.includes("colour-weight"));
});

Deno.test("trainModel() runs a recipe's stages one from the other, writes F16, and does no stage twice", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const stage = {
      ...{ degrade: "shrink:2", steps: 5, batch: 2, patch: 8, lr: 1e-3, loss: "l1" },
      "colour-weight": 30,
    };
    const recipe = {
      about: "test",
      "model-config": "base=4,depth=1,blocks=1,scale=2",
      stages: [{ ...stage, seed: 1 }, { ...stage, seed: 2, lr: 1e-4 }],
    };
    const file = `${dir}/recipes.json`;
    await Deno.writeTextFile(file, JSON.stringify({ larger: recipe }));
    const options = { data: `${dir}/photos`, out: `${dir}/runs`, recipes: file, about: "textures" };
    assertEquals(await trainModel("larger", options), 0);
    const [first, second, half] = await Promise.all(
      ["larger/stage1/model", "larger/stage2/model", "larger"].map((path) =>
        loadModel(`${dir}/runs/${path}.safetensors`)
      ),
    );
    assertEquals([half.topology.scale, half.info.name, half.info.data, half.info.seed, half.info.loss], [
      2,
      "larger",
      "textures",
      2,
      "l1 + 30 colour",
    ]);
    const key = "out.weight";
    assert(first.parameters.get(key)!.some((value, i) => value !== second.parameters.get(key)![i]));
    assertEquals(half.parameters.get(key), Float32Array.from(new Float16Array(second.parameters.get(key)!)));

    const made = (await Deno.stat(`${dir}/runs/larger/stage1/model.safetensors`)).mtime;
    assertEquals(await trainModel("larger", options), 0);
    assertEquals((await Deno.stat(`${dir}/runs/larger/stage1/model.safetensors`)).mtime, made);
    await assertRejects(
      () => trainModel("larger", { ...options, rehearse: true }),
      /stage1 holds a model of 5 steps, where 4 are asked for; choose another --out/,
    );
    await assertRejects(() => trainModel("smaller", options), /no recipe for smaller; there are larger/);
    assertEquals(stageArguments("larger", recipe, 1, { ...options, resume: true }).slice(-1), ["--resume"]);
  });
});

Deno.test("trainModel() stops when its minutes are over, with a checkpoint from which the same call goes on", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const recipe = {
      about: "test",
      "model-config": "base=4,depth=1,blocks=1",
      stages: [{ degrade: "gaussian:25", steps: 1e6, batch: 2, patch: 8, lr: 1e-3, loss: "l1", seed: 1 }],
    };
    const recipes = `${dir}/recipes.json`;
    await Deno.writeTextFile(recipes, JSON.stringify({ endless: recipe }));
    const options = { data: `${dir}/photos`, out: `${dir}/runs`, recipes };
    const checkpoint = `${dir}/runs/endless/stage1/checkpoint.safetensors`;
    const stepsAfter = async (minutes: number) => {
      assertEquals(await trainModel("endless", { ...options, minutes }), 0);
      return await loadCheckpoint(checkpoint).then(({ step }) => step, () => 0);
    };
    // How long starting takes depends on the machine: longer and longer until there was time for a step.
    let seconds = 4;
    let first = 0;
    while (first === 0 && seconds < 200) first = await stepsAfter((seconds *= 2) / 60);
    assert(first > 0, `no step within ${seconds} seconds`);
    // Twice as long, because the machine may have become busier since.
    assert(await stepsAfter((seconds *= 2) / 60) > first);
    assertEquals(
      stageArguments("endless", recipe, 0, { ...options, share: 0.01 }).join(" ").match(/--steps \S+/)?.[0],
      "--steps 10000",
    );
  });
});
