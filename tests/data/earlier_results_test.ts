/** Results of `enhance` that lie beside their photos: they are no originals. */
import { buildDataset } from "../../src/data/dataset.ts";
import { surveyPhotos } from "../../src/data/open.ts";
import { PhotoPool } from "../../src/data/photo_pool.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { degradedFolder, openPairs } from "../../src/evaluate/pairs.ts";
import { EARLIER_RESULT } from "../../src/image/earlier_result.ts";
import { assertEquals } from "../assert.ts";
import { withFolder } from "./photos.ts";
import { encoded, pieceOf, type Tree, writeTree, writeZip } from "./trees.ts";

/** Photos whose names say nothing else, though some of them look like it. */
const PHOTOS = ["a.jpg", "lonely-enhanced.png", "sub/a-enhanced.png", "sub/b.png", "self-enhanced-shot.png"];
/** `old.gif` is a photo that is not taken, and yet one that `enhance` takes. */
const RESULTS = [
  "a-compare.gif",
  "a-enhanced-2x.jpg",
  "a-enhanced.png",
  "old-enhanced.png",
  "sub/b-compare.png",
];

async function tree(): Promise<Tree> {
  const files: Tree = { "old.gif": new TextEncoder().encode("whatever it is") };
  for (const [i, name] of [...PHOTOS, ...RESULTS].entries()) {
    files[name] = await encoded(await pieceOf(i + 1, 40, 36), 40, 36, name.slice(-3));
  }
  return files;
}

const resultsAmong = (skipped: readonly { readonly name: string; readonly reason: string }[] = []) =>
  skipped.filter(({ reason }) => reason === EARLIER_RESULT).map(({ name }) => name).toSorted();

Deno.test("what is trained and evaluated on leaves out results of enhance beside their photos, unless they are named", () =>
  withFolder(async (dir) => {
    await writeTree(dir, await tree());
    const pool = await PhotoPool.open(dir);
    assertEquals(pool.photos.map(({ name }) => name), PHOTOS.toSorted());
    assertEquals(resultsAmong(pool.skipped), RESULTS);
    assertEquals((await surveyPhotos(dir)).count, PHOTOS.length);
    const pairs = await degradedFolder(dir, "blur:1", 1);
    assertEquals([pairs.names, resultsAmong(pairs.skipped)], [PHOTOS.toSorted(), RESULTS]);

    const named = await PhotoPool.open(dir, { files: ["a.jpg", "a-enhanced.png"] });
    assertEquals(named.photos.map(({ name }) => name), ["a-enhanced.png", "a.jpg"]);
    assertEquals(named.skipped, []);
  }));

Deno.test("pairs of folders may be of such names: who lays them out so means it", () =>
  withFolder(async (dir) => {
    const { "a.jpg": photo, "a-enhanced.png": result } = await tree();
    for (const side of ["high", "low"]) {
      await writeTree(`${dir}/${side}`, { "a.jpg": photo, "a-enhanced.png": result });
    }
    const { names, skipped } = await openPairs(dir, undefined, 1);
    assertEquals([names, skipped], [["a-enhanced.png", "a.jpg"], []]);
  }));

Deno.test("buildDataset() leaves out results of enhance beside their photos, of folders and of archives", () =>
  withFolder(async (dir) => {
    const files = await tree();
    await writeTree(`${dir}/folder`, files);
    await writeZip(`${dir}/archive.zip`, files);
    for (const [from, results] of [["folder", RESULTS], ["archive.zip", RESULTS.slice(1)]] as const) {
      const source = `${dir}/${from}`;
      const made = await buildDataset({
        ...{ from: [source], out: `${source}-set`, size: 16, seed: 1, recipe: parseRecipe("blur:1") },
      });
      assertEquals(made.photos.map((name) => name.slice(source.length + 1)).toSorted(), PHOTOS.toSorted());
      assertEquals(resultsAmong(made.skipped), results.map((name) => `${source}/${name}`));
    }
  }));
