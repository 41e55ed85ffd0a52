import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, writePhoto } from "./folder.ts";
import { withFolder } from "../data/photos.ts";
import { loadModel } from "../../src/nn/models.ts";

/** Runs with a folder whose `photos` hold six usable photos, one that is too small and a text. */
async function withPhotos(run: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    for (let i = 0; i < 6; i++) await writePhoto(`${dir}/photos/${i}.png`, 50 + i, 40 + i, 36);
    await writePhoto(`${dir}/photos/small.png`, 60, 20, 90);
    await Deno.writeTextFile(`${dir}/photos/notes.jpg`, "no photo");
    await run(dir);
  });
}

const build = (dir: string, ...args: string[]) =>
  runCommand(
    ["dataset", "build", "--from", "photos", "--size", "32", "--degrade", "blur:1,gaussian:10-20", ...args],
    { cwd: dir },
  );

for (const format of ["npy", "png"]) {
  Deno.test(`dataset build makes a ${format} set that info describes, and train and evaluate take`, async () => {
    await withPhotos(async (dir) => {
      const built = await build(dir, "--out", "set", "--format", format, "--seed", "5");
      assertEquals([built.code, built.stdout], [0, ""], built.stderr);
      const lines = linesOf(built.stderr);
      assertEquals(lines.length, 4, built.stderr);
      assertMatch(lines[0], /^clairnet: skipped photos\/notes\.jpg: /);
      assertMatch(lines[1], /^clairnet: skipped photos\/small\.png: .*20×90/);
      assertMatch(lines[2], /^Built set: 6 pairs of 32×32 by blur:1,gaussian:10-20, 2 left out \(\d+ s\)$/);

      const info = await runCommand(["dataset", "info", "set", "--json"], { cwd: dir });
      assertEquals([info.code, info.stderr], [0, ""]);
      const facts = JSON.parse(info.stdout);
      assertEquals(
        [facts.count, facts.size, facts.format, facts.seed, facts.recipe, facts.skipped.length],
        [6, 32, format, 5, "blur:1,gaussian:10-20", 2],
      );
      assert(facts.psnr > 18 && facts.psnr < 30 && facts.bytes > 5000, info.stdout);
      const text = await runCommand(["dataset", "info", "set"], { cwd: dir });
      assertEquals([text.code, text.stderr], [0, ""]);
      assertMatch(text.stdout, /^pairs +6, 1 of them held out$/m);
      assertMatch(text.stdout, /^recipe +blur:1,gaussian:10-20$/m);
      assertMatch(text.stdout, new RegExp(`^degraded +${facts.psnr.toFixed(2)} dB$`, "m"));
      assertMatch(text.stdout, /^from +photos \(6\)$/m);

      const evaluated = await runCommand(
        ["evaluate", "--data", "set", "--model", "none", "--against", "median", "--json"],
        { cwd: dir },
      );
      assertEquals(evaluated.code, 0, evaluated.stderr);
      const { photos, mean } = JSON.parse(evaluated.stdout);
      assertEquals(photos.length, 6);
      // The set says what it measured when it was built: evaluate measures the same.
      assert(Math.abs(10 * Math.log10(255 ** 2 / mean.degraded.mse) - facts.psnr) < 1e-6);

      const trained = await runCommand(
        [
          ...["train", "--data", "set", "--out", "run", "--steps", "4", "--batch", "2", "--patch", "16"],
          ...["--model-config", "base=3,depth=1,blocks=1"],
        ],
        { cwd: dir },
      );
      assertEquals(trained.code, 0, trained.stderr);
      assertEquals((await loadModel(`${dir}/run/model.safetensors`)).info.recipe, "blur:1,gaussian:10-20");
    });
  });
}

Deno.test("dataset build with the same seed gives the same bytes, with another one others", async () => {
  await withPhotos(async (dir) => {
    for (const [out, seed] of [["a", "7"], ["b", "7"], ["c", "8"]]) {
      assertEquals((await build(dir, "--out", out, "--seed", seed, "--limit", "3")).code, 0);
    }
    const names = filesIn(`${dir}/a`);
    assertEquals(names, ["contact-sheet.jpg", "dataset.json", "high_x32.npy", "low_x32.npy"]);
    const bytes = (out: string) => Promise.all(names.map((name) => Deno.readFile(`${dir}/${out}/${name}`)));
    const [a, b, c] = [await bytes("a"), await bytes("b"), await bytes("c")];
    assertEquals(b, a);
    assert(c[3].some((value, i) => value !== a[3][i]));
  });
});

Deno.test("dataset says in one line what is wrong, and leaves nothing behind", async () => {
  await withPhotos(async (dir) => {
    await Deno.mkdir(`${dir}/taken`);
    await Deno.writeTextFile(`${dir}/taken/file`, "");
    const cases: [string[], number, RegExp][] = [
      [
        ["build", "--from", "photos", "--out", "taken"],
        2,
        /^clairnet: Cannot build into 'taken': it is not empty/,
      ],
      [["build", "--from", "nowhere", "--out", "x"], 1, /^clairnet: Cannot read the folder 'nowhere'/],
      [
        ["build", "--from", "photos", "--out", "x", "--size", "64"],
        1,
        /^clairnet: None of the 8 photos can be used/,
      ],
      [
        ["build", "--from", "photos", "--out", "x", "--size", "4"],
        2,
        /^clairnet: --size must be a whole number/,
      ],
      [
        ["build", "--from", "photos", "--out", "x", "--degrade", "fog"],
        2,
        /^clairnet: Cannot read the degradation/,
      ],
      [["info", "photos"], 1, /^clairnet: 'photos' is no built data set/],
    ];
    for (const [args, expected, pattern] of cases) {
      const { code, stdout, stderr } = await runCommand(["dataset", ...args], { cwd: dir });
      assertEquals([code, stdout, linesOf(stderr).length], [expected, "", 1], stderr);
      assertMatch(stderr.trimEnd(), pattern);
    }
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["photos", "taken"]);
  });
});
