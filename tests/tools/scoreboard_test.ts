import { scoreboard } from "../../tools/scoreboard.ts";
import { findSets, openSet } from "../../tools/scoreboard/sets.ts";
import { recipePresets } from "../../src/degrade/recipe.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";
import { calmParameters } from "../enhance/networks.ts";

async function writeSets(dir: string): Promise<void> {
  const photo = async (path: string, seed: number) => {
    await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await writeTestPhoto(`${dir}/${path}`, 24, 20, testPixels(24, 20, seed));
  };
  for (const i of [1, 2, 3]) await photo(`BSD100/${i}.png`, i);
  await Deno.writeTextFile(`${dir}/BSD100/cbsd68.txt`, "1.png\n3.png\n");
  await photo("Set5/a.png", 4);
  await photo("cc15/x_real.png", 5);
  await photo("cc15/x_mean.png", 6);
}

async function writeModel(path: string, scale: 1 | 2, seed: number): Promise<void> {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1, scale });
  await saveModel(path, {
    topology,
    parameters: calmParameters(topology, seed),
    info: modelInfo({ name: "x" }),
  });
}

Deno.test("findSets() knows sets by their folders, CBSD68 by its list, and openSet() pairs real noise", async () => {
  await withFolder(async (dir) => {
    await writeSets(dir);
    const sets = await findSets([dir]);
    assertEquals([...sets.keys()].sort(), ["b100", "cbsd68", "cc15", "set5"]);
    assertEquals((await openSet(sets.get("cbsd68")!, "blur:1", 1)).names, ["1.png", "3.png"]);
    assertEquals((await openSet(sets.get("b100")!, "blur:1", 1)).names.length, 3);
    const pair = await (await openSet(sets.get("cc15")!, undefined, 1)).load(0);
    assertEquals([pair.degraded, pair.original], [testPixels(24, 20, 5), testPixels(24, 20, 6)]);
    assertEquals([...(await findSets([`${dir}/Set5`])).keys()], ["set5"]);
    await Deno.writeTextFile(`${dir}/BSD100/cbsd68.txt`, "1.png\nlost.png\n");
    const lacking = (await findSets([dir])).get("cbsd68")!;
    await assertRejects(() => openSet(lacking, "blur:1", 1), /holds 1 of the 2 photos of cbsd68/);
  });
});

Deno.test("scoreboard() measures models of each kind where they belong, says what is missing, and goes on from its store", async () => {
  await withFolder(async (dir) => {
    await writeSets(`${dir}/sets`);
    const [restorer, enlarger] = [`${dir}/restorer.safetensors`, `${dir}/enlarger.safetensors`];
    await writeModel(restorer, 1, 1);
    await writeModel(enlarger, 2, 2);
    const store = `${dir}/store.json`;
    const options = { models: [restorer, enlarger], store, classical: false };
    const text = await scoreboard([`${dir}/sets`], options);
    const sections = new Map(
      text.split(/^### /m).slice(1).map((block) => [block.split("\n")[0], block] as const),
    );
    const rowsOf = (title: string) =>
      sections.get(title)!.split("\n").filter((line) => line.startsWith("|")).map((line) =>
        line.split("|").slice(1, -1).map((cell) => cell.trim())
      );
    const upscale = rowsOf("Enlargement ×2");
    assertEquals(upscale[0], ["", "set5 ×2 (1)", "b100 ×2 (3)"]);
    assertEquals(upscale.map(([label]) => label).slice(2), [
      "bicubic",
      `**${enlarger}**`,
      "bicubic, published",
      "waifu2x photo (resnet_14l), published",
      "EDSR-baseline, published",
    ]);
    assertEquals(upscale.at(-1)!.slice(1), ["37.99", "32.16"]);
    const noise = rowsOf("Gaussian noise");
    assertEquals(noise[0], ["", "cbsd68 σ15 (2)", "cbsd68 σ25 (2)", "cbsd68 σ50 (2)"]);
    assertEquals(noise[3][0], `**${restorer}**`);
    assert(Number(noise[3][1]) > 5 && Number(noise[3][1]) < 60);
    assert(rowsOf("Real noise").length === 4 && !sections.has("Impulse noise"));
    assertMatch(text, /Left out, because the sets are not there: .*kodak24.*live1/);

    // Several models one after the other have the rows of one.
    const chain = `${restorer}+${restorer}`;
    const twice = await scoreboard([`${dir}/sets/cc15`], {
      models: [chain, `${restorer}+${enlarger}`],
      classical: false,
    });
    const realRow = (of: string, name: string) =>
      of.split("\n").find((line) => line.startsWith(`| **${name}**`));
    assert(
      realRow(twice, chain) &&
        realRow(twice, chain)!.split("|")[2] !== realRow(text, restorer)!.split("|")[2],
    );
    assert(!realRow(twice, `${restorer}+${enlarger}`), "one that enlarges does not belong there");

    // Nothing is measured twice: a store whose figures were changed by hand shows through. New weights are measured anew.
    const cells = JSON.parse(await Deno.readTextFile(store));
    assert(
      Object.keys(cells).some((name) => name.includes(` | ${recipePresets.photo} | `)),
      "a preset is kept by its steps",
    );
    const keyOf = (sigma: number) =>
      Object.keys(cells).find((name) =>
        name.startsWith(restorer) && name.includes(`cbsd68 | gaussian:${sigma}`)
      )!;
    // As a store has it that is older than the count of what came back exact: that is measured anew.
    cells[keyOf(15)].psnr = null;
    Object.assign(cells[keyOf(25)], { psnr: 12.345, exact: 1 });
    await Deno.writeTextFile(store, JSON.stringify(cells));
    const again = await scoreboard([`${dir}/sets`], options);
    assertMatch(again, /\| 12\.3[45] \(without 1 exact\) \|/);
    assertEquals(again.replace(/12\.3[45] \(without 1 exact\)/, noise[3][2]), text);
    await writeModel(restorer, 1, 9);
    assert(!/12\.3[45]/.test(await scoreboard([`${dir}/sets`], { ...options, models: [restorer] })));
    await assertRejects(() => scoreboard([`${dir}/sets/BSD100/..//cc15/../none`]), /Cannot read the folder/);
  });
});
