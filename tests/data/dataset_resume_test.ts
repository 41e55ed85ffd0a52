import sharp from "sharp";
import { buildDataset, type BuildOptions } from "../../src/data/dataset.ts";
import { BuildJournal } from "../../src/data/build_journal.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "./photos.ts";

const COUNT = 100;

const RAW = { raw: { width: 24, height: 20, channels: 3 } } as const;

/** A hundred photos, among them a grey one, a broken one, one that is too small, and two that are there twice. */
async function fill(dir: string): Promise<void> {
  for (let i = 0; i < COUNT; i++) {
    const name = `${dir}/in/${String(i).padStart(3, "0")}.png`;
    if (i === 7) await Deno.writeTextFile(name, "no photo");
    else if (i === 9) await writeTestPhoto(name, 30, 12, testPixels(30, 12, i));
    else if (i === 11) await sharp(testPixels(24, 20, i), RAW).toColourspace("b-w").toFile(name);
    else await writeTestPhoto(name, 24, 20, testPixels(24, 20, [50, 90].includes(i) ? 3 : i));
  }
}

const build = (dir: string, out: string, more: Partial<BuildOptions> = {}) =>
  buildDataset({ from: [`${dir}/in`], out, size: 16, recipe: parseRecipe("gaussian:10"), seed: 3, ...more });

