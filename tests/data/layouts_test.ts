import sharp from "sharp";
import { buildDataset, type BuildOptions, Dataset, type DatasetDescription } from "../../src/data/dataset.ts";
import { resampleBicubic } from "../../src/image/resample.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { withFolder } from "./photos.ts";
import {
  bsds500,
  div2k,
  encoded,
  imageSuperResolution,
  photoPair,
  pieceOf,
  superImageResolution,
  type Tree,
  writeTree,
  writeZip,
} from "./trees.ts";

const build = (from: string[], out: string, more: Partial<BuildOptions> = {}) =>
  buildDataset({ from, out, size: 32, seed: 3, heldOut: 0.25, ...more });

/** Pairs as `low file < high file`, without what the source is called. */
function pairsOf({ photos, lows }: DatasetDescription, dir: string): string[] {
  return photos.map((high, i) => `${lows![i]} < ${high}`.replaceAll(`${dir}/`, "")).toSorted();
}

/** Builds a tree from a folder and from an archive of it, which must come to the same. */
async function buildBoth(
  dir: string,
  tree: Tree,
  more: Partial<BuildOptions> = {},
): Promise<DatasetDescription> {
  await writeTree(`${dir}/in`, tree);
  await writeZip(`${dir}/in.zip`, tree);
  const folder = await build([`${dir}/in`], `${dir}/of-folder`, more);
  const archive = await build([`${dir}/in.zip`], `${dir}/of-archive`, more);
  const plain = ({ sources: _, plan: __, split: ___, ...rest }: DatasetDescription) =>
    JSON.parse(JSON.stringify(rest).replaceAll(`${dir}/in.zip/`, "").replaceAll(`${dir}/in/`, ""));
  assertEquals(plain(archive), plain(folder));
  for (const side of ["high", "low"]) {
    const file = `${side}_x${folder.size}.npy`;
    assertEquals(
      await Deno.readFile(`${dir}/of-archive/${file}`),
      await Deno.readFile(`${dir}/of-folder/${file}`),
    );
  }
  return folder;
}

Deno.test("buildDataset() takes DIV2K with all its low sides, in a folder or in an archive", () =>
  withFolder(async (dir) => {
    const made = await buildBoth(dir, await div2k());
    const tracks = [
      ...[2, 3, 4].map((x) => [`LR_bicubic/X${x}/`, `x${x}`]),
      ...[2, 3, 4].map((x) => [`LR_unknown/X${x}/`, `x${x}`]),
      ...[["LR_x8/", "x8"], ["LR_mild/", "x4m"], ["LR_difficult/", "x4d"]],
    ];
    const expected = [["train", "0001"], ["train", "0002"], ["valid", "0801"]].flatMap(([part, number]) =>
      tracks.map(([folder, suffix]) =>
        `DIV2K_${part}_${folder}${number}${suffix}.png < DIV2K_${part}_HR/${number}.png`
      )
    );
    assertEquals(pairsOf(made, `${dir}/in`), expected.toSorted());
    assertEquals([made.low, made.recipe, made.skipped, made.duplicates], ["own", "none", [], []]);
    assertEquals(
      made.lowSides.map(({ name, photos }) => `${name}: ${photos}`),
      [
        ...["bicubic x2: 3", "bicubic x3: 3", "bicubic x4: 3", "difficult x4d: 3", "mild x4m: 3"],
        ...["unknown x2: 3", "unknown x3: 3", "unknown x4: 3", "x8: 3"],
      ],
    );
    // All pairs of a photo are held out, or none.
    const held = made.split.validation.map((index) => made.photos[index]);
    assertEquals([held.length, new Set(held).size], [9, 1]);
  }));

Deno.test("buildDataset() takes DIV2K as its archives come, one for each side, whether in a folder or named one by one", () =>
  withFolder(async (dir) => {
    const tree = await div2k(2, 0);
    const archives = ["train_HR", "train_LR_bicubic_X2", "train_LR_mild"].map((name) =>
      `${dir}/down/DIV2K_${name}.zip`
    );
    const starts = ["DIV2K_train_HR/", "DIV2K_train_LR_bicubic/X2/", "DIV2K_train_LR_mild/"];
    for (const [i, start] of starts.entries()) {
      const part = Object.entries(tree).filter(([path]) => path.startsWith(start));
      await writeZip(archives[i], Object.fromEntries(part));
    }
    const folder = await build([`${dir}/down`], `${dir}/a`);
    const each = await build(archives, `${dir}/b`);
    assertEquals(folder.lowSides, [{ name: "bicubic x2", photos: 2 }, { name: "mild x4m", photos: 2 }]);
    assertEquals(pairsOf(each, `${dir}/down`), pairsOf(folder, `${dir}/down`));
    assertEquals(
      pairsOf(each, `${dir}/down`)[0].split(" < ")[1],
      "DIV2K_train_HR.zip/DIV2K_train_HR/0001.png",
    );

    const two = await build([`${dir}/down`], `${dir}/c`, { lowSide: "X2 bicubic" });
    assertEquals([two.count, two.lowSides], [2, [{ name: "bicubic x2", photos: 2 }]]);
    await assertRejects(
      () => build([`${dir}/down`], `${dir}/d`, { lowSide: "wild" }),
      /There is no low side 'wild'; there are: bicubic x2, mild x4m/,
    );
    // By a recipe each original is there once, whatever low sides lie beside it.
    const high = await build([`${dir}/down`], `${dir}/e`, { recipe: parseRecipe("blur:1") });
    assertEquals([high.low, high.count, high.lows, high.lowSides], ["recipe", 2, undefined, []]);
    assert(high.photos.every((name) => name.includes("_HR/")), `${high.photos}`);
  }));

