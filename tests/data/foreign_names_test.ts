/** Photos of formats that data sets are not made of: each is named, and none is passed over in silence. */
import { buildDataset } from "../../src/data/dataset.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { openPhotos, surveyPhotos } from "../../src/data/open.ts";
import { degradedFolder, openPairs } from "../../src/evaluate/pairs.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { encoded, pieceOf, type Tree, writeTree, writeZip } from "./trees.ts";
import { withFolder } from "./photos.ts";

const heic = new TextEncoder().encode("no JPEG, whatever else it is");
const FOREIGN: Tree = {
  "IMG_1.HEIC": heic,
  "sub/IMG_2.heic": heic,
  "sub/old.gif": heic,
  "sub/raw.NEF": heic,
};
const NAMED = Object.keys(FOREIGN);
const REASON = /^\.(heic|gif|nef) files are not taken; convert it to JPEG or PNG first$/;

/** One of each extension of JPEG, among files that are not taken and others that are no photos. */
async function mixed(): Promise<Tree> {
  const photos: Tree = {};
  for (const [i, name] of ["a.jpg", "b.JPEG", "c.jfif", "sub/d.jpe"].entries()) {
    photos[name] = await encoded(await pieceOf(i + 1, 40, 36), 40, 36, "jpg");
  }
  return { ...photos, ...FOREIGN, "notes.txt": heic, ".hidden.heic": heic };
}

Deno.test("PhotoPool.open() takes JPEGs by all their names, and lists those that are not taken", () =>
  withFolder(async (dir) => {
    await writeTree(dir, await mixed());
    const pool = await PhotoPool.open(dir);
    assertEquals(pool.photos.map(({ name }) => name), ["a.jpg", "b.JPEG", "c.jfif", "sub/d.jpe"]);
    assertEquals(pool.skipped.map(({ name }) => name), NAMED);
    assertEquals(pool.skipped.filter(({ reason }) => !REASON.test(reason)), []);
    // Who names photos wants no others.
    assertEquals((await PhotoPool.open(dir, { files: ["a.jpg"] })).skipped, []);
  }));

Deno.test("buildDataset() lists what is not taken, of folders and of archives", () =>
  withFolder(async (dir) => {
    const tree = await mixed();
    await writeTree(`${dir}/folder`, tree);
    await writeZip(`${dir}/archive.zip`, tree);
    for (const from of [`${dir}/folder`, `${dir}/archive.zip`]) {
      const made = await buildDataset({
        ...{ from: [from], out: `${from}-set`, size: 16, seed: 1, recipe: parseRecipe("blur:1") },
      });
      assertEquals(made.count, 4);
      assertEquals(made.skipped.map(({ name }) => name.slice(from.length + 1)), NAMED);
      assertEquals(made.skipped.filter(({ reason }) => !REASON.test(reason)), []);
    }
  }));

Deno.test("what pairs are evaluated on, and trained on, lists what is not taken of both sides", () =>
  withFolder(async (dir) => {
    const tree = await mixed();
    await writeTree(`${dir}/high`, tree);
    await writeTree(`${dir}/low`, tree);
    const plain = await degradedFolder(`${dir}/high`, "blur:1", 1);
    assertEquals(plain.names, ["a.jpg", "b.JPEG", "c.jfif", "sub/d.jpe"]);
    assertEquals(plain.skipped?.map(({ name }) => name), NAMED);
    const both = ["high", "low"].flatMap((side) => NAMED.map((name) => `${dir}/${side}/${name}`));
    for (const { skipped = [] } of [await openPairs(dir, undefined, 1), await openPhotos(dir)]) {
      assertEquals(skipped.map(({ name }) => name), both);
      assertEquals(skipped.filter(({ reason }) => !REASON.test(reason)), []);
    }
  }));

Deno.test("a folder without a photo that is taken is refused with what it has instead", () =>
  withFolder(async (dir) => {
    await writeTree(dir, FOREIGN);
    const only = /There is no photo .*, only 2 \.heic, 1 \.gif, 1 \.nef: convert them first$/;
    await assertRejects(() => surveyPhotos(dir), only);
    await assertRejects(() => PhotoPool.open(dir), only);
    await assertRejects(() => degradedFolder(dir, "blur:1", 1), only);
    await assertRejects(
      () => buildDataset({ from: [dir], out: `${dir}-set`, size: 16, seed: 1 }),
      /There is no photo to use .*; 4 left out, the first: .*\.(heic|gif|nef) files are not taken/,
    );
  }));
