import { buildDataset } from "../../src/data/dataset.ts";
import { openHandle, openPhotos } from "../../src/data/open.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "./photos.ts";

const write = (path: string, seed: number, width = 20, height = 24) =>
  writeTestPhoto(path, width, height, testPixels(width, height, seed));

Deno.test("openPhotos() takes a plain folder for single photos", () =>
  withFolder(async (dir) => {
    await write(`${dir}/a.png`, 1);
    await write(`${dir}/high/b.png`, 2);
    const source = await openPhotos(dir, { files: ["high/b.png"] });
    assertEquals([source.paired, source.photos.length, source.recipe, source.split], [
      false,
      1,
      undefined,
      undefined,
    ]);
    assertEquals((await source.load(0)).low, undefined);
  }));

Deno.test("openPhotos() pairs the subfolders high and low by name, whatever the extension and the order", () =>
  withFolder(async (dir) => {
    // "a.png" sorts before "a-b.webp" by stem, behind it by file name.
    for (const [i, name] of ["a", "a-b", "sub/c"].entries()) {
      await write(`${dir}/high/${name}.png`, i);
      await write(`${dir}/low/${name}.${i === 1 ? "webp" : "png"}`, 10 + i);
    }
    await write(`${dir}/high/lonely.png`, 5);
    await write(`${dir}/low/other.png`, 6);
    await write(`${dir}/high/broken.png`, 7);
    await Deno.writeTextFile(`${dir}/low/broken.png`, "no photo");
    for (const memoryBytes of [undefined, 0]) {
      const source = await openPhotos(dir, { memoryBytes });
      assert(source.paired);
      assertEquals(source.skipped.map(({ name }) => name.slice(dir.length + 1)).toSorted(), [
        "high/lonely.png",
        "low/broken.png",
        "low/other.png",
      ]);
      assertEquals(source.photos.map(({ name }) => name).toSorted(), ["a-b.png", "a.png", "sub/c.png"]);
      for (const reader of [source, openHandle(structuredClone(source.handle()))]) {
        for (const [index, { name }] of source.photos.entries()) {
          const seed = ["a.png", "a-b.png", "sub/c.png"].indexOf(name);
          assertEquals(await reader.load(index), {
            high: testPixels(20, 24, seed),
            low: testPixels(20, 24, 10 + seed),
          });
        }
      }
    }
  }));

Deno.test("openPhotos() stamps photos so that the same ones are known elsewhere, and others of their names and sizes are not", () =>
  withFolder(async (dir) => {
    const blank = new Uint8Array(20 * 24 * 3);
    const made: Record<string, string[]> = { photos: [], pairs: [], set: [], pictures: [] };
    for (const [i, place] of ["one", "two", "three"].entries()) {
      for (const folder of ["photos", "pairs/high"]) await write(`${dir}/${place}/${folder}/a.png`, 1);
      await write(`${dir}/${place}/pairs/low/a.png`, 2);
      if (i === 2) {
        for (const path of ["photos/a.png", "pairs/low/a.png"]) {
          await writeTestPhoto(`${dir}/${place}/${path}`, 20, 24, blank);
        }
      }
      const options = {
        from: [`${dir}/${place}/photos`],
        recipe: parseRecipe("gaussian:10"),
        seed: 1,
        size: 16,
      };
      await buildDataset({ ...options, out: `${dir}/${place}/set` });
      await buildDataset({ ...options, out: `${dir}/${place}/pictures`, format: "png" });
      for (const folder in made) made[folder].push((await openPhotos(`${dir}/${place}/${folder}`)).stamp!);
    }
    for (const [folder, [one, two, three]] of Object.entries(made)) {
      assert(one !== undefined && one === two && two !== three, `${folder}: ${one}, ${two}, ${three}`);
    }
  }));

