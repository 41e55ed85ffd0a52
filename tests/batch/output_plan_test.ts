import { join } from "node:path";
import { listSources } from "../../src/batch/list_sources.ts";
import { type OutputOptions, planOutputs, shardOf } from "../../src/batch/output_plan.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";

/** Runs in a fresh folder that holds these files (their content does not matter here). */
async function inFolder(files: readonly string[], test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of files) {
      const path = join(folder, file);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, file);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function names(folder: string, inputs: readonly string[], options: OutputOptions = {}) {
  const at = (path: string) => (path === "-" ? path : join(folder, path));
  const full = { ...options, output: options.output === undefined ? undefined : at(options.output) };
  if (options.output?.endsWith("/")) full.output += "/";
  const jobs = await planOutputs(inputs.map(at), full);
  const short = (path: string) => path.replace(folder + "/", "");
  return jobs.map((job) => `${short(job.input)} > ${short(job.output)}${job.skip ? " (skip)" : ""}`);
}

async function refused(promise: Promise<unknown>, pattern: RegExp) {
  await assertRejects(promise, (error) => {
    assert(error instanceof UserError && error.exitCode === 2, String(error));
    assertMatch(error.message, /^Cannot enhance: [^\n]+$/);
    assertMatch(error.message, pattern);
    return true;
  });
}

Deno.test("planOutputs() puts NAME-enhanced.EXT beside the source", () =>
  inFolder(["a.JPG", "b.gif", "plain", "sub/c.tif"], async (folder) => {
    assertEquals(await names(folder, ["a.JPG", "b.gif", "plain", "sub/c.tif", "missing.png"]), [
      "a.JPG > a-enhanced.JPG",
      "b.gif > b-enhanced.png",
      "plain > plain-enhanced.png",
      "sub/c.tif > sub/c-enhanced.tif",
      "missing.png > missing-enhanced.png",
    ]);
    assertEquals(await names(folder, ["a.JPG"], { format: "jpeg" }), ["a.JPG > a-enhanced.JPG"]);
    assertEquals(await names(folder, ["a.JPG"], { format: "webp" }), ["a.JPG > a-enhanced.webp"]);
  }));

Deno.test("planOutputs() gives enlarged photos a name of their own beside the source, and takes none of these for a photo while that is there", () =>
  inFolder(["a.jpg", "a-enhanced.jpg", "b-enhanced-4x.png", "c-4x.png"], async (folder) => {
    assertEquals(await names(folder, ["a.jpg"], { scale: 1 }), ["a.jpg > a-enhanced.jpg (skip)"]);
    assertEquals(await names(folder, ["a.jpg"], { scale: 2, format: "webp" }), [
      "a.jpg > a-enhanced-2x.webp",
    ]);
    assertEquals(await names(folder, ["."], { scale: 4 }), [
      "a.jpg > a-enhanced-4x.jpg",
      "b-enhanced-4x.png > b-enhanced-4x-enhanced-4x.png",
      "c-4x.png > c-4x-enhanced-4x.png",
    ]);
    // A folder after -o is a place of its own, where photos keep their names.
    assertEquals(await names(folder, ["a.jpg"], { scale: 2, output: "out/" }), ["a.jpg > out/a.jpg"]);
  }));

Deno.test("planOutputs() takes folders in order, without hidden files and earlier outputs, and deeper ones with recursive", () =>
  inFolder([
    "b.png",
    "a.jpg",
    ".hidden.png",
    "notes.txt",
    "a-enhanced.jpg",
    "a-enhanced-compare.png",
    "in/c.webp",
    ".git/d.png",
  ], async (folder) => {
    assertEquals(await names(folder, ["."]), ["a.jpg > a-enhanced.jpg (skip)", "b.png > b-enhanced.png"]);
    assertEquals(await names(folder, [".", "b.png"], { output: "out", recursive: true }), [
      "a.jpg > out/a.jpg",
      "b.png > out/b.png",
      "in/c.webp > out/in/c.webp",
    ]);
    assertEquals(await names(folder, ["."], { output: "in", recursive: true }), [
      "a.jpg > in/a.jpg",
      "b.png > in/b.png",
    ]);
  }));