Deno.test("buildDataset() takes Kaggle's image-super-resolution, each pair once", () =>
  withFolder(async (dir) => {
    const made = await buildBoth(dir, await imageSuperResolution(), { size: 256 });
    assertEquals(
      pairsOf(made, `${dir}/in`),
      [0, 1, 2, 3].map((i) => `dataset/Raw Data/low_res/${i}.png < dataset/Raw Data/high_res/${i}.png`),
    );
    const twice = [0, 1, 2].map((i) => `train/low_res/${i}`).concat("val/low_res/3");
    assertEquals(
      made.duplicates.map(({ name, of }) => `${name} = ${of}`.replaceAll(`${dir}/in/dataset/`, "")),
      twice.map((name) => `${name}.png = Raw Data/low_res/${name.at(-1)}.png`),
    );
    const set = await Dataset.open(`${dir}/of-folder`);
    assertEquals(set.recipe, undefined);
    for (const [index, { name }] of set.photos.entries()) {
      const pixels = async (path: string) => new Uint8Array(await sharp(path).raw().toBuffer());
      assertEquals(await set.load(index), {
        high: await pixels(name),
        low: await pixels(name.replace("high_res", "low_res")),
      });
    }
  }));

Deno.test("buildDataset() takes Kaggle's super-image-resolution and enlarges its low side, pixel centres aligned", () =>
  withFolder(async (dir) => {
    const made = await buildBoth(dir, await superImageResolution(), { size: 384 });
    assertEquals(made.originals, { smallest: [384, 384], largest: [384, 384] });
    const { high, low } = await (await Dataset.open(`${dir}/of-folder`)).load(1);
    assertEquals(high, await pieceOf(21, 384, 384));
    const small = await sharp(`${dir}/in/Data/LR/1.png`).raw().toBuffer();
    const large = resampleBicubic(Float32Array.from(small), 96, 96, 384, 384);
    assertEquals(low, new Uint8Array(Uint8ClampedArray.from(large).buffer));
    // A shift of half a pixel against the original would cost far more than the lost detail.
    const error = (shift: number) => {
      let sum = 0;
      for (let y = 0; y < 384; y++) {
        for (let x = 8; x < 376; x++) {
          for (let c = 0; c < 3; c++) {
            sum += (low![(y * 384 + x + shift) * 3 + c] - high[(y * 384 + x) * 3 + c]) ** 2;
          }
        }
      }
      return sum;
    };
    for (const shift of [-2, -1, 1, 2]) assert(error(0) < error(shift), `shift ${shift}`);

    const cut = await build([`${dir}/in`], `${dir}/cut`, { size: 64, fit: "crop" });
    assertEquals(cut.fit, "crop");
    const middle = (await (await Dataset.open(`${dir}/cut`)).load(1)).low!;
    for (const [x, y] of [[0, 0], [63, 63], [10, 40]]) {
      assertEquals(middle[(y * 64 + x) * 3], low![((y + 160) * 384 + x + 160) * 3]);
    }
  }));

Deno.test("buildDataset() takes BSDS500, a flat folder and nested folders for originals", () =>
  withFolder(async (dir) => {
    const made = await buildBoth(dir, await bsds500(), { recipe: parseRecipe("blur:1") });
    assertEquals(
      made.photos.map((name) => name.slice(`${dir}/in/BSDS500/data/images/`.length)),
      ["test/1003.jpg", "train/1000.jpg", "train/1001.jpg", "val/1002.jpg"],
    );
    const flat: Tree = {}, nested: Tree = {};
    for (let i = 0; i < 3; i++) {
      flat[`${i}.png`] = await encoded(await pieceOf(40 + i, 40, 40), 40, 40);
      nested[`a/${"b/".repeat(i)}low light/${i}.jpg`] = await encoded(
        await pieceOf(50 + i, 40, 40),
        40,
        40,
        "jpg",
      );
    }
    for (const [name, tree] of Object.entries({ flat, nested })) {
      const plain = await buildBoth(`${dir}/${name}`, tree);
      // No low side, no recipe: the blind mix.
      assertEquals([plain.count, plain.low, plain.recipe], [3, "recipe", parseRecipe("photo").text], name);
    }
  }));

