import { buildDataset } from "../../src/data/dataset.ts";
import { loadCheckpoint, saveCheckpoint } from "../../src/train/checkpoint.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { trainOn, writePhotos } from "../train/runs.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, withModel } from "./folder.ts";

/** Where no driver is found, a call that gets as far as the GPU says that. */
const NO_GPU = {
  VK_ICD_FILENAMES: "/nonexistent",
  VK_DRIVER_FILES: "/nonexistent",
  DENO_WEBGPU_BACKEND: "vulkan",
};
const TINY = ["--batch", "2", "--patch", "16", "--model-config", "base=4,depth=1,blocks=1"];

Deno.test("train and trials say what is wrong with the data before they open a GPU", () =>
  withModel(async (dir) => {
    await writePhotos(`${dir}/photos`, 3);
    await writePhotos(`${dir}/two`, 2);
    await writePhotos(`${dir}/pairs/high`, 3);
    await Deno.mkdir(`${dir}/pairs/low`);
    await Deno.mkdir(`${dir}/empty`);
    await Deno.mkdir(`${dir}/broken`);
    await Deno.writeTextFile(`${dir}/broken/dataset.json`, '{"version": 2}');
    await Deno.writeTextFile(`${dir}/none.txt`, "nobody.png\n");
    await Deno.writeTextFile(`${dir}/blank.txt`, "\n \n");
    await Deno.mkdir(`${dir}/other`);
    await Deno.writeTextFile(`${dir}/other/settings.json`, '{"version": 1, "seed": 3}');
    await buildDataset({ from: [`${dir}/photos`], out: `${dir}/set`, size: 16, seed: 1 });
    const before = filesIn(dir);

    const data: [string[], number, RegExp][] = [
      [["--data", "nowhere"], 1, /^clairnet: Cannot read the folder 'nowhere': there is no such folder$/],
      [["--data", "none.txt"], 1, /^clairnet: Cannot read the folder 'none\.txt': it is a file$/],
      [["--data", "empty"], 1, /^clairnet: There is no photo to use in 'empty'$/],
      [["--data", "pairs"], 1, /^clairnet: No photo in 'pairs\/high' has a twin of the same name in/],
      [
        ["--data", "broken"],
        1,
        /^clairnet: Cannot read 'broken\/dataset\.json': .*build the data set again$/,
      ],
      [["--data", "photos", "--only", "none.txt"], 1, /^clairnet: .* has no photo 'nobody\.png', which/],
      [["--data", "photos", "--only", "blank.txt"], 1, /^clairnet: The list blank\.txt names nothing/],
      [["--data", "pairs", "--only", "none.txt"], 2, /^clairnet: 'pairs' holds pairs: a list of photos/],
    ];
    const calls: [string[], number, RegExp][] = [
      ...data.map(([args, ...rest]) =>
        [["train", ...TINY, "--out", "x", ...args], ...rest] as [string[], number, RegExp]
      ),
      ...data.map(([args, ...rest]) =>
        [["trials", "--out", "x", ...args], ...rest] as [string[], number, RegExp]
      ),
      [
        ["train", ...TINY, "--data", "set", "--out", "x", "--held-out", "0.05"],
        2,
        /^clairnet: 'set' is a built data set, which has its own held-out photos: leave out --held-out, or build/,
      ],
      [
        ["train", "--data", "photos", "--out", "none.txt"],
        2,
        /^clairnet: Cannot train into none\.txt: it is a file; choose another --out$/,
      ],
      [
        ["train", "--data", "photos", "--out", "none.txt/run"],
        2,
        /^clairnet: Cannot train into none\.txt\/run: a part of its path is no folder; choose another --out$/,
      ],
      [
        ["trials", "--data", "photos", "--out", "none.txt"],
        2,
        /^clairnet: Cannot run .*: it is a file; choose/,
      ],
      [
        ["trials", "--data", "two", "--out", "x"],
        1,
        /^clairnet: The trials need three photos .*: there are 2$/,
      ],
      [["trials", "--data", "photos", "--out", "other"], 2, /its trials have seed 3, this run asks for 1; /],
    ];
    for (const [args, expected, pattern] of calls) {
      const { code, stdout, stderr } = await runCommand(args, { cwd: dir, env: NO_GPU });
      assertEquals([code, stdout, linesOf(stderr).length], [expected, "", 1], `${args}: ${stderr}`);
      assertMatch(stderr.trimEnd(), pattern, args.join(" "));
    }
    assertEquals(filesIn(dir), before);

    if (Deno.build.os !== "linux") return;
    const fine = await runCommand(["train", "--data", "photos", "--out", "x"], { cwd: dir, env: NO_GPU });
    assertMatch(fine.stderr, /^clairnet: No WebGPU adapter found/);
  }));

Deno.test("train --resume with other options is refused before a GPU is opened, and the checkpoint stays", () =>
  withModel(async (dir) => {
    await writePhotos(`${dir}/photos`, 3);
    await trainOn(`${dir}/photos`, `${dir}/run`, { steps: 2, checkpointEvery: 2 });
    const checkpoint = await Deno.readFile(`${dir}/run/checkpoint.safetensors`);
    const same = ["--lr", "3e-3", "--seed", "3", "--held-out", "0.25", "--optimiser", "adam"];
    const calls: [string[], RegExp][] = [
      [
        ["--degrade", "gaussian:40", "--optimiser", "muon"],
        /^clairnet: Cannot resume: .* trained with optimiser adam, this run asks for muon$/,
      ],
      [
        ["--degrade", "gaussian:40", "--loss", "psnr"],
        /^clairnet: Cannot resume: .* trained with loss l1, this run asks for psnr$/,
      ],
      [
        ["--degrade", "gaussian:40", "--steps", "9"],
        /^clairnet: Cannot resume: .* trained with steps 2, this run asks for 9$/,
      ],
      [["--degrade", "blur:1"], /^clairnet: Cannot resume: .* recipe gaussian:40, this run asks for blur:1$/],
      [
        ["--degrade", "gaussian:40", "--patch", "32"],
        /^clairnet: Cannot resume: .* trained with patch 16, this run asks for 32$/,
      ],
    ];
    for (const [other, pattern] of calls) {
      const args = ["train", "--data", "photos", "--out", "run", "--resume", ...TINY, ...same, ...other];
      const { code, stdout, stderr } = await runCommand(args, { cwd: dir, env: NO_GPU });
      assertEquals([code, stdout, linesOf(stderr).length], [2, "", 1], `${args}: ${stderr}`);
      assertMatch(stderr.trimEnd(), pattern);
    }
    assertEquals(await Deno.readFile(`${dir}/run/checkpoint.safetensors`), checkpoint);
  }));

Deno.test("train --resume on a built set does not mind the share that an earlier version took and ignored", () =>
  withModel(async (dir) => {
    await writePhotos(`${dir}/photos`, 3);
    await buildDataset({ from: [`${dir}/photos`], out: `${dir}/set`, size: 16, seed: 1 });
    const args = ["train", "--data", "set", "--out", "run", ...TINY, "--steps", "2", "--quiet"];
    const first = await runCommand(args, { cwd: dir });
    assertEquals([first.code, first.stderr], [0, ""]);
    const path = `${dir}/run/checkpoint.safetensors`;
    const checkpoint = await loadCheckpoint(path);
    await saveCheckpoint(path, { ...checkpoint, settings: { ...checkpoint.settings, heldOut: 0.3 } });
    const again = await runCommand([...args, "--resume"], { cwd: dir });
    assertEquals([again.code, again.stderr], [0, ""]);
  }));
