import sharp from "sharp";
import { buildDataset } from "../../src/data/dataset.ts";
import { photoNames, PhotoPool } from "../../src/data/photo_pool.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { splitPhotos } from "../../src/data/photo_source.ts";
import { degradedFolder } from "../../src/evaluate/pairs.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "./photos.ts";

const sizes: [string, number, number][] = [["a.png", 31, 17], ["b/c.webp", 8, 40], ["b/d/e.png", 25, 25]];

async function fill(dir: string): Promise<Map<string, Uint8Array>> {
  const written = new Map<string, Uint8Array>();
  for (const [i, [name, width, height]] of sizes.entries()) {
    written.set(name, testPixels(width, height, i));
    await writeTestPhoto(`${dir}/${name}`, width, height, written.get(name)!);
  }
  return written;
}

Deno.test("PhotoPool.open() finds photos in subfolders, in a fixed order, with the pixels of the files", () =>
  withFolder(async (dir) => {
    const written = await fill(dir);
    await Deno.writeTextFile(`${dir}/notes.txt`, "no photo");
    await Deno.writeTextFile(`${dir}/.hidden.png`, "no photo");
    const pool = await PhotoPool.open(dir);
    assertEquals(pool.photos, sizes.map(([name, width, height]) => ({ name, width, height })));
    assertEquals(pool.skipped, []);
    for (const [index, { name }] of pool.photos.entries()) {
      assertEquals((await pool.load(index)).high, written.get(name));
    }
  }));

