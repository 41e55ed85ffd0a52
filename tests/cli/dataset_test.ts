import { assert, assertEquals, assertMatch } from "../assert.ts";
import sharp from "sharp";
import { linesOf, runCommand, startCommand, whileRunning } from "./command.ts";
import { filesIn, writePhoto } from "./folder.ts";
import { rawZip } from "../data/raw_zip.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";
import { imageSuperResolution, superImageResolution, writeTree, writeZip } from "../data/trees.ts";
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
      [
        ["build", "--from", "nowhere", "--out", "x"],
        1,
        /^clairnet: Cannot read the folder 'nowhere': there is no such folder$/,
      ],
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

Deno.test("dataset build goes on after kill -9, and ends with the bytes of a build that was left alone", async () => {
  await withFolder(async (dir) => {
    for (let i = 0; i < 160; i++) {
      await writeTestPhoto(`${dir}/photos/${i}.png`, 72, 64, testPixels(72, 64, i));
    }
    const args = [
      "dataset",
      "build",
      "--from",
      "photos",
      "--size",
      "64",
      "--degrade",
      "blur:5-9,jpeg:50",
      "--out",
    ];
    assertEquals((await runCommand([...args, "whole"], { cwd: dir })).code, 0);

    const child = startCommand([...args, "set"], { cwd: dir });
    const size = (name: string) => Deno.stat(`${dir}/.set.partial/${name}`).then(({ size }) => size, () => 0);
    // A photo's line has more than 1000 characters: at least 32 photos are done, and a build at its end has none of this left.
    const ended = child.output();
    await whileRunning(ended, async () => await size("build.journal") < 32_000 ? undefined : true);
    child.kill("SIGKILL");
    const killed = await ended;
    assertEquals(killed.signal, "SIGKILL", new TextDecoder().decode(killed.stderr));
    assertEquals(filesIn(dir).filter((name) => !name.startsWith("photos/") && /^set\//.test(name)), []);

    const rest = await runCommand([...args, "set"], { cwd: dir });
    assertEquals(rest.code, 0, rest.stderr);
    const after = Number(linesOf(rest.stderr)[0].match(/^Going on after (\d+) of 160 photos$/)?.[1]);
    assert(after >= 32 && after < 160, rest.stderr);
    for (const name of filesIn(`${dir}/whole`)) {
      assertEquals(
        await Deno.readFile(`${dir}/set/${name}`),
        await Deno.readFile(`${dir}/whole/${name}`),
        name,
      );
    }
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["photos", "set", "whole"]);
    const again = await runCommand([...args, "set"], { cwd: dir });
    assertEquals([again.code, linesOf(again.stderr)[0].replace(/:.*/, "")], [0, "'set' is complete already"]);
  });
});

Deno.test("dataset build takes several downloads at once, and info shows what became of them", async () => {
  await withFolder(async (dir) => {
    await writeZip(`${dir}/archive.zip`, await imageSuperResolution());
    await writeTree(`${dir}/super`, await superImageResolution());
    await Deno.writeFile(`${dir}/super/Data/HR/9.png`, new Uint8Array(99));
    const built = await runCommand(
      ["dataset", "build", "--from", "archive.zip", "super", "--out", "set", "--held-out", "0.3"],
      { cwd: dir },
    );
    assertEquals(built.code, 0, built.stderr);
    assertMatch(
      built.stderr,
      /^clairnet: skipped super\/Data\/HR\/9\.png: no photo of a low side belongs to it$/m,
    );
    assertMatch(
      built.stderr,
      /^Built set: 7 pairs of 256×256 by their own low side, 1 left out, 4 duplicates dropped/m,
    );

    const info = await runCommand(["dataset", "info", "set"], { cwd: dir });
    assertEquals([info.code, info.stderr], [0, ""]);
    const rows = [
      /^pairs +7, 2 of them held out$/m,
      /^size +256×256, reduced$/m,
      /^originals +256×256 to 384×384$/m,
      /^format +npy, 2\.8 MB$/m,
      /^recipe +their own low side$/m,
      /^degraded +\d\d\.\d\d dB$/m,
      /^from +archive\.zip \(4\)\nfrom +super \(3\)$/m,
      /^left out +1$/m,
      /^duplicates +4$/m,
      /^sheet +set\/contact-sheet\.jpg$/m,
    ];
    for (const row of rows) assertMatch(info.stdout, row);
    // Three pairs in a row, of two tiles of 192 pixels each.
    const { width, height, format } = await sharp(`${dir}/set/contact-sheet.jpg`).metadata();
    assertEquals([width, height, format], [12 + 3 * (2 * 192 + 2 + 12), 12 + 3 * (192 + 12), "jpeg"]);
    await Deno.remove(`${dir}/set/contact-sheet.jpg`);
    const json = await runCommand(["dataset", "info", "set", "--json", "--sheet", "look.jpg"], { cwd: dir });
    assertEquals([JSON.parse(json.stdout).sheet, JSON.parse(json.stdout).lows.length], ["look.jpg", 7]);
    assertEquals((await sharp(`${dir}/look.jpg`).metadata()).width, width);
    const tile = async (left: number) => {
      const area = { left, top: 12, width: 192, height: 192 };
      return await sharp(await sharp(`${dir}/look.jpg`).extract(area).png().toBuffer()).stats();
    };
    const [low, high] = [await tile(12), await tile(12 + 192 + 2)];
    assert(
      low.sharpness < 0.7 * high.sharpness,
      `the low side is on the left: ${low.sharpness}, ${high.sharpness}`,
    );
  });
});

Deno.test("dataset build and info warn where low and high differ by more than 45 dB, or not at all", async () => {
  await withPhotos(async (dir) => {
    const warning =
      /^clairnet: warning: low and high (.*): a network has nothing to learn here; choose a stronger recipe$/m;
    for (
      const [out, recipe, expected] of [
        ["none", "none", "are equal, more than 45 dB"],
        ["faint", "gaussian:1", "differ by 4\\d\\.\\d dB on average, more than 45 dB"],
        ["enough", "gaussian:3", undefined],
      ]
    ) {
      const built = await runCommand(
        ["dataset", "build", "--from", "photos", "--size", "32", "--out", out!, "--degrade", recipe!],
        { cwd: dir },
      );
      const info = await runCommand(["dataset", "info", out!], { cwd: dir });
      const json = JSON.parse((await runCommand(["dataset", "info", out!, "--json"], { cwd: dir })).stdout);
      assertEquals([built.code, info.code], [0, 0]);
      for (const text of [built.stderr, info.stderr]) {
        const said = text.match(warning)?.[1];
        if (expected) assertMatch(said ?? "", new RegExp(`^${expected}$`));
        else assertEquals(said, undefined);
      }
      assertEquals(json.warning === undefined, expected === undefined);
      if (recipe === "none") {
        assertEquals(json.psnr, "Infinity");
        assertMatch(info.stdout, /^degraded +not at all \(inf dB\)$/m);
      }
    }
  });
});

Deno.test("dataset build says of a link to nothing which it is and where it points", async () => {
  await withPhotos(async (dir) => {
    await Deno.symlink("../away/1.png", `${dir}/photos/gone.png`);
    await Deno.symlink("round.png", `${dir}/photos/round.png`);
    await Deno.symlink("/nonexistent/disk", `${dir}/photos/disk`);
    await Deno.symlink("nowhere.txt", `${dir}/photos/notes.txt`);
    await Deno.symlink("nowhere", `${dir}/astray`);
    const build = (from: string) =>
      runCommand(["dataset", "build", "--from", from, "--size", "32", "--out", "set"], { cwd: dir });
    const { code, stderr } = await build("photos");
    assertEquals(code, 0, stderr);
    assertEquals(linesOf(stderr).filter((line) => line.includes("is a link")).sort(), [
      "clairnet: skipped photos/disk: it is a link to '/nonexistent/disk': nothing is there",
      "clairnet: skipped photos/gone.png: it is a link to '../away/1.png': nothing is there",
      "clairnet: skipped photos/round.png: it is a link to 'round.png': its symbolic links lead in a circle",
    ]);
    const whole = await build("astray");
    assertEquals(
      [whole.code, whole.stderr],
      [1, "clairnet: Cannot read the folder 'astray': it is a link to 'nowhere': nothing is there\n"],
    );
  });
});

Deno.test("dataset build says in one line what is wrong with an archive or a low side", async () => {
  await withPhotos(async (dir) => {
    const data = await Deno.readFile(`${dir}/photos/0.png`);
    await Deno.writeFile(`${dir}/evil.zip`, rawZip([{ name: "../x.png", data }]));
    await Deno.writeFile(`${dir}/secret.zip`, rawZip([{ name: "x.png", data, flags: 1 }]));
    const whole = rawZip([{ name: "x.png", data }]);
    await Deno.writeFile(`${dir}/cut.zip`, whole.slice(0, whole.length / 2));
    const cases: [string[], number, RegExp][] = [
      [
        ["evil.zip"],
        1,
        /^clairnet: Cannot read the archive 'evil\.zip': it holds the path '\.\.\/x\.png', which leads out/,
      ],
      [["secret.zip"], 1, /^clairnet: There is no photo to use in 'secret\.zip'; .*it is encrypted/],
      [
        ["cut.zip"],
        1,
        /^clairnet: Cannot read the archive 'cut\.zip': it is no zip archive, or it is cut off/,
      ],
      [["photos/0.png"], 2, /^clairnet: 'photos\/0\.png' is neither a folder nor a zip archive/],
      [["photos", "--keep-low"], 2, /^clairnet: No photo of 'photos' has a low side beside it/],
      [["photos", "--fit", "squeeze"], 2, /^clairnet: option '--fit/],
    ];
    for (const [from, expected, pattern] of cases) {
      const { code, stdout, stderr } = await runCommand(
        ["dataset", "build", "--out", "x", "--size", "32", "--from", ...from],
        { cwd: dir },
      );
      assertEquals([code, stdout, linesOf(stderr).length], [expected, "", 1], stderr);
      assertMatch(stderr.trimEnd(), pattern);
    }
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
      "cut.zip",
      "evil.zip",
      "photos",
      "secret.zip",
    ]);
  });
});

