import { pathToFileURL } from "node:url";
import { heInitialise } from "../../src/nn/initialise.ts";
import { type Model, modelInfo } from "../../src/nn/model_file.ts";
import { listModels, loadModel } from "../../src/nn/models.ts";
import { SHIPPED_MODELS } from "../../src/nn/shipped.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assertEquals, assertRejects, isUserError } from "../assert.ts";

function makeModel(seed: number): Model {
  const topology = unetTopology({ base: 2, depth: 1, blocks: 1 });
  return {
    topology,
    parameters: heInitialise(topology, seed),
    info: modelInfo({ name: `seed ${seed}`, seed }),
  };
}

async function withFolder(act: (folder: string, url: URL) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "clairnet models " });
  try {
    await act(folder, pathToFileURL(`${folder}/`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertRefused(act: () => Promise<unknown>, pattern: RegExp): Promise<void> {
  await assertRejects(act, isUserError(pattern));
}

Deno.test("saveModel() and loadModel() go by name, path, address and bytes; nothing else is left in the folder", () =>
  withFolder(async (folder, url) => {
    const model = makeModel(3);
    const file = `${folder}/${SHIPPED_MODELS[0]}.safetensors`;
    await saveModel(file, makeModel(4));
    await saveModel(file, model); // replaces
    await saveModel(`${folder}/a.safetensors`, makeModel(5), { dtype: "F16" });
    await Deno.writeTextFile(`${folder}/a.md`, "card");
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 3);
    assertEquals(await listModels(url), ["a", SHIPPED_MODELS[0]]);
    for (const name of [SHIPPED_MODELS[0], file, pathToFileURL(file), pathToFileURL(file).href]) {
      assertEquals(await loadModel(name, url), model, String(name));
    }
    const bytes = await Deno.readFile(file);
    assertEquals(await loadModel(bytes), model);
    const address = URL.createObjectURL(new Blob([bytes]));
    assertEquals(await loadModel(address), model);
    URL.revokeObjectURL(address);
  }));

Deno.test("loadModel() fetches a shipped model over http", async () => {
  const abort = new AbortController();
  const folder = await Deno.makeTempDir();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", signal: abort.signal, onListen() {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      if (path !== `/models/${SHIPPED_MODELS[0]}.safetensors`) return new Response("no", { status: 404 });
      return new Response(await Deno.readFile(`${folder}/m.safetensors`));
    },
  );
  try {
    await saveModel(`${folder}/m.safetensors`, makeModel(6));
    const url = new URL(`http://127.0.0.1:${server.addr.port}/models/`);
    assertEquals(await listModels(url), [...SHIPPED_MODELS]);
    assertEquals((await loadModel(SHIPPED_MODELS[0], url)).info.seed, 6);
    await assertRefused(() => loadModel(`${url}other.safetensors`, url), /answered 404/);
  } finally {
    abort.abort();
    await server.finished;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadModel() says in one line what there is when a model is not found", () =>
  withFolder(async (folder, url) => {
    await assertRefused(() => loadModel("phtoo", url), /no model "phtoo"; no model is shipped/);
    await saveModel(`${folder}/photo.safetensors`, makeModel(1));
    await assertRefused(() => loadModel("phtoo", url), /no model "phtoo"; shipped: photo; or give the path/);
    await assertRefused(
      () => loadModel(`${folder}/none.safetensors`, url),
      /Cannot read the model ".*none\.safetensors"/,
    );
    await Deno.writeFile(`${folder}/photo.safetensors`, new Uint8Array(20).fill(255));
    await assertRefused(() => loadModel("photo", url), /"photo\.safetensors".*damaged/);
    await assertRefused(() => loadModel(new Uint8Array(20).fill(255)), /"the given bytes".*damaged/);
  }));

Deno.test("saveModel() leaves no temporary file when the target cannot be replaced", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/taken.safetensors/inside`, { recursive: true });
    await assertRefused(() => saveModel(`${folder}/taken.safetensors`, makeModel(2)), /Cannot write/);
    await assertRefused(() => saveModel(`${folder}/absent/x.safetensors`, makeModel(2)), /Cannot write/);
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
      "taken.safetensors",
    ]);
  }));

Deno.test("SHIPPED_MODELS names every model of the package's folder", async () => {
  assertEquals([...SHIPPED_MODELS], await listModels());
});