Deno.test("planOutputs() leaves an output folder inside the input alone, by whatever path either is given", () =>
  inFolder(["in/a.jpg", "in/out/a.jpg"], async (folder) => {
    await Deno.symlink(join(folder, "in"), join(folder, "link"));
    for (const [input, output] of [["in", "link/out"], ["link", "in/out"], ["link", "link/out"]]) {
      assertEquals(await names(folder, [input], { output, recursive: true }), [
        `${input}/a.jpg > ${output}/a.jpg (skip)`,
      ]);
    }
  }));

Deno.test("planOutputs() leaves out of a folder what earlier runs wrote beside its photos, and nothing else, with -o and without", () =>
  inFolder([
    "a.jpg",
    "a-enhanced.png", // of --format png
    "a-enhanced-2x.jpg",
    "a-enhanced-compare.png",
    "a-compare.gif", // beside a.jpg, where that is a result itself
    "my-enhanced-shot.jpg",
    "old-enhanced.jpg", // its photo is gone
    "old-enhanced-enhanced.jpg",
    "lone-enhanced-compare.png",
    "lone-compare.gif",
    "a-enhanced-3.jpg",
    "-enhanced.jpg",
    "sub/b-enhanced.jpg", // its photo would have to lie in the same folder
    "b.jpg",
  ], async (folder) => {
    for (const output of [undefined, "out"]) {
      const left: string[] = [];
      const jobs = await planOutputs([folder], {
        ...{ recursive: true, output: output && join(folder, output) },
        onEarlier: (path) => left.push(path.slice(folder.length + 1)),
      });
      assertEquals(left, [
        "a-compare.gif",
        "a-enhanced-2x.jpg",
        "a-enhanced-compare.png",
        "a-enhanced.png",
        "old-enhanced-enhanced.jpg",
      ]);
      assertEquals(jobs.map(({ input }) => input.slice(folder.length + 1)), [
        "-enhanced.jpg",
        "a-enhanced-3.jpg",
        "a.jpg",
        "b.jpg",
        "lone-compare.gif",
        "lone-enhanced-compare.png",
        "my-enhanced-shot.jpg",
        "old-enhanced.jpg",
        "sub/b-enhanced.jpg",
      ]);
      const named = ["a-enhanced.png", "a-compare.gif"].map((name) => join(folder, name));
      const more = await planOutputs([folder, ...named], {
        ...{ output: output && join(folder, output), scale: 4 },
        onEarlier: (path) => left.push(path),
      });
      for (const path of named) {
        assert(more.some(({ input }) => input === path), `${path} is named`);
        assert(!left.includes(path), `${path} is not left out`);
      }
    }
  }));

Deno.test("planOutputs() tells a file from a folder after -o", () =>
  inFolder(["a.jpg", "b.png", "there/x.txt"], async (folder) => {
    assertEquals(await names(folder, ["a.jpg"], { output: "o.png" }), ["a.jpg > o.png"]);
    assertEquals(await names(folder, ["a.jpg"], { output: "there" }), ["a.jpg > there/a.jpg"]);
    assertEquals(await names(folder, ["a.jpg"], { output: "new" }), ["a.jpg > new/a.jpg"]);
    assertEquals(await names(folder, ["a.jpg"], { output: "v1.2/" }), ["a.jpg > v1.2/a.jpg"]);
    assertEquals(await names(folder, ["a.jpg", "b.png"], { output: "v1.2", format: "avif" }), [
      "a.jpg > v1.2/a.avif",
      "b.png > v1.2/b.avif",
    ]);
    await refused(
      names(folder, ["a.jpg", "b.png"], { output: "o.png" }),
      /names one file, but there are several/,
    );
    await refused(
      names(folder, ["."], { output: "o.png" }),
      /names one file, but there are several photos or a folder/,
    );
    await refused(
      names(folder, ["a.jpg"], { output: "o.bmp" }),
      /the extension of .*o\.bmp is none that can be written/,
    );
    await refused(
      names(folder, ["a.jpg"], { output: "o.png", format: "jpeg" }),
      /asks for png, --format for jpeg/,
    );
  }));

Deno.test("planOutputs() reads and writes the standard streams", () =>
  inFolder(["a.jpg"], async (folder) => {
    assertEquals(await names(folder, ["-"]), ["- > -"]);
    assertEquals(await names(folder, ["-"], { output: "o.png" }), ["- > o.png"]);
    assertEquals(await names(folder, ["-"], { output: "new/" }), ["- > new/stdin.png"]);
    assertEquals(await names(folder, ["a.jpg"], { output: "-" }), ["a.jpg > -"]);
    await refused(names(folder, ["a.jpg", "-"], { output: "-" }), /several photos/);
    await refused(names(folder, ["-", "-"]), /given twice/);
    await refused(names(folder, ["-"], { compare: "sheet" }), /--compare needs a file/);
  }));