Deno.test("dataset build --json prints what dataset info --json does", async () => {
  await withPhotos(async (dir) => {
    const built = await build(dir, "--out", "set", "--json");
    assertEquals(built.code, 0, built.stderr);
    const info = await runCommand(["dataset", "info", "set", "--json"], { cwd: dir });
    assertEquals(JSON.parse(built.stdout), JSON.parse(info.stdout));
  });
});

Deno.test("dataset info prints the facts where it cannot draw the contact sheet, unless that was asked for", async () => {
  await withPhotos(async (dir) => {
    assertEquals((await build(dir, "--out", "set")).code, 0);
    const info = (...args: string[]) =>
      runCommand(["dataset", "info", "set", ...args], {
        cwd: dir,
        permissions: ["--no-prompt", "--cached-only", "--allow-read=set"],
      });
    const whole = await info();
    assertEquals([whole.code, whole.stderr], [0, ""]);
    await Deno.remove(`${dir}/set/contact-sheet.jpg`);
    const { code, stdout, stderr } = await info();
    assertEquals([code, linesOf(stderr).length], [0, 1], stderr);
    assertMatch(stderr, /^clairnet: no contact sheet: /);
    assertEquals(stdout, whole.stdout.replace("set/contact-sheet.jpg", "none"));
    const json = await info("--json");
    assertEquals([json.code, "sheet" in JSON.parse(json.stdout)], [0, false]);
    const asked = await info("--sheet", "look.jpg");
    assertEquals([asked.code, asked.stdout], [1, ""]);
  });
});

Deno.test("dataset info lets nothing that a set says of itself reach the terminal as a command", async () => {
  await withPhotos(async (dir) => {
    assertEquals((await build(dir, "--out", "set")).code, 0);
    const path = `${dir}/set/dataset.json`;
    const evil = "\x1b]0;owned\x07";
    const { sources, originals, ...rest } = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        ...{ ...rest, recipe: `blur:1${evil}`, lowSides: [{ name: evil, photos: 1 }] },
        sources: [{ ...sources[0], dir: `photos${evil}` }],
        originals: { ...originals, smallest: [evil, 1] },
      }),
    );
    const { code, stdout, stderr } = await runCommand(["dataset", "info", "set"], { cwd: dir });
    assertEquals(code, 0, stderr);
    for (const command of evil) if (command < " ") assert(!stdout.includes(command), JSON.stringify(stdout));
    assertMatch(stdout, /^from +"photos\\u001b\]0;owned\\u0007 \(6\)"$/m);
  });
});
