import sharp from "sharp";
import { buildDataset, type BuildOptions, Dataset, datasetInfo } from "../../src/data/dataset.ts";
import { readNpyHeader } from "../../src/data/npy.ts";
import { PatchStream } from "../../src/data/patches.ts";
import { Prefetch } from "../../src/data/prefetch.ts";
import { splitPhotos } from "../../src/data/photo_source.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "./photos.ts";

const recipe = parseRecipe("gaussian:10,salt-pepper:0.02");

/** Two folders of photos; the first has one that is too small and one that is broken. */
async function fill(dir: string): Promise<string[]> {
  for (let i = 0; i < 5; i++) {
    await writeTestPhoto(`${dir}/a/${i}.png`, 40 + 8 * i, 36, testPixels(40 + 8 * i, 36, i));
  }
  for (let i = 0; i < 4; i++) {
    await writeTestPhoto(`${dir}/b/c/${i}.png`, 32, 32 + 5 * i, testPixels(32, 32 + 5 * i, 10 + i));
  }
  await writeTestPhoto(`${dir}/a/small.png`, 31, 90, testPixels(31, 90, 20));
  await Deno.writeTextFile(`${dir}/a/broken.jpg`, "no photo");
  return [`${dir}/a`, `${dir}/b`];
}

const build = (from: string[], out: string, more: Partial<BuildOptions> = {}) =>
  buildDataset({ from, out, size: 32, recipe, seed: 3, heldOut: 0.25, ...more });

Deno.test("buildDataset() writes .npy files, one size, and a description of all that is in", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    const progress: string[] = [];
    const made = await build(from, `${dir}/deep/set`, {
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    const names = [...Deno.readDirSync(`${dir}/deep/set`)].map(({ name }) => name).toSorted();
    assertEquals(names, ["contact-sheet.jpg", "dataset.json", "high_x32.npy", "low_x32.npy"]);
    assertEquals([...Deno.readDirSync(`${dir}/deep`)].length, 1, "no temporary folder is left");
    for (const side of ["high", "low"]) {
      assertEquals((await readNpyHeader(`${dir}/deep/set/${side}_x32.npy`)).shape, [9, 32, 32, 3]);
    }
    assertEquals(made.sources, [{ dir: from[0], photos: 5 }, { dir: from[1], photos: 4 }]);
    assertEquals(made.skipped.map(({ name }) => name), [`${from[0]}/broken.jpg`, `${from[0]}/small.png`]);
    assert(/31×90 pixels, fewer than 32/.test(made.skipped[1].reason), made.skipped[1].reason);
    assertEquals([made.count, made.size, made.recipe, made.seed, made.format], [
      9,
      32,
      recipe.text,
      3,
      "npy",
    ]);
    const photos = made.photos.map((name) => ({ name, width: 32, height: 32 }));
    assertEquals(made.split.validation, splitPhotos(photos, 0.25, 3).validation);
    assertEquals(progress.at(-1), "11/11");
    assertEquals(JSON.parse(await Deno.readTextFile(`${dir}/deep/set/dataset.json`)), made);
  }));

Deno.test("buildDataset() keeps a photo of the right size as it is and degrades its twin by the recipe", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    await build(from, `${dir}/set`);
    const set = await Dataset.open(`${dir}/set`);
    const index = set.photos.findIndex(({ name }) => name.endsWith("c/0.png"));
    assertEquals((await set.load(index)).high, testPixels(32, 32, 10));
    let impulses = 0, squares = 0, count = 0;
    const places = new Set<string>();
    for (let i = 0; i < 9; i++) {
      const { high, low } = await set.load(i);
      const hit: number[] = [];
      for (let k = 0; k < high.length; k += 3) {
        if (low![k] === low![k + 1] && low![k] === low![k + 2] && (low![k] === 0 || low![k] === 255)) {
          impulses++;
          hit.push(k);
        } else for (const c of [0, 1, 2]) squares += (low![k + c] - high[k + c]) ** 2;
        count++;
      }
      places.add(hit.join());
    }
    assertEquals(places.size, 9, "each photo has noise of its own");
    assert(Math.abs(impulses / count - 0.02) < 0.008, `${impulses / count}`);
    assert(Math.abs(Math.sqrt(squares / 3 / (count - impulses)) - 10) < 0.5);
  }));