Deno.test("planOutputs() skips what exists, refuses an explicit file that exists, replaces with overwrite", () =>
  inFolder(
    ["a.jpg", "a-enhanced.jpg", "o.png", "out/a.jpg", "b.jpg", "b-enhanced-compare.png"],
    async (folder) => {
      assertEquals(await names(folder, ["a.jpg"]), ["a.jpg > a-enhanced.jpg (skip)"]);
      assertEquals(await names(folder, ["a.jpg"], { output: "out" }), ["a.jpg > out/a.jpg (skip)"]);
      await refused(
        names(folder, ["a.jpg"], { output: "o.png" }),
        /o\.png exists; choose another name or add --overwrite/,
      );
      // Half of a result: it is made anew with its photo.
      assertEquals(await names(folder, ["b.jpg"], { compare: "sheet" }), ["b.jpg > b-enhanced.jpg"]);
      await Deno.mkdir(join(folder, "b-enhanced-compare.gif"));
      await refused(names(folder, ["b.jpg"], { compare: "gif" }), /b-enhanced-compare\.gif, .* is a folder/);
      for (
        const [output, expected] of [[undefined, "a-enhanced.jpg"], ["out", "out/a.jpg"], ["o.png", "o.png"]]
      ) {
        assertEquals(await names(folder, ["a.jpg"], { output, overwrite: true }), [`a.jpg > ${expected}`]);
      }
    },
  ));

Deno.test("planOutputs() takes a link that leads nowhere for a file on a disk that is not there now", () =>
  inFolder(["a.jpg"], async (folder) => {
    await Deno.symlink("/nonexistent/disk/a.jpg", join(folder, "a-enhanced.jpg"));
    assertEquals(await names(folder, ["a.jpg"]), ["a.jpg > a-enhanced.jpg (skip)"]);
    await refused(names(folder, ["a.jpg"], { output: "a-enhanced.jpg" }), /a-enhanced\.jpg exists/);
  }));

Deno.test("planOutputs() never lets a source be overwritten, by no name, unless overwrite says so", () =>
  inFolder(["a.jpg", "b.jpg", "sub/x.png"], async (folder) => {
    await Deno.symlink(folder, join(folder, "sub/link"));
    await Deno.symlink(join(folder, "a.jpg"), join(folder, "sub/b.jpg"));
    await refused(names(folder, ["a.jpg"], { output: "." }), /is the source/);
    await refused(names(folder, ["a.jpg"], { output: "sub/link" }), /is the source/);
    await refused(names(folder, ["a.jpg", "b.jpg"], { output: "sub" }), /b\.jpg is the source .*a\.jpg/);
    await refused(names(folder, ["a.jpg"], { output: "a.jpg" }), /exists/);
    assertEquals(await names(folder, ["a.jpg"], { output: "a.jpg", overwrite: true }), ["a.jpg > a.jpg"]);
    assertEquals(await names(folder, ["a.jpg"], { output: ".", overwrite: true }), ["a.jpg > a.jpg"]);
  }));

Deno.test("planOutputs() refuses outputs that meet, before any work", () =>
  inFolder(["x/a.jpg", "y/a.jpg", "c.png", "c.gif", "e.png", "e-compare.gif"], async (folder) => {
    await refused(
      names(folder, ["x/a.jpg", "y/a.jpg"], { output: "out" }),
      /x\/a\.jpg and .*y\/a\.jpg would both be/,
    );
    await refused(names(folder, ["c.png", "c.gif"]), /would both be written to .*c-enhanced\.png/);
    await refused(
      names(folder, ["e.png", "e-compare.gif"], { output: "out", compare: "sheet" }),
      /would both be written/,
    );
    assertEquals((await names(folder, ["x", "y"], { recursive: true })).length, 2);
    assertEquals(await names(folder, ["x/a.jpg", "x", "./x/../x/a.jpg"]), ["x/a.jpg > x/a-enhanced.jpg"]);
  }));