Deno.test("openPhotos() refuses pairs of different sizes, without a partner, or of the same name twice", () =>
  withFolder(async (dir) => {
    const refuse = (folder: string, message: RegExp) =>
      assertRejects(() => openPhotos(`${dir}/${folder}`), (error: unknown) => {
        assert(
          error instanceof UserError && message.test(error.message) && !error.message.includes("\n"),
          `${error}`,
        );
        return true;
      });
    await write(`${dir}/sizes/high/a.png`, 1);
    await write(`${dir}/sizes/low/a.png`, 1, 10, 12);
    await refuse("sizes", /'a\.png' has 20×24 pixels.*10×12/);
    await write(`${dir}/lonely/high/a.png`, 1);
    await write(`${dir}/lonely/low/b.png`, 1);
    await refuse("lonely", /has a twin/);
    for (const name of ["high/a.png", "high/a.webp", "low/a.png"]) await write(`${dir}/twice/${name}`, 1);
    await refuse("twice", /holds both/);
    await write(`${dir}/broken/high/a.png`, 1);
    await write(`${dir}/broken/high/b.png`, 2);
    await write(`${dir}/broken/low/b.png`, 1);
    await Deno.writeTextFile(`${dir}/broken/low/a.png`, "no photo");
    await Deno.writeTextFile(`${dir}/broken/high/b.png`, "no photo");
    await refuse("broken", /No pair/);
  }));

Deno.test("openPhotos() takes a folder with dataset.json for a built set, with its recipe and split", () =>
  withFolder(async (dir) => {
    for (let i = 0; i < 6; i++) await write(`${dir}/in/${i}.png`, i);
    for (const format of ["npy", "png"] as const) {
      const recipe = parseRecipe("trial3");
      await buildDataset({
        from: [`${dir}/in`],
        out: `${dir}/${format}`,
        size: 16,
        recipe,
        seed: 1,
        format,
        heldOut: 0.34,
      });
      const source = await openPhotos(`${dir}/${format}`);
      assertEquals([source.paired, source.photos.length, source.recipe], [
        true,
        6,
        "salt-pepper:0.02,blur:2-3",
      ]);
      assertEquals([...source.split!.train, ...source.split!.validation].toSorted(), [0, 1, 2, 3, 4, 5]);
      assertEquals(source.split!.validation.length, 2);
      await assertRejects(() => openPhotos(`${dir}/${format}`, { files: ["0.png"] }), UserError);
    }
  }));

Deno.test("openPhotos() of a set of a single original trains and measures on it, as of a folder of one photo", () =>
  withFolder(async (dir) => {
    await write(`${dir}/in/0.png`, 1);
    const made = { from: [`${dir}/in`], out: `${dir}/set`, size: 16, recipe: parseRecipe("blur:1"), seed: 1 };
    await buildDataset(made);
    assertEquals((await openPhotos(`${dir}/set`)).split, { train: [0], validation: [0] });
  }));

Deno.test("openHandle() refuses what no source has given", () => {
  assertThrows(() => openHandle({ kind: "tape" }), /unknown kind tape/);
});

Deno.test("openPhotos() says what to do with two folders as LOW:HIGH, and takes one that has such a name", () =>
  withFolder(async (dir) => {
    for (const side of ["low", "clean"]) await write(`${dir}/${side}/a.png`, 3);
    const two = `${dir}/low:${dir}/clean`;
    await assertRejects(() => openPhotos(two), (error: unknown) => {
      assert(error instanceof UserError && error.exitCode === 2, String(error));
      return error.message.includes(`names two folders`) &&
        error.message.includes(`'clairnet dataset build --from ${two}'`);
    });
    await assertRejects(() => openPhotos(`${dir}/low:${dir}/gone`), /Cannot read the folder/);
    if (Deno.build.os === "windows") return;
    await write(`${dir}/low:clean/b.png`, 4);
    assertEquals((await openPhotos(`${dir}/low:clean`)).photos.length, 1);
  }));
