import { assert, assertEquals, assertMatch } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { writePhotos } from "../train/runs.ts";
import { linesOf, runCommand, startCommand, whileRunning } from "./command.ts";
import { filesIn } from "./folder.ts";
import { assertFits } from "./schemas.ts";

const COMMAND = ["trials", "--data", "photos", "--out", "out", "--steps", "1", "--no-isomap"];
const MODELS = [1, 2, 3, 4].map((number) => `trial${number}/model.safetensors`);

Deno.test("trials stops cleanly at Ctrl-C, goes on to a report, and trains nothing twice", async (test) => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);

    await test.step("Ctrl-C: exit 130, and no file is half-written", async () => {
      const child = startCommand(COMMAND, { cwd: dir });
      const ended = child.output();
      await whileRunning(ended, () => Deno.stat(`${dir}/out/settings.json`).catch(() => undefined));
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 130, said);
      assertEquals(linesOf(said).at(-1), "clairnet: stopped; the same command goes on from there");
      const files = filesIn(`${dir}/out`);
      assert(files.every((name) => !name.endsWith(".tmp") && !/^(report|trials)\./.test(name)), files.join());
    });

    await test.step("the same command goes on: models, a page and a document", async () => {
      const { code, stdout, stderr } = await runCommand([...COMMAND, "--json"], { cwd: dir });
      assertEquals(code, 0, stderr);
      const files = filesIn(`${dir}/out`);
      for (const name of ["report.html", "trials.json", ...MODELS]) {
        assert(files.includes(name), `${name} of ${files}`);
      }
      assertEquals(
        assertFits("trials", stdout),
        JSON.parse(await Deno.readTextFile(`${dir}/out/trials.json`)),
      );
      assertEquals(linesOf(stderr).at(-1), "Report: out/report.html");
      assertMatch(stderr, /^trial 4, .*: 2 steps$/m);
      const page = await Deno.readTextFile(`${dir}/out/report.html`);
      assert(!page.includes("Isomap") && page.includes("data:image/webp;base64,"));
    });

    await test.step("a rerun trains nothing", async () => {
      const times = () => MODELS.map((name) => Deno.statSync(`${dir}/out/${name}`).mtime!.getTime());
      const [before, json] = [times(), JSON.parse(await Deno.readTextFile(`${dir}/out/trials.json`))];
      const { code, stdout, stderr } = await runCommand([...COMMAND, "--quiet"], { cwd: dir });
      assertEquals([code, stdout, stderr], [0, "", ""]);
      assertEquals(times(), before);
      assertEquals(JSON.parse(await Deno.readTextFile(`${dir}/out/trials.json`)).transfer, json.transfer);
    });

    await test.step("other settings are refused in one line", async () => {
      const { code, stderr } = await runCommand([...COMMAND, "--seed", "9"], { cwd: dir });
      assertEquals(code, 2);
      assertMatch(
        linesOf(stderr).at(-1)!,
        /^clairnet: Cannot go on in 'out': its trials have seed 1, this run asks for 9; choose another --out$/,
      );
    });
  });
});

Deno.test("trials refuses too few photos and a wrong preset in one line", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 2);
    const few = await runCommand(COMMAND, { cwd: dir });
    assertEquals(few.code, 1);
    assertMatch(
      linesOf(few.stderr).at(-1)!,
      /^clairnet: The trials need three photos or more, .*: there are 2$/,
    );
    assertEquals(filesIn(dir), ["photos/photo0.png", "photos/photo1.png"]);
    const preset = await runCommand([...COMMAND, "--preset", "tpu"], { cwd: dir });
    assertEquals([preset.code, linesOf(preset.stderr).length], [2, 1]);
    assertMatch(preset.stderr, /--preset.*cpu, gpu/);
  });
});

Deno.test("trials keeps a report that is not its own, and says so before it trains", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 3);
    await Deno.mkdir(`${dir}/out`);
    for (const name of ["report.html", "trials.json"]) {
      await Deno.writeTextFile(`${dir}/out/${name}`, "mine");
      const { code, stderr } = await runCommand(COMMAND, { cwd: dir });
      assertEquals([code, stderr], [
        2,
        `clairnet: Cannot run the trials in 'out': it holds another ${name}; choose another --out\n`,
      ]);
      assertEquals(await Deno.readTextFile(`${dir}/out/${name}`), "mine");
      await Deno.remove(`${dir}/out/${name}`);
    }
  });
});
