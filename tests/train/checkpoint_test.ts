import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { loadModel } from "../../src/nn/models.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { decodeTensors, encodeTensors } from "../../src/nn/safetensors.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { UserError } from "../../src/base/errors.ts";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "../../src/train/checkpoint.ts";
import { someState } from "./states.ts";

const topology = unetTopology({ base: 3, depth: 1, blocks: 1, up: "bilinear" });

const someCheckpoint = (seed: number): Checkpoint => ({
  topology,
  step: 70 + seed,
  settings: { steps: 500, learningRate: 1e-3 / 3, loss: "l1", recipe: "blur:1-2", decayed: false },
  state: someState(topology, seed),
  info: modelInfo({ name: "test", recipe: "blur:1-2", seed, steps: 70 + seed, metrics: { psnr: 29.5 } }),
});

const oneLine = (pattern: RegExp) => (error: unknown) => {
  assert(error instanceof UserError, String(error));
  assertMatch(error.message, pattern);
  assert(!error.message.includes("\n"), error.message);
  return true;
};

Deno.test("loadCheckpoint() gives back what saveCheckpoint() wrote, bit for bit", async () => {
  await withFolder(async (dir) => {
    const path = `${dir}/checkpoint.safetensors`;
    await saveCheckpoint(path, someCheckpoint(1));
    assertEquals(await loadCheckpoint(path), someCheckpoint(1));
    await saveCheckpoint(path, someCheckpoint(2));
    assertEquals(await loadCheckpoint(path), someCheckpoint(2));
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["checkpoint.safetensors"]);
  });
});

Deno.test("saveCheckpoint() writes a file that is a model at the same time: the averaged weights", async () => {
  await withFolder(async (dir) => {
    const checkpoint = someCheckpoint(3);
    await saveCheckpoint(`${dir}/c.safetensors`, checkpoint);
    const model = await loadModel(`${dir}/c.safetensors`);
    assertEquals(model.parameters, checkpoint.state.average);
    assertEquals(model.topology, topology);
    assertEquals(model.info, checkpoint.info);
  });
});

Deno.test("saveCheckpoint() keeps the old checkpoint when the new one cannot be written", async () => {
  await withFolder(async (dir) => {
    const path = `${dir}/checkpoint.safetensors`;
    await saveCheckpoint(path, someCheckpoint(4));
    const broken = someCheckpoint(5);
    broken.state.average.get("out.bias")![1] = NaN;
    await assertRejects(saveCheckpoint(path, broken), oneLine(/"out\.bias" holds NaN/));
    assertEquals(await loadCheckpoint(path), someCheckpoint(4));
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["checkpoint.safetensors"]);
  });
});

Deno.test("loadCheckpoint() refuses a damaged file in one line, wherever the damage is", async () => {
  await withFolder(async (dir) => {
    const path = `${dir}/checkpoint.safetensors`;
    await saveCheckpoint(path, someCheckpoint(6));
    const bytes = await Deno.readFile(path);
    for (const length of [0, 7, 100, Math.floor(bytes.length / 2), bytes.length - 1]) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      await assertRejects(loadCheckpoint(path), oneLine(/^Cannot read ".*checkpoint\.safetensors"/));
    }
    for (const at of [3, 20, 400, bytes.length - 2]) {
      const flipped = bytes.slice();
      flipped[at] ^= 4;
      await Deno.writeFile(path, flipped);
      await assertRejects(loadCheckpoint(path), oneLine(/^Cannot (read|use) ".*checkpoint\.safetensors"/));
    }
    await Deno.writeTextFile(path, "these are notes, not weights");
    await assertRejects(loadCheckpoint(path), oneLine(/no safetensors file or is damaged/));
  });
});

Deno.test("loadCheckpoint() says what to do where there is no file, a folder, or a model without the optimiser's state", async () => {
  await withFolder(async (dir) => {
    await assertRejects(
      loadCheckpoint(`${dir}/none.safetensors`),
      oneLine(/^Cannot resume: there is no checkpoint .*none\.safetensors; start without --resume$/),
    );
    await assertRejects(loadCheckpoint(dir), oneLine(/^Cannot resume: cannot read /));
    const { state, info } = someCheckpoint(7);
    await saveModel(`${dir}/model.safetensors`, { topology, parameters: state.average, info });
    await assertRejects(
      loadCheckpoint(`${dir}/model.safetensors`),
      oneLine(/^Cannot resume: .* is a model, not a checkpoint/),
    );
  });
});

Deno.test("loadCheckpoint() refuses tensors that are not of the topology that the file names", async () => {
  await withFolder(async (dir) => {
    const path = `${dir}/checkpoint.safetensors`;
    await saveCheckpoint(path, someCheckpoint(8));
    const file = decodeTensors(await Deno.readFile(path), path);
    const rewrite = (metadata: Record<string, string>, drop = "") =>
      Deno.writeFile(
        path,
        encodeTensors({
          tensors: new Map([...file.tensors].filter(([name]) => name !== drop)),
          metadata: { ...file.metadata, ...metadata },
        }),
      );
    await rewrite({ topology: JSON.stringify({ ...topology, widths: [3, 8] }) });
    await assertRejects(loadCheckpoint(path), oneLine(/has shape .* but its topology wants/));
    await rewrite({}, "moment2/out.weight");
    await assertRejects(loadCheckpoint(path), oneLine(/it has no moment2\/out\.weight/));
    for (const [key, value] of [["step", "many"], ["step", "-1"], ["settings", ""], ["settings", "{bad"]]) {
      await rewrite({ [key]: value });
      await assertRejects(loadCheckpoint(path), oneLine(/^Cannot resume: .* does not say at which step/));
    }
  });
});
