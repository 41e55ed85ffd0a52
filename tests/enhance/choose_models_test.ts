import { pathToFileURL } from "node:url";
import { chooseModels } from "../../src/enhance/choose_models.ts";
import { chainForJpeg, chainNames } from "../../src/enhance/model_chain.ts";
import { openChain } from "../../src/enhance/open_chain.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { loadModel } from "../../src/nn/models.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { functionNetwork } from "./networks.ts";

async function ship(dir: string, name: string, scale: 1 | 2 | 4): Promise<void> {
  const topology = unetTopology({ base: 2, depth: 0, blocks: 1, scale });
  await saveModel(`${dir}/${name}.safetensors`, {
    topology,
    parameters: heInitialise(topology, 1),
    info: modelInfo({ name }),
  });
}

Deno.test("chainForJpeg() puts jpeg in the place of models for all kinds of damage, and before those that enlarge", () => {
  for (
    const [names, chain] of [
      [["photo"], "jpeg"],
      [["fast"], "jpeg"],
      [["upscale2x"], "jpeg+upscale2x"],
      [["upscale2x", "upscale2x"], "jpeg+upscale2x+upscale2x"],
      [["photo", "upscale2x"], "jpeg+upscale2x"],
      [["jpeg"], undefined],
      [["jpeg", "upscale2x"], undefined],
      [["denoise"], undefined],
      [["runs/mine.safetensors"], undefined],
    ] as const
  ) assertEquals(chainForJpeg(names), chain, names.join("+"));
});

Deno.test("chainNames() parts names at a +, but not within a path or an address", () => {
  for (
    const [text, names] of [
      ["photo", ["photo"]],
      ["impulse+photo", ["impulse", "photo"]],
      [" impulse + photo ", ["impulse", "photo"]],
      ["photo+photo+fast", ["photo", "photo", "fast"]],
      ["runs/a+b/model.safetensors", ["runs/a+b/model.safetensors"]],
      ["runs/a+b/x.safetensors+photo", ["runs/a+b/x.safetensors", "photo"]],
      ["photo+./c++/x.safetensors+y.safetensors", ["photo", "./c++/x.safetensors", "y.safetensors"]],
      ["https://a.b/x+y", ["https://a.b/x+y"]],
      ["https://a.b/x.safetensors+photo", ["https://a.b/x.safetensors", "photo"]],
      ["C:\\x\\a.safetensors+photo", ["C:\\x\\a.safetensors", "photo"]],
      ["impulse+", ["impulse", ""]],
      ["+photo", ["", "photo"]],
    ] as const
  ) assertEquals(chainNames(text), [...names], text);
});

Deno.test("chooseModels() takes several models in order, and enlarges after them", async () => {
  await withFolder(async (dir) => {
    const folder = pathToFileURL(`${dir}/`);
    const chosen = async (model: string, scale?: number) =>
      (await chooseModels({ model, scale }, folder)).map(({ name }) => name);
    for (const name of ["impulse", "photo"]) await ship(dir, name, 1);
    await ship(dir, "upscale2x", 2);
    assertEquals(await chosen("impulse+photo"), ["impulse", "photo"]);
    assertEquals(await chosen("impulse+photo", 1), ["impulse", "photo"]);
    assertEquals(await chosen("impulse+photo", 2), ["impulse", "photo", "upscale2x"]);
    assertEquals(await chosen("impulse+photo", 4), ["impulse", "photo", "upscale2x", "upscale2x"]);
    assertEquals(await chosen("impulse+upscale2x"), ["impulse", "upscale2x"]);
    assertEquals(await chosen("impulse+upscale2x", 2), ["impulse", "upscale2x"]);
    assertEquals(await chosen(`${dir}/impulse.safetensors+photo`), [`${dir}/impulse.safetensors`, "photo"]);
    const [first, second] = await chooseModels({ model: "photo+photo" }, folder);
    assertEquals(first, second);
    await assertRejects(
      () => chosen("impulse+foto"),
      /There is no model "foto"; shipped: impulse, photo, upscale2x/,
    );
    for (const text of ["impulse+", "+photo", "impulse++photo"]) {
      await assertRejects(() => chosen(text), /Cannot read the models ".*": a name is missing beside a \+/);
    }
    await assertRejects(
      () => chosen("impulse+upscale2x", 4),
      /impulse\+upscale2x enlarges ×2, so --scale 4 does not go with it/,
    );
    await assertRejects(
      () => loadModel("impulse+photo", folder),
      /"impulse\+photo" names several models, where one is wanted/,
    );
  });
});

Deno.test("openChain() opens a model that comes twice once, and closes what is open where one cannot be", async () => {
  const topology = unetTopology({ base: 2, depth: 0, blocks: 1 });
  const model = { topology, parameters: heInitialise(topology, 1), info: modelInfo() };
  const [a, b] = ["a", "b"].map((name) => ({ name, model }));
  const log: string[] = [];
  const open = ({ name }: { name: string }) => {
    if (name === "broken") throw new Error("cannot be opened");
    log.push(`open ${name}`);
    const network = functionNetwork((tile) => tile);
    return Promise.resolve({
      network,
      notice: "on paper",
      [Symbol.dispose]: () => void log.push(`close ${name}`),
    });
  };
  const chain = await openChain([a, b, a], open);
  assertEquals([chain.networks.length, chain.networks[0] === chain.networks[2], chain.notices], [3, true, [
    "on paper",
  ]]);
  chain[Symbol.dispose]();
  chain[Symbol.dispose]();
  assertEquals(log.splice(0), ["open a", "open b", "close a", "close b"]);
  await assertRejects(() => openChain([a, { name: "broken", model }], open), /cannot be opened/);
  assertEquals(log, ["open a", "close a"]);
});

Deno.test("chooseModels() finds what restores and enlarges as asked", async () => {
  await withFolder(async (dir) => {
    const folder = pathToFileURL(`${dir}/`);
    const chosen = async (model?: string, scale?: number) =>
      (await chooseModels({ model, scale }, folder)).map(({ name }) => name);
    await ship(dir, "photo", 1);
    assertEquals(await chosen(), ["photo"]);
    assertEquals(await chosen(undefined, 1), ["photo"]);
    await assertRejects(
      () => chosen(undefined, 2),
      /no model for --scale 2 .*\(photo\): train one as docs\/MODELS\.md/,
    );
    await assertRejects(() => chosen("photo", 4), /no model for --scale 4/);

    await ship(dir, "upscale2x", 2);
    assertEquals(await chosen(undefined, 2), ["upscale2x"]);
    assertEquals(await chosen(undefined, 4), ["upscale2x", "upscale2x"]);
    assertEquals(await chosen("upscale2x"), ["upscale2x"]);
    assertEquals(await chosen("upscale2x", 4), ["upscale2x", "upscale2x"]);
    assertEquals(await chosen("photo", 2), ["photo", "upscale2x"]);
    await assertRejects(
      () => chosen("upscale2x", 1),
      /upscale2x enlarges ×2, so --scale 1 does not go with it/,
    );
    const [first, second] = await chooseModels({ scale: 4 }, folder);
    assertEquals(first, second);

    await ship(dir, "upscale4x", 4);
    assertEquals(await chosen(undefined, 4), ["upscale4x"]);
    assertEquals(await chosen("photo", 4), ["photo", "upscale4x"]);
    await assertRejects(() => chosen("upscale4x", 2), /upscale4x enlarges ×4/);
  });
});