Deno.test("PhotoPool.open() lists and leaves out files that are broken", () =>
  withFolder(async (dir) => {
    await fill(dir);
    await Deno.writeTextFile(`${dir}/text.jpg`, "no photo");
    await Deno.writeFile(`${dir}/empty.png`, new Uint8Array(0));
    const whole = await sharp(testPixels(200, 200, 9), { raw: { width: 200, height: 200, channels: 3 } })
      .jpeg().toBuffer();
    await Deno.writeFile(`${dir}/truncated.jpg`, whole.subarray(0, whole.length / 2));
    await Deno.symlink(`${dir}/nowhere.jpg`, `${dir}/dangling.jpg`);
    const progress: string[] = [];
    const pool = await PhotoPool.open(dir, {
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    assertEquals(pool.photos.map(({ name }) => name), sizes.map(([name]) => name));
    assertEquals(pool.skipped.map(({ name }) => name), ["empty.png", "text.jpg", "truncated.jpg"]);
    for (const { reason } of pool.skipped) assert(reason.length > 10 && !reason.includes("\n"), reason);
    assertEquals(progress, ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  }));

Deno.test({
  name: "PhotoPool.open() follows links to folders, each folder once, and never in a circle",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (outside) => {
      await fill(outside);
      await withFolder(async (dir) => {
        await Deno.mkdir(`${dir}/own/deep`, { recursive: true });
        await Deno.copyFile(`${outside}/${sizes[0][0]}`, `${dir}/own/deep/mine.png`);
        await Deno.symlink(outside, `${dir}/z`);
        await Deno.symlink(outside, `${dir}/own/set`);
        await Deno.symlink(`${dir}/own`, `${dir}/again`);
        await Deno.symlink(dir, `${outside}/back`);
        await Deno.symlink(`${outside}/round`, `${outside}/round`);
        const pool = await PhotoPool.open(dir);
        const linked = sizes.map(([name]) => `own/set/${name}`);
        assertEquals(pool.photos.map(({ name }) => name), ["own/deep/mine.png", ...linked].sort());
      });
    }),
});

Deno.test({
  name: "PhotoPool.open() says the whole reason in one line where a name has a line end",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      await fill(dir);
      await Deno.writeTextFile(`${dir}/two\nlines.jpg`, "no photo");
      const { skipped: [{ reason }] } = await PhotoPool.open(dir);
      assert(!reason.includes("\n") && /two\?lines\.jpg': .{10}/.test(reason), reason);
    }),
});

Deno.test("PhotoPool.open() refuses a folder around a built data set, whose low side would pass for photos", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/photos`);
    await fill(`${dir}/photos`);
    await buildDataset({
      ...{ from: [`${dir}/photos`], out: `${dir}/sets/mine`, size: 16 },
      ...{ recipe: parseRecipe("blur:1"), seed: 1, format: "png" },
    });
    const refused = /holds the built data set 'sets\/mine': give that folder itself, or .* --only$/;
    await assertRejects(() => PhotoPool.open(dir), refused);
    await assertRejects(() => photoNames(dir), refused);
    assertEquals((await PhotoPool.open(dir, { files: ["photos/a.png"] })).photos.length, 1);
    await assertRejects(
      () => degradedFolder(dir, "blur:1", 1),
      /holds the built data set 'sets\/mine': give/,
    );
  }));

Deno.test("PhotoPool.open() takes no contact sheet of a built data set for a photo", () =>
  withFolder(async (dir) => {
    await fill(dir);
    const names = sizes.map(([name]) => name);
    const { sources } = await buildDataset({
      ...{ from: [dir], out: `${dir}/set`, size: 16, recipe: parseRecipe("blur:1"), seed: 1 },
    });
    assert(sources[0].photos > 0 && (await Deno.stat(`${dir}/set/contact-sheet.jpg`)).isFile);
    assertEquals((await PhotoPool.open(dir)).photos.map(({ name }) => name), names);
    assertEquals((await degradedFolder(dir, "blur:1", 1)).names, names);
    // One of a folder that is none is a picture like any other.
    await Deno.remove(`${dir}/set/dataset.json`);
    assertEquals((await photoNames(dir)).names, [...names, "set/contact-sheet.jpg"]);
  }));

Deno.test("PhotoPool.open() keeps to a list of files and says which one is missing", () =>
  withFolder(async (dir) => {
    await fill(dir);
    const pool = await PhotoPool.open(dir, { files: ["b/d/e.png", "a.png"] });
    assertEquals(pool.photos.map(({ name }) => name), ["a.png", "b/d/e.png"]);
    await assertRejects(
      () => PhotoPool.open(dir, { files: ["a.png", "lost.png"] }),
      (error: unknown) => error instanceof UserError && error.message.includes("'lost.png'"),
    );
  }));

Deno.test("PhotoPool.open() of a folder without photos, or of none, is the user's mistake", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/notes.txt`, "no photo");
    await assertRejects(
      () => PhotoPool.open(dir),
      (error: unknown) => error instanceof UserError && /no photo/.test(error.message),
    );
    await Deno.writeTextFile(`${dir}/bad.png`, "no photo");
    await assertRejects(
      () => PhotoPool.open(dir),
      (error: unknown) => error instanceof UserError && /1 could not/.test(error.message),
    );
    await assertRejects(
      () => PhotoPool.open(`${dir}/none`),
      (error: unknown) => error instanceof UserError && !error.message.includes("\n"),
    );
  }));

Deno.test("PhotoPool.load() gives the same pixels whatever the memory bound", () =>
  withFolder(async (dir) => {
    const written = await fill(dir);
    for (const memoryBytes of [0, 2500, 5000, 1e6]) {
      const pool = await PhotoPool.open(dir, { memoryBytes });
      const kept = pool.handle().kept.reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
      assert(kept <= memoryBytes, `${kept} bytes kept of ${memoryBytes} allowed`);
      if (memoryBytes === 1e6) assertEquals(kept, sizes.reduce((sum, [, w, h]) => sum + w * h * 3, 0));
      for (const index of [0, 1, 2, 1, 0, 2, 2, 0]) {
        assertEquals((await pool.load(index)).high, written.get(sizes[index][0]));
      }
      const shared = PhotoPool.fromHandle(structuredClone(pool.handle()));
      assertEquals((await shared.load(1)).high, written.get(sizes[1][0]));
    }
  }));