Deno.test("buildDataset() takes any two folders: other extensions, the usual suffixes, and lists what found no partner", () =>
  withFolder(async (dir) => {
    const [a, b, c, d] = await Promise.all([60, 61, 62, 63].map((seed) => photoPair(seed, 48, 40, 2)));
    const jpeg = new Uint8Array(await sharp(b.low).jpeg().toBuffer());
    const tree = {
      ...{
        "set/GT/a.png": a.high,
        "set/GT/sub/b.png": b.high,
        "set/GT/c_hr.png": c.high,
        "set/GT/alone.png": d.high,
      },
      ...{
        "set/input/a.png": a.low,
        "set/input/sub/b_x2.jpg": jpeg,
        "set/input/c-LR.png": c.low,
        "set/input/lost.png": d.low,
      },
    };
    const made = await buildBoth(dir, tree, { keepLow: true });
    assertEquals(pairsOf(made, `${dir}/in/set`), [
      "input/a.png < GT/a.png",
      "input/c-LR.png < GT/c_hr.png",
      "input/sub/b_x2.jpg < GT/sub/b.png",
    ]);
    assertEquals(
      made.skipped.map(({ name, reason }) => `${name.slice(`${dir}/in/set/`.length)}: ${reason}`),
      [
        "GT/alone.png: no photo of a low side belongs to it",
        "input/lost.png: it is of a low side, and no photo of a high side belongs to it",
      ],
    );

    // Folders whose names say nothing, as LOW:HIGH; archives too, and a folder around all that one holds.
    await writeTree(`${dir}/first`, { "1.png": a.high, "2.png": b.high });
    await writeTree(`${dir}/second`, {
      "1.jpg": new Uint8Array(await sharp(a.low).jpeg().toBuffer()),
      "2_x2.png": b.low,
    });
    await writeZip(`${dir}/third.zip`, { "wrapped/1.png": a.low, "wrapped/2.png": b.low });
    for (const [i, low] of ["second", "third.zip"].entries()) {
      const two = await build([`${dir}/${low}:${dir}/first`], `${dir}/two${i}`);
      assertEquals([two.count, two.low, two.photos[1]], [2, "own", `${dir}/first/2.png`]);
      assert(two.lows!.every((name) => name.startsWith(`${dir}/${low}/`)), `${two.lows}`);
    }
    for (
      const [from, lost] of [[`${dir}/second:${dir}/lost`, "lost"], [`${dir}/gone:${dir}/first`, "gone"]]
    ) {
      await assertRejects(
        () => build([from], `${dir}/none`),
        new RegExp(`Cannot read '.*' as LOW:HIGH: there is no folder or zip archive '.*/${lost}'$`),
      );
    }
    // Both sides in one folder, told by the ends of their names.
    await writeTree(`${dir}/one`, {
      "x_HR.png": a.high,
      "x_LR2.png": a.low,
      "y_HR.png": b.high,
      "y_LR2.png": b.low,
    });
    assertEquals(pairsOf(await build([`${dir}/one`], `${dir}/of-one`), `${dir}/one`), [
      "x_LR2.png < x_HR.png",
      "y_LR2.png < y_HR.png",
    ]);
  }));

Deno.test("buildDataset() leaves out pairs that do not belong together, and low sides larger than their originals", () =>
  withFolder(async (dir) => {
    const { high, low } = await photoPair(70, 48, 40, 1, 1);
    const other = await encoded(await pieceOf(71, 24, 33), 24, 33);
    const large = await encoded(await pieceOf(72, 96, 80), 96, 80);
    await writeTree(dir, {
      ...{ "in/high/a.png": high, "in/high/b.png": high, "in/high/c.png": high },
      ...{ "in/low/a.png": low, "in/low/b.png": other, "in/low/c.png": large },
    });
    const made = await build([`${dir}/in`], `${dir}/set`);
    assertEquals(made.photos, [`${dir}/in/high/a.png`]);
    assertEquals(made.skipped.map(({ reason }) => reason.replaceAll(`${dir}/in/`, "")), [
      "The low side 'low/b.png' has 24×33 pixels, which is no reduced 48×40",
      "The low side 'low/c.png' has 96×80 pixels, more than its original's 48×40",
    ]);
  }));

