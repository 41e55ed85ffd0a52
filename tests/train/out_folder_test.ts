import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { UserError } from "../../src/base/errors.ts";
import { lockFolder } from "../../src/base/lock_folder.ts";
import { trainOn, weightsOf, writePhotos } from "./runs.ts";

async function refused(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  await assertRejects(promise, (error) => {
    assert(error instanceof UserError, String(error));
    assertMatch(error.message, pattern);
    return true;
  });
}

Deno.test({
  name: "lockFolder() holds a folder for one at a time, until it is disposed, and writes nothing",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      {
        using lock = await lockFolder(dir);
        assert(lock);
        assertEquals(await lockFolder(dir), undefined);
      }
      using again = await lockFolder(dir);
      assert(again);
      assertEquals([...Deno.readDirSync(dir)], []);
    }),
});

Deno.test({
  name: "train() keeps out of a folder in which another training is at work, which ends as if alone",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      await writePhotos(`${dir}/photos`);
      const out = `${dir}/out`;
      let second: Promise<void> | undefined;
      const short = { steps: 4, lookEvery: 1, checkpointEvery: 4 };
      await trainOn(`${dir}/photos`, out, {
        ...short,
        onProgress: () => {
          second ??= refused(
            trainOn(`${dir}/photos`, out, { ...short, seed: 4 }),
            /^Cannot train into .*out: another training is at work there; wait for its end, or choose another/,
          );
        },
      });
      assert(second);
      await second;
      await trainOn(`${dir}/photos`, `${dir}/alone`, short);
      assertEquals(
        await weightsOf(`${out}/model.safetensors`),
        await weightsOf(`${dir}/alone/model.safetensors`),
      );
    }),
});

Deno.test({
  name: "train() refuses a folder that takes no files before it does a step",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (dir) => {
      await writePhotos(`${dir}/photos`);
      await refused(
        trainOn(`${dir}/photos`, "/sys", { steps: 1 }),
        /^Cannot train into \/sys: (permission denied|the disk is read-only); choose another --out$/,
      );
    }),
});

Deno.test("train() refuses a folder with a model in it, and says which file it cannot write", () =>
  withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    await Deno.mkdir(`${dir}/kept`);
    await Deno.writeTextFile(`${dir}/kept/model.safetensors`, "precious");
    await refused(
      trainOn(`${dir}/photos`, `${dir}/kept`, { steps: 1 }),
      /^Cannot train into .*kept: it holds a model, which the new one would replace; choose another --out$/,
    );
    assertEquals(await Deno.readTextFile(`${dir}/kept/model.safetensors`), "precious");
    await Deno.mkdir(`${dir}/odd/history.csv`, { recursive: true });
    await refused(
      trainOn(`${dir}/photos`, `${dir}/odd`, { steps: 1 }),
      /^Cannot write .*odd\/history\.csv: it is a folder$/,
    );
  }));