Deno.test("PhotoPool.load() of a file that went away or changed its size says so", () =>
  withFolder(async (dir) => {
    await fill(dir);
    const pool = await PhotoPool.open(dir, { memoryBytes: 0 });
    await Deno.remove(`${dir}/a.png`);
    await writeTestPhoto(`${dir}/b/d/e.png`, 9, 9, testPixels(9, 9, 1));
    await assertRejects(() => pool.load(0), UserError);
    await assertRejects(() => pool.load(2), /changed since/);
  }));

Deno.test("PhotoPool.load() gives upright RGB for rotated, grey, transparent and 16-bit files", () =>
  withFolder(async (dir) => {
    const pixels = testPixels(6, 4, 3);
    const raw = { raw: { width: 6, height: 4, channels: 3 as const } };
    await sharp(pixels, raw).withMetadata({ orientation: 6 }).png().toFile(`${dir}/a.png`);
    await sharp(pixels.subarray(0, 24), { raw: { width: 6, height: 4, channels: 1 } }).toColourspace("b-w")
      .png().toFile(`${dir}/b.png`);
    await sharp(pixels, raw).ensureAlpha(0.5).png().toFile(`${dir}/c.png`);
    const wide = Uint16Array.from(pixels, (value) => value * 257);
    await sharp(wide, raw).toColourspace("rgb16").png().toFile(`${dir}/d.png`);
    const pool = await PhotoPool.open(dir);
    assertEquals(pool.skipped, []);
    assertEquals(pool.photos.map(({ width, height }) => [width, height]), [[4, 6], [6, 4], [6, 4], [6, 4]]);
    const [turned, grey, opaque, deep] = await Promise.all(
      [0, 1, 2, 3].map(async (index) => (await pool.load(index)).high),
    );
    // Orientation 6: the file's left column is the upright photo's top row, read from below.
    assertEquals(turned.subarray(0, 3), pixels.subarray(3 * 6 * 3, 3 * 6 * 3 + 3));
    assertEquals(grey, Uint8Array.from({ length: 72 }, (_, i) => pixels[Math.floor(i / 3)]));
    assertEquals(opaque, pixels);
    deep.forEach((value, i) => assert(Math.abs(value - pixels[i]) <= 1));
  }));

Deno.test("splitPhotos() holds out the share asked for, by seed, and hardly moves when photos are added", () => {
  const photos = Array.from({ length: 200 }, (_, i) => ({ name: `photo_${i}.jpg`, width: 1, height: 1 }));
  const split = splitPhotos(photos, 0.1, 5);
  assertEquals(split.validation.length, 20);
  assertEquals([...split.train, ...split.validation].toSorted((a, b) => a - b), photos.map((_, i) => i));
  assertEquals(splitPhotos(photos, 0.1, 5), split);
  assert(splitPhotos(photos, 0.1, 6).validation.some((index) => !split.validation.includes(index)));
  assert(Math.max(...split.validation) > 100 && Math.min(...split.validation) < 100, "spread over the names");
  const more = splitPhotos([...photos, { name: "new.jpg", width: 1, height: 1 }], 0.1, 5);
  assert(split.validation.filter((index) => more.validation.includes(index)).length >= 19);
});

Deno.test("splitPhotos() always leaves photos on both sides", () => {
  const photos = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `${i}`, width: 1, height: 1 }));
  assertEquals(splitPhotos(photos(3), 0.01, 1).validation.length, 1);
  assertEquals(splitPhotos(photos(3), 0.99, 1).train.length, 1);
  assertEquals([0.24, 0.26].map((share) => splitPhotos(photos(10), share, 1).validation.length), [2, 3]);
  assertEquals(splitPhotos(photos(3), 0, 1), { train: [0, 1, 2], validation: [] });
  assertEquals(splitPhotos(photos(1), 0.2, 1), { train: [0], validation: [0] });
  assertThrows(() => splitPhotos(photos(3), 1, 1), RangeError);
});