Deno.test("planOutputs() names the comparisons of photos that differ in their extensions alone by these too, and knows them again", () =>
  inFolder(["rot.jpg", "rot.png", "other.png", "x.jpg.jpg", "v1.jpg"], async (folder) => {
    const sheets = async (options: OutputOptions) =>
      (await planOutputs([folder], { ...options, compare: "sheet" })).map(({ compare }) =>
        compare!.replace(`${folder}/`, "")
      );
    assertEquals(await sheets({ output: join(folder, "out") }), [
      "out/other-compare.png",
      "out/rot.jpg-compare.png",
      "out/rot.png-compare.png",
      "out/v1-compare.png",
      "out/x.jpg-compare.png",
    ]);
    // Of one format they are one file.
    await refused(sheets({ format: "webp" }), /rot\.jpg and .*rot\.png would both be written to/);
    const beside = await sheets({});
    assertEquals(beside.slice(1, 3), ["rot-enhanced.jpg-compare.png", "rot-enhanced.png-compare.png"]);
    const earlier = [...beside, "rot.jpg-compare.png", "x.jpg-compare.png"];
    for (const name of [...earlier, "v1.2-compare.png", "gone.jpg-compare.png"]) {
      await Deno.writeTextFile(join(folder, name), name);
    }
    const left: string[] = [];
    const jobs = await planOutputs([folder], {
      onEarlier: (path) => left.push(path.slice(folder.length + 1)),
    });
    assertEquals(left.toSorted(), earlier.toSorted());
    assertEquals(jobs.length, 7);
  }));

Deno.test("planOutputs() refuses a call with nothing to do", () =>
  inFolder(["notes.txt", "in/a.png"], async (folder) => {
    await refused(names(folder, []), /no photo given/);
    await refused(names(folder, ["."]), /there is no PNG.* add --recursive/);
    await refused(names(folder, ["."], { output: "in", recursive: true }), /there is no PNG/);
  }));

Deno.test("planOutputs() tells which photos of a folder cannot be read, by their names", () =>
  inFolder(
    ["a.jpg", "b.HEIC", "deep/c.dng", "deep/d.nef", ".e.heic", "notes.txt", "only/f.heic", "only/g.cr3"],
    async (folder) => {
      for (
        const [recursive, expected] of [[false, ["b.HEIC"]], [true, [
          "b.HEIC",
          "deep/c.dng",
          "deep/d.nef",
          "only/f.heic",
          "only/g.cr3",
        ]]] as const
      ) {
        const found: string[] = [];
        const onForeign = (path: string) => found.push(path.replace(`${folder}/`, ""));
        assertEquals(await names(folder, ["."], { output: "out/", recursive, onForeign }), [
          "a.jpg > out/a.jpg",
        ]);
        assertEquals(found, [...expected]);
      }
      await refused(
        names(folder, ["only"]),
        /there is no PNG.*, only 1 \.heic, 1 \.cr3: convert them first$/,
      );
      // One that is named is for the library to judge.
      assertEquals(await names(folder, ["b.HEIC"]), ["b.HEIC > b-enhanced.png"]);
    },
  ));

Deno.test("listSources() takes a folder below with more photos than a call has arguments", () =>
  inFolder(["below/x.txt"], async (folder) => {
    const { readDir } = Deno;
    const many = Array.from({ length: 200_000 }, (_, i) => ({
      ...{ name: `${i}.jpg`, isFile: true, isDirectory: false, isSymlink: false },
    }));
    Deno.readDir = (path) =>
      `${path}`.endsWith("below")
        ? (async function* () {
          yield* many;
        })()
        : readDir(path);
    try {
      const sources = await listSources([folder], { recursive: true });
      assertEquals(sources.length, many.length);
      assertEquals(sources[0].below, join("below", "0.jpg"));
    } finally {
      Deno.readDir = readDir;
    }
  }));

Deno.test("shardOf() deals every job to exactly one shard", () => {
  const jobs = Array.from({ length: 10 }, (_, i) => i);
  const dealt = [1, 2, 3].map((index) => shardOf(jobs, index, 3));
  assertEquals(dealt.flat().sort(), jobs);
  assertEquals(dealt[0], [0, 3, 6, 9]);
  for (const [index, count] of [[0, 3], [4, 3], [1, 0], [1.5, 3]]) {
    assertThrows(() => shardOf(jobs, index, count), /--shard wants I\/N/);
  }
});
