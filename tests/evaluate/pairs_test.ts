import { buildDataset } from "../../src/data/dataset.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import type { PhotoSource } from "../../src/data/photo_source.ts";
import { openPhotos } from "../../src/data/open.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { degradedFolder, openPairs, pairedFolders, pairsOf } from "../../src/evaluate/pairs.ts";
import { psnr } from "../../src/evaluate/metrics.ts";
import { assert, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { smoothPicture, writePng } from "./pictures.ts";

const [width, height] = [24, 18];

async function withFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "clairnet pairs " });
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes pictures; seeds by path. */
async function writePictures(folder: string, pictures: Record<string, number>): Promise<void> {
  for (const [path, seed] of Object.entries(pictures)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await writePng(`${folder}/${path}`, smoothPicture(width, height, seed), width, height);
  }
}

async function assertRefused(act: () => Promise<unknown>, pattern: RegExp): Promise<void> {
  await assertRejects(act, isUserError(pattern));
}

Deno.test("degradedFolder() damages each photo by seed and file name alone", () =>
  withFolder(async (folder) => {
    await writePictures(folder, { "some/a.png": 1, "some/b.png": 1, "some/c.png": 2, "other/deep/b.png": 1 });
    const recipe = "mix(blur:0-2,gaussian:0-30,salt-pepper:0-0.03,jpeg:25-100),gaussian:5-20";
    const some = await degradedFolder(`${folder}/some`, recipe, 7);
    const other = await degradedFolder(`${folder}/other`, recipe, 7);
    assertEquals(some.names, ["a.png", "b.png", "c.png"]);
    assertEquals(other.names, ["deep/b.png"]);
    assertEquals(some.recipe, recipe);

    const b = await some.load(1);
    assertEquals([b.width, b.height, b.original], [width, height, smoothPicture(width, height, 1)]);
    assert(Number.isFinite(psnr(b.degraded, b.original)));
    assertMatch(b.damage!, /^([a-z-]+:[\d.e-]+,)*gaussian:[\d.]+$/);
    await some.load(0);
    assertEquals(await some.load(1), b, "asked again, after another photo");
    assertEquals(await other.load(0), b, "the same name and picture elsewhere");
    assert((await some.load(0)).damage !== b.damage, "another name, the same picture");
    const reseeded = await (await degradedFolder(`${folder}/some`, recipe, 8)).load(1);
    assert(reseeded.damage !== b.damage, "another seed");
  }));

Deno.test("degradedFolder() damages a photo alike however its name spells an accent", () =>
  withFolder(async (folder) => {
    const recipe = "gaussian:5-20";
    await writePictures(folder, { "composed/caf\u00e9.png": 1, "parted/cafe\u0301.png": 1 });
    const [composed, parted] = await Promise.all(
      ["composed", "parted"].map(async (sub) =>
        await (await degradedFolder(`${folder}/${sub}`, recipe, 7)).load(0)
      ),
    );
    assertEquals(parted, composed);
  }));

Deno.test("openPairs() takes folders of pairs, as subfolders or as DEGRADED:ORIGINAL", () =>
  withFolder(async (folder) => {
    await writePictures(folder, { "high/x/a.png": 1, "high/b.png": 2, "low/x/a.png": 3, "low/b.webp": 4 });
    for (const data of [folder, `${folder}/low:${folder}/high`]) {
      const source = await openPairs(data, undefined, 0);
      assertEquals(source.names, ["b.png", "x/a.png"]);
      assertEquals(source.recipe, undefined);
      const a = await source.load(1);
      assertEquals(a.original, smoothPicture(width, height, 1));
      assertEquals(a.degraded, smoothPicture(width, height, 3));
      assertEquals((await source.load(0)).original, smoothPicture(width, height, 2));
    }
    await assertRefused(() => openPairs(folder, "blur:1", 0), /holds pairs.*leave out the recipe 'blur:1'/);
  }));