Deno.test("buildDataset() uses the own low side, one degraded further, or the degraded high side, as asked", () =>
  withFolder(async (dir) => {
    await writeTree(`${dir}/pairs`, await superImageResolution(2));
    await writeTree(`${dir}/plain`, { "p.png": await encoded(await pieceOf(80, 400, 400), 400, 400) });
    const size = 384;
    const [own, more, recipe] = await Promise.all([
      build([`${dir}/pairs`], `${dir}/own`, { size, keepLow: true }),
      build([`${dir}/pairs`], `${dir}/more`, { size, keepLow: true, recipe: parseRecipe("gaussian:20") }),
      build([`${dir}/pairs`], `${dir}/recipe`, { size, recipe: parseRecipe("gaussian:20") }),
    ]);
    assertEquals([own.low, more.low, recipe.low], ["own", "own+recipe", "recipe"]);
    const load = async (set: string) => await (await Dataset.open(`${dir}/${set}`)).load(0);
    const [a, b, c] = [await load("own"), await load("more"), await load("recipe")];
    const deviation = (x: Uint8Array, y: Uint8Array) =>
      Math.sqrt(x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / x.length);
    assertEquals([b.high, c.high], [a.high, a.high]);
    // Values near 0 and 255 are clipped, which takes a little of the noise.
    assert(Math.abs(deviation(b.low!, a.low!) - 19.5) < 1, `${deviation(b.low!, a.low!)}`);
    assert(Math.abs(deviation(c.low!, c.high) - 19.5) < 1, `${deviation(c.low!, c.high)}`);

    // A plain folder beside pairs: neither asked for, all are degraded; with the low side kept, it has none to give.
    const both = [`${dir}/pairs`, `${dir}/plain`];
    const mixed = await build(both, `${dir}/mixed`);
    assertEquals([mixed.low, mixed.count, mixed.sources.map(({ photos }) => photos)], ["recipe", 3, [2, 1]]);
    const kept = await build(both, `${dir}/kept`, { keepLow: true });
    assertEquals([kept.count, kept.skipped.map(({ name }) => name)], [2, [`${dir}/plain/p.png`]]);
    await assertRejects(
      () => build([`${dir}/plain`], `${dir}/none`, { keepLow: true }),
      (error: unknown) => error instanceof UserError && /has a low side beside it/.test(error.message),
    );
  }));

Deno.test("buildDataset() drops photos that are in already, saved anew or enlarged too, unless they are to be kept", () =>
  withFolder(async (dir) => {
    const rgb = await pieceOf(90, 120, 90);
    const double = await sharp(rgb, { raw: { width: 120, height: 90, channels: 3 } }).resize(240, 180).png()
      .toBuffer();
    await writeTree(dir, {
      "a/photo.png": await encoded(rgb, 120, 90),
      "a/other.png": await encoded(await pieceOf(91, 120, 90), 120, 90),
      "b/same.png": await encoded(rgb, 120, 90),
      "b/saved.jpg": await encoded(rgb, 120, 90, "jpg"),
      "c/large.png": new Uint8Array(double),
      "c/new.png": await encoded(await pieceOf(92, 120, 90), 120, 90),
    });
    const from = ["a", "b", "c"].map((name) => `${dir}/${name}`);
    const recipe = parseRecipe("blur:1");
    const made = await build(from, `${dir}/set`, { recipe, size: 64 });
    const short = (name: string) => name.slice(dir.length + 1);
    assertEquals(made.photos.map(short), ["a/other.png", "a/photo.png", "c/new.png"]);
    assertEquals(made.duplicates.map(({ name, of }) => `${short(name)} = ${short(of)}`), [
      "b/same.png = a/photo.png",
      "b/saved.jpg = a/photo.png",
      "c/large.png = a/photo.png",
    ]);
    assertEquals(made.sources.map(({ photos }) => photos), [2, 0, 1]);
    const all = await build(from, `${dir}/all`, { recipe, size: 64, keepDuplicates: true, heldOut: 0.34 });
    assertEquals([all.count, all.duplicates], [6, []]);
    // Four pictures of one photo go to the same part, so that none is measured on that was trained on.
    const held = new Set(all.split.validation);
    const same = all.photos.map((_, i) => i).filter((i) => /photo|same|saved|large/.test(all.photos[i]));
    assertEquals(new Set(same.map((i) => held.has(i))).size, 1);
    // The set says so, for those who part it in another way.
    assertEquals(all.repeats, same.slice(1).map((i): [number, number] => [i, same[0]]));
    const { photos } = await Dataset.open(`${dir}/all`);
    assertEquals(
      photos.map(({ sameAs }) => sameAs),
      photos.map((_, i) => same.slice(1).includes(i) ? same[0] : undefined),
    );
  }));
