import { pathToFileURL } from "node:url";
import { chooseModels } from "../../src/enhance/choose_models.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";

async function ship(dir: string, name: string, scale: 1 | 2 | 4): Promise<void> {
  const topology = unetTopology({ base: 2, depth: 0, blocks: 1, scale });
  await saveModel(`${dir}/${name}.safetensors`, {
    topology,
    parameters: heInitialise(topology, 1),
    info: modelInfo({ name }),
  });
}

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