Deno.test("Pairs say whether the original's file holds a single channel, from folders as with a recipe and from built sets", () =>
  withFolder(async (folder) => {
    await writePictures(folder, { "high/colour.png": 1, "low/colour.png": 2, "low/grey.png": 3 });
    const { default: sharp } = await import("sharp");
    const raw = { width, height, channels: 3 } as const;
    await sharp(smoothPicture(width, height, 4), { raw }).toColourspace("b-w").toFile(
      `${folder}/high/grey.png`,
    );
    const paired = await pairedFolders(`${folder}/low`, `${folder}/high`);
    const degraded = await degradedFolder(`${folder}/high`, "blur:1", 0);
    for (const source of [paired, degraded]) {
      assertEquals(source.names, ["colour.png", "grey.png"]);
      assertEquals([(await source.load(0)).grey, (await source.load(1)).grey], [false, true]);
    }
    for (const keepLow of [true, undefined]) {
      const out = `${folder}/built${keepLow ?? ""}`;
      const recipe = keepLow ? undefined : parseRecipe("blur:1");
      await buildDataset({ from: [`${folder}/low:${folder}/high`], out, size: 16, seed: 1, keepLow, recipe });
      const built = await openPairs(out, undefined, 0);
      const greys = [...built.names.keys()].map(async (
        i,
      ) => [built.names[i].slice(-10), (await built.load(i)).grey]);
      assertEquals(await Promise.all(greys), [["colour.png", undefined], ["h/grey.png", true]]);
    }
  }));

Deno.test("pairedFolders() names a photo without a twin, one with two, and one of another size", () =>
  withFolder(async (folder) => {
    await writePictures(folder, { "high/a.png": 1, "high/b.png": 2, "low/a.png": 3 });
    const open = () => pairedFolders(`${folder}/low`, `${folder}/high`);
    await assertRefused(open, /high\/b\.png' has no twin in '.*low'/);
    await writePictures(folder, { "low/b.png": 4, "low/c.png": 4 });
    await assertRefused(open, /low\/c\.png' has no twin in '.*high'/);
    await Deno.remove(`${folder}/low/c.png`);
    await writePictures(folder, { "low/a.webp": 4 });
    await assertRefused(open, /holds both 'a\.png' and 'a\.webp'/);
    await Deno.remove(`${folder}/low/a.webp`);
    await writePng(`${folder}/low/b.png`, smoothPicture(5, 4), 5, 4);
    await assertRefused(
      async () => await (await open()).load(1),
      /low\/b\.png' has 5×4 pixels, its original 24×18/,
    );
  }));

Deno.test({
  name:
    "pairedFolders() pairs names whose accents are letters of their own in one folder alone, as does training",
  // macOS takes both for one name.
  ignore: Deno.build.os === "darwin",
  fn: () =>
    withFolder(async (folder) => {
      await writePictures(folder, { "high/caf\u00e9.png": 1, "low/cafe\u0301.png": 2 });
      const { names, load } = await pairedFolders(`${folder}/low`, `${folder}/high`);
      assertEquals([names, (await load(0)).degraded], [["caf\u00e9.png"], smoothPicture(width, height, 2)]);
      const opened = await openPhotos(folder);
      assertEquals((await opened.load(0)).low, smoothPicture(width, height, 2));
    }),
});

Deno.test("openPairs() says in one line what is missing", () =>
  withFolder(async (folder) => {
    await assertRefused(() => openPairs(`${folder}/none`, "blur:1", 0), /There is no folder '.*none'/);
    await assertRefused(() => openPairs(folder, "blur:1", 0), /no photo in/);
    await writePictures(folder, { "a.png": 1 });
    await assertRefused(
      () => openPairs(folder, undefined, 0),
      /holds single photos: say how to degrade them, e\.g\. --degrade blur/,
    );
    await assertRefused(() => openPairs(folder, "blurr:1", 0), /no step 'blurr'/);
    await assertRefused(() => openPairs(`${folder}/a.png`, "blur:1", 0), /There is no folder/);
    await assertRefused(
      () => openPairs(`${folder}:${folder}/lost`, undefined, 0),
      /^Cannot read '.*' as DEGRADED:ORIGINAL: there is no folder '[^:]*lost'$/,
    );
  }));

Deno.test("pairsOf() gives a built set's photos with their twins, and refuses single photos", () =>
  withFolder(async (folder) => {
    const [high, low] = [smoothPicture(width, height, 1), smoothPicture(width, height, 2)];
    const built: PhotoSource = {
      photos: [{ name: "0.png", width, height }],
      paired: true,
      load: () => Promise.resolve({ high, low }),
      handle: () => undefined,
    };
    const source = pairsOf(built);
    assertEquals(source.names, ["0.png"]);
    assertEquals(await source.load(0), { width, height, original: high, degraded: low });
    await writePictures(folder, { "a.png": 1 });
    await assertRefused(async () => pairsOf(await PhotoPool.open(folder)), /no degraded twins/);
  }));