Deno.test("buildDataset() reduces the shorter side to the size and cuts the middle out", () =>
  withFolder(async (dir) => {
    // Left third red, middle green, right blue, at twice the size: what stays is green.
    const pixels = Uint8Array.from(
      { length: 192 * 64 * 3 },
      (_, i) => Math.floor((Math.floor(i / 3) % 192) / 64) === i % 3 ? 200 : 0,
    );
    await writeTestPhoto(`${dir}/in/wide.png`, 192, 64, pixels);
    await build([`${dir}/in`], `${dir}/set`, { recipe: parseRecipe("none") });
    const { high, low } = await (await Dataset.open(`${dir}/set`)).load(0);
    assertEquals(high, low);
    for (let y = 0; y < 32; y++) {
      for (let x = 2; x < 30; x++) {
        assert(
          high[(y * 32 + x) * 3 + 1] > 190 && high[(y * 32 + x) * 3] < 10 && high[(y * 32 + x) * 3 + 2] < 10,
        );
      }
    }
    assertEquals((await datasetInfo(`${dir}/set`)).psnr, Infinity);
  }));

Deno.test("buildDataset() gives the same bytes for the same seed, in both formats, others for another", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    await build(from, `${dir}/one`);
    await build(from, `${dir}/two`);
    await build(from, `${dir}/png`, { format: "png" });
    await build(from, `${dir}/other`, { seed: 4 });
    const low = (set: string) => Deno.readFile(`${dir}/${set}/low_x32.npy`);
    const one = await low("one");
    assertEquals(one, await low("two"));
    assert((await low("other")).some((value, i) => value !== one[i]));
    const [npy, png] = [await Dataset.open(`${dir}/one`), await Dataset.open(`${dir}/png`)];
    assertEquals(png.photos, npy.photos);
    for (let i = 0; i < 9; i++) assertEquals(await png.load(i), await npy.load(i));
    const file = await sharp(`${dir}/png/low/000002.png`).raw().toBuffer();
    assertEquals(new Uint8Array(file), (await npy.load(2)).low);
    assertEquals([...Deno.readDirSync(`${dir}/png/high`)].length, 9);
  }));

Deno.test("buildDataset() with a limit takes a sample of the photos, good ones only, drawn by the seed", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    const samples = [];
    for (const seed of [1, 2, 3]) {
      const { photos, count } = await build(from, `${dir}/set${seed}`, { limit: 4, seed });
      assertEquals([photos.length, count], [4, 4]);
      assertEquals((await readNpyHeader(`${dir}/set${seed}/high_x32.npy`)).shape[0], 4);
      samples.push(photos.toSorted().join());
    }
    assert(new Set(samples).size > 1);
    assertEquals((await build(from, `${dir}/all`, { limit: 100 })).count, 9);
  }));

Deno.test("buildDataset() leaves nothing behind when nothing can be used, and never touches what is there", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    await Deno.mkdir(`${dir}/out`);
    await Deno.writeTextFile(`${dir}/out/mine.txt`, "mine");
    await assertRejects(
      () => build(from, `${dir}/out`),
      (error: unknown) => error instanceof UserError && /not empty/.test(error.message),
    );
    assertEquals(await Deno.readTextFile(`${dir}/out/mine.txt`), "mine");

    await Deno.mkdir(`${dir}/parent`);
    await assertRejects(
      () => build(from, `${dir}/parent/set`, { size: 512 }),
      /None of the 11 photos can be used/,
    );
    await Deno.mkdir(`${dir}/empty`);
    await assertRejects(() => build([`${dir}/empty`], `${dir}/parent/set`), /no photo to use/);
    await assertRejects(() => build([`${dir}/lost`], `${dir}/parent/set`), UserError);
    assertEquals([...Deno.readDirSync(`${dir}/parent`)], []);

    await Deno.mkdir(`${dir}/parent/set`);
    assertEquals((await build(from, `${dir}/parent/set`)).count, 9, "an empty folder is free");
  }));