/** All files of a set by name, as bytes. */
async function filesOf(dir: string, prefix = ""): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${prefix}`)) {
    if (isDirectory) {
      for (const [path, bytes] of await filesOf(dir, `${prefix}${name}/`)) files.set(path, bytes);
    } else files.set(prefix + name, await Deno.readFile(`${dir}/${prefix}${name}`));
  }
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}

/** Stops a build after so many photos. */
async function stopped(
  dir: string,
  out: string,
  after: number,
  more: Partial<BuildOptions> = {},
): Promise<string> {
  const stop = new AbortController();
  let message = "";
  await assertRejects(
    () =>
      build(dir, out, { ...more, signal: stop.signal, onProgress: (done) => done === after && stop.abort() }),
    (error: unknown) => {
      assert(error instanceof UserError);
      message = error.message;
      return true;
    },
  );
  return message;
}

for (const format of ["npy", "png"] as const) {
  Deno.test(`buildDataset() goes on where it was stopped and ends with the same bytes (${format})`, () =>
    withFolder(async (dir) => {
      await fill(dir);
      const whole = await build(dir, `${dir}/whole`, { format });
      assertEquals(whole.greys?.map((number) => whole.photos[number].slice(-7)), ["011.png"]);
      assertMatch(
        await stopped(dir, `${dir}/set`, 40, { format }),
        /^The build of '.*set' was stopped after 40 of 100 photos: the same command goes on from there$/,
      );
      assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(), [
        ".set.partial",
        "in",
        "whole",
      ]);
      await stopped(dir, `${dir}/set`, 77, { format });
      const notes: string[] = [];
      const progress: number[] = [];
      await build(dir, `${dir}/set`, {
        format,
        onNote: (note) => notes.push(note),
        onProgress: (done) => progress.push(done),
      });
      assertEquals(notes, ["Going on after 77 of 100 photos"]);
      assertEquals([progress[0], progress.at(-1), progress.length], [78, 100, 23]);
      assertEquals(await filesOf(`${dir}/set`), await filesOf(`${dir}/whole`));
      assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(), ["in", "set", "whole"]);

      // Once more: there is nothing left to do, and nothing is touched.
      const before = (await Deno.stat(`${dir}/set/dataset.json`)).mtime;
      // As if it had been killed between taking its name and removing the journal.
      await Deno.writeTextFile(`${dir}/set/build.journal`, "whatever\n");
      await build(dir, `${dir}/set`, {
        format,
        onNote: (note) => notes.push(note),
        onProgress: () => assert(false),
      });
      assertMatch(notes[1], /is complete already/);
      assertEquals((await Deno.stat(`${dir}/set/dataset.json`)).mtime, before);
      assertEquals(await filesOf(`${dir}/set`), await filesOf(`${dir}/whole`));
    }));
}

Deno.test("buildDataset() begins anew where the options or the photos are others than before", () =>
  withFolder(async (dir) => {
    await fill(dir);
    const changes: Partial<BuildOptions>[] = [
      { seed: 4 },
      { recipe: parseRecipe("blur:1") },
      { fit: "crop" },
      { limit: 70 },
      { size: 12 },
      { format: "png" },
    ];
    for (const more of changes) {
      await stopped(dir, `${dir}/set`, 64);
      await build(dir, `${dir}/set`, { ...more, onNote: () => assert(false, "nothing to go on with") });
      await build(dir, `${dir}/whole`, more);
      assertEquals(await filesOf(`${dir}/set`), await filesOf(`${dir}/whole`));
      await assertRejects(() => build(dir, `${dir}/set`), /it is not empty/);
      for (const name of ["set", "whole"]) await Deno.remove(`${dir}/${name}`, { recursive: true });
    }
    await stopped(dir, `${dir}/set`, 64);
    await writeTestPhoto(`${dir}/in/000.png`, 24, 20, testPixels(24, 20, 500));
    const made = await build(dir, `${dir}/set`, { onNote: () => assert(false, "a photo has changed") });
    assertEquals(made.count, COUNT - 4);
  }));

Deno.test("buildDataset() believes neither a cut journal nor pictures that are not there", () =>
  withFolder(async (dir) => {
    await fill(dir);
    await build(dir, `${dir}/whole`);
    const partial = `${dir}/.set.partial`;
    const spoil: [string, () => Promise<void>, RegExp][] = [
      ["the journal's last line is cut", async () => {
        const { size } = await Deno.stat(`${partial}/build.journal`);
        await Deno.truncate(`${partial}/build.journal`, size - 5);
      }, /after 63 of/],
      ["its last line is garbage", async () => {
        await Deno.writeTextFile(`${partial}/build.journal`, `{"mse":"x"}\n{"skip":"y"}\n`, { append: true });
      }, /after 64 of/],
      [
        "one side lacks pictures",
        () => Deno.truncate(`${partial}/low_x16.npy`, 128 + 20 * 768 + 100),
        /after 2\d of/,
      ],
      [
        "one side has a picture more",
        () => Deno.writeFile(`${partial}/high_x16.npy`, new Uint8Array(900), { append: true }),
        /after 64 of/,
      ],
      ["one side is gone", () => Deno.remove(`${partial}/high_x16.npy`), /^$/],
      ["the journal is that of an older program", async () => {
        const journal = await Deno.readTextFile(`${partial}/build.journal`);
        await Deno.writeTextFile(`${partial}/build.journal`, journal.replaceAll(/"grey":\w+,/g, ""));
      }, /^$/],
      ["the journal is gone", () => Deno.remove(`${partial}/build.journal`), /^$/],
    ];
    for (const [what, change, note] of spoil) {
      await stopped(dir, `${dir}/set`, 64);
      await change();
      let said = "";
      await build(dir, `${dir}/set`, { onNote: (line) => said = line });
      assertMatch(said, note, what);
      assertEquals(await filesOf(`${dir}/set`), await filesOf(`${dir}/whole`), what);
      await Deno.remove(`${dir}/set`, { recursive: true });
    }
  }));

Deno.test("BuildJournal lets one build at a time work on a set", () =>
  withFolder(async (dir) => {
    const outcomes = [{ skip: "ä broken photo" }, { same: 0 }];
    {
      using first = await BuildJournal.open(`${dir}/j`, "plan");
      await first.append(outcomes);
      await assertRejects(
        () => BuildJournal.open(`${dir}/j`, "plan"),
        (error: unknown) => error instanceof UserError && /another build/.test(error.message),
      );
    }
    using second = await BuildJournal.open(`${dir}/j`, "plan");
    assertEquals(second.outcomes, outcomes);
    await second.truncate(1);
    await second.append([{ same: 5 }]);
    assertEquals(await Deno.readTextFile(`${dir}/j`), `plan\n{"skip":"ä broken photo"}\n{"same":5}\n`);
  }));

Deno.test("buildDataset() into a folder within its source does not take its own pictures for photos", () =>
  withFolder(async (dir) => {
    await fill(dir);
    const notes: string[] = [];
    const within = (out: string, onNote?: (note: string) => void) =>
      build(dir, out, { from: [dir], format: "png", onNote });
    const made = await within(`${dir}/in/set`);
    assertEquals(made.count, COUNT - 4);
    await within(`${dir}/in/set`, (note) => notes.push(note));
    assertMatch(notes[0], /is complete already/);
    // A set may be a source as well, without its contact sheet.
    const again = await build(dir, `${dir}/again`, {
      from: [`${dir}/in/set`],
      keepLow: true,
      recipe: undefined,
    });
    assertEquals([again.count, again.low, again.skipped], [COUNT - 4, "own", []]);
    const lows = (set: string) => Deno.readFile(`${dir}/${set}`);
    await build(dir, `${dir}/npy`);
    assertEquals(await lows("again/low_x16.npy"), await lows("npy/low_x16.npy"));
  }));

Deno.test({
  name: "buildDataset() passes over the folder that it makes also where a link leads to it or to its source",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      for (let i = 0; i < 3; i++) await writeTestPhoto(`${dir}/in/${i}.png`, 24, 20, testPixels(24, 20, i));
      await Deno.symlink("in", `${dir}/link`);
      for (const [from, out] of [["in", "link/set"], ["link", "in/set"]]) {
        const notes: string[] = [];
        const onNote = (note: string) => notes.push(note);
        const again = () => build(dir, `${dir}/${out}`, { from: [`${dir}/${from}`], format: "png", onNote });
        assertEquals((await again()).count, 3);
        assertEquals((await again()).count, 3);
        assertMatch(notes.join(), /is complete already/);
        await Deno.remove(`${dir}/in/set`, { recursive: true });
      }
    }),
});

Deno.test({
  name: "buildDataset() into a link to an empty folder builds there, and leaves the link",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      await writeTestPhoto(`${dir}/in/0.png`, 24, 20, testPixels(24, 20, 1));
      await Deno.mkdir(`${dir}/disk/set`, { recursive: true });
      await Deno.symlink("disk/set", `${dir}/set`);
      await build(dir, `${dir}/set`);
      assert((await Deno.lstat(`${dir}/set`)).isSymlink);
      assertEquals([...(await filesOf(`${dir}/disk/set`)).keys()].length, 4);
      assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(), ["disk", "in", "set"]);
      assertEquals([...Deno.readDirSync(`${dir}/disk`)].length, 1);
    }),
});

Deno.test({
  name: "buildDataset() says in one line which set cannot be written, and why",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (dir) => {
      await writeTestPhoto(`${dir}/in/0.png`, 24, 20, testPixels(24, 20, 1));
      const refused = isUserError(/^Cannot build '\/proc\/none\/set': there is no such folder$/);
      await assertRejects(() => build(dir, "/proc/none/set"), refused);
    }),
});