Deno.test("datasetInfo() tells counts, bytes and the PSNR of the degraded side", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    await build(from, `${dir}/set`, { recipe: parseRecipe("gaussian:10") });
    const info = await datasetInfo(`${dir}/set`);
    assertEquals([info.count, info.size, info.recipe, info.bytes], [
      9,
      32,
      "gaussian:10",
      2 * 9 * 32 * 32 * 3,
    ]);
    assert(Math.abs(info.psnr - 20 * Math.log10(255 / 10)) < 0.3, `${info.psnr}`);
    await build(from, `${dir}/png`, { format: "png" });
    assert((await datasetInfo(`${dir}/png`)).bytes > 1000);
  }));

Deno.test("datasetInfo() and Dataset.open() say in one line what is wrong with a data set", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    const refuse = async (set: string, message: RegExp) => {
      for (const look of [datasetInfo, Dataset.open]) {
        await assertRejects(() => look(set), (error: unknown) => {
          assert(
            error instanceof UserError && message.test(error.message) && !error.message.includes("\n"),
            `${error}`,
          );
          return true;
        });
      }
    };
    await refuse(`${dir}/a`, /no built data set/);
    await build(from, `${dir}/set`);
    const json = await Deno.readTextFile(`${dir}/set/dataset.json`);
    const edits: [string, RegExp][] = [
      [json.slice(0, 100), /Cannot read/],
      ["null", /no description/],
      [json.replace('"version": 2', '"version": 9'), /version 9/],
      [json.replace('"count": 9', '"count": 8'), /list its 8 photos/],
      [json.replace('"format": "npy"', '"format": "zip"'), /neither npy nor png/],
      [json.replace('"validation": [', '"validation": [99,'), /split is wrong/],
      [json.replace('"size": 32', '"size": 64'), /high_x64\.npy/],
      [json.replace('"greys": [', '"greys": [-1'), /list of grey pictures is wrong/],
      [json.replace('"repeats": [', '"repeats": [[8, 9]'), /list of pictures of one original is wrong/],
    ];
    for (const [text, message] of edits) {
      assert(text !== json);
      await Deno.writeTextFile(`${dir}/set/dataset.json`, text);
      await refuse(`${dir}/set`, message);
    }
    await Deno.writeTextFile(`${dir}/set/dataset.json`, json);
    await Deno.truncate(`${dir}/set/low_x32.npy`, 5000);
    await refuse(`${dir}/set`, /low_x32\.npy.*cut off/);
    await build(from, `${dir}/png`, { format: "png" });
    await Deno.remove(`${dir}/png/low/000003.png`);
    await refuse(`${dir}/png`, /000003\.png|8 readable pairs of 9/);
  }));

Deno.test("datasetInfo() and Dataset.open() read sets that do not say which originals are grey or the same", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    const { greys: _, repeats: __, ...older } = await build(from, `${dir}/set`);
    await Deno.writeTextFile(`${dir}/set/dataset.json`, JSON.stringify(older));
    assertEquals((await datasetInfo(`${dir}/set`)).count, 9);
    assertEquals((await Dataset.open(`${dir}/set`)).photos[0], {
      name: older.photos[0],
      width: 32,
      height: 32,
    });
  }));

Deno.test("PatchStream cuts pairs from a built set at the same place, in threads as well", () =>
  withFolder(async (dir) => {
    const from = await fill(dir);
    // A recipe without neighbours, so that any shift between input and target would show.
    await build(from, `${dir}/npy`, { recipe: parseRecipe("gaussian:2") });
    await build(from, `${dir}/png`, { recipe: parseRecipe("gaussian:2"), format: "png" });
    for (const set of ["npy", "png"]) {
      const source = await Dataset.open(`${dir}/${set}`);
      const options = { patch: 16, batch: 8, seed: 5, indices: source.split!.train };
      const stream = new PatchStream(source, options);
      const { input, target } = await stream.batch(2);
      let squares = 0;
      input.forEach((value, i) => squares += (value - target[i]) ** 2);
      const deviation = Math.sqrt(squares / input.length) * 255;
      assert(Math.abs(deviation - 2.02) < 0.15, `${set}: ${deviation}`);
      await using batches = new Prefetch(source, options);
      assertEquals(await batches.next(2), { input, target });
      // With a recipe the clean side is degraded afresh.
      const fresh = await new PatchStream(source, { ...options, recipe: parseRecipe("none") }).batch(2);
      assertEquals(fresh.input, fresh.target);
    }
  }));
