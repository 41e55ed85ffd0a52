import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, withModel } from "./folder.ts";
import { withFolder } from "../data/photos.ts";
import { writePhotos } from "../train/runs.ts";
import { freshModel } from "../../src/nn/fresh_model.ts";
import { growModel } from "../../src/nn/grow_model.ts";
import { loadModel } from "../../src/nn/models.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import denoConfig from "../../deno.json" with { type: "json" };

const TINY = ["--batch", "2", "--patch", "16", "--model-config", "base=4,depth=1,blocks=1,activation=relu"];

Deno.test("train says what it does on standard error and with --json gives one document, also where no variable is set", async () => {
  await withModel(async (dir) => {
    await writePhotos(`${dir}/photos`);
    await Deno.writeTextFile(`${dir}/photos/notes.jpg`, "no photo");
    const { code, stdout, stderr } = await runCommand(
      [
        ...[
          "train",
          "--data",
          "photos",
          "--out",
          "runs/mine",
          "--steps",
          "6",
          "--checkpoint-every",
          "3",
          ...TINY,
        ],
        ...[
          "--name",
          "mine",
          "--license",
          "MIT",
          "--about-data",
          "my textures",
          "--degrade",
          "blur:1",
          "--json",
        ],
      ],
      { cwd: dir, env: { XDG_RUNTIME_DIR: undefined, DENO_WEBGPU_BACKEND: undefined } },
    );
    assertEquals(code, 0, stderr);
    const result = JSON.parse(stdout);
    assertEquals([result.status, result.step, result.modelPath], ["done", 6, "runs/mine/model.safetensors"]);
    const lines = linesOf(stderr);
    assertEquals(lines.length, 6, stderr);
    assertMatch(lines[0], new RegExp(`^Training on ${result.adapter.replace(/[^\w ]/g, ".")}`));
    assertMatch(lines[1], /^clairnet: skipped notes\.jpg: Cannot read the photo/);
    assertMatch(lines[2], /^4 photos, 0\.0 megapixels; 6 steps of 2 patches of 16×16$/);
    assertMatch(lines[3], /^step 6\/6, loss [\d.]+, held-out [\d.]+ dB, [\d.]+ steps\/s, 0 s left$/);
    assertMatch(
      lines[4],
      /^Done: runs\/mine\/model\.safetensors, [\d.]+ dB on the held-out photos \([\d.]+ before restoration\)$/,
    );
    assertMatch(lines[5], /^Use it: clairnet enhance PHOTO --model runs\/mine\/model\.safetensors$/);
    const { info, topology } = await loadModel(`${dir}/runs/mine/model.safetensors`);
    assertEquals(
      [info.name, info.license, info.data, info.recipe, info.version, info.steps],
      ["mine", "MIT", "my textures", "blur:1", denoConfig.version, 6],
    );
    assertEquals(topology, unetTopology({ base: 4, depth: 1, blocks: 1, activation: "relu" }));

    const used = await runCommand(
      [
        "enhance",
        "photos/photo0.png",
        "-o",
        "x.png",
        "--device",
        "cpu",
        "--model",
        "runs/mine/model.safetensors",
      ],
      { cwd: dir },
    );
    assertEquals(used.code, 0, used.stderr);
  });
});

Deno.test("train --init goes on from a model's weights and topology, --epochs counts passes over the photos", async () => {
  await withModel(async (dir, model) => {
    await writePhotos(`${dir}/photos`, 3);
    await Deno.writeTextFile(`${dir}/names.txt`, "photo0.png\nphoto2.png\n");
    const { code, stdout, stderr } = await runCommand(
      [
        ...["train", "--data", "photos", "--only", "names.txt", "--out", "out", "--init", model, "--lr", "0"],
        ...["--epochs", "0.5", "--batch", "2", "--patch", "16", "--quiet"],
      ],
      { cwd: dir },
    );
    assertEquals([code, stdout, stderr], [0, "", ""]);
    const [before, after] = [await loadModel(model), await loadModel(`${dir}/out/model.safetensors`)];
    // 44×61 and 62×51 pixels, half of them in steps of 2·16·16.
    assertEquals([after.info.steps, after.topology], [
      Math.round(0.5 * (44 * 61 + 62 * 51) / 512),
      before.topology,
    ]);
    for (const [name, values] of before.parameters) {
      assert(after.parameters.get(name)!.every((value, i) => Math.abs(value - values[i]) <= 1e-6), name);
    }
  });
});

Deno.test("train --init --model-config goes on with a larger network, all of which learns", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 3);
    const before = freshModel({ base: 4, depth: 1, blocks: 1 }, 13);
    await saveModel(`${dir}/model.safetensors`, before);
    const { code, stderr } = await runCommand(
      [
        ...["train", "--data", "photos", "--out", "out", "--init", "model.safetensors"],
        ...["--model-config", "widths=6/9,encoderBlocks=2/1,filled=true", "--degrade", "gaussian:20"],
        ...["--steps", "4", "--batch", "2", "--patch", "16", "--seed", "7", "--quiet"],
      ],
      { cwd: dir },
    );
    assertEquals([code, stderr], [0, ""]);
    const after = await loadModel(`${dir}/out/model.safetensors`);
    const start = growModel(before, { widths: [6, 9], encoderBlocks: [2, 1], filled: true }, 7);
    assertEquals(after.topology, start.topology);
    for (const [name, values] of start.parameters) {
      const still = after.parameters.get(name)!.filter((value, i) => value === values[i]).length;
      assert(still < 0.02 * values.length, `${still} of ${values.length} values of ${name} did not change`);
    }
  });
});

Deno.test("train says in one line what it lacks and exits as the contract says", async () => {
  await withModel(async (dir, model) => {
    await writePhotos(`${dir}/photos`, 2);
    await Deno.mkdir(`${dir}/empty`);
    await Deno.mkdir(`${dir}/taken`);
    await Deno.copyFile(model, `${dir}/taken/checkpoint.safetensors`);
    const cases: [string[], number, RegExp][] = [
      [
        ["--data", "nowhere", "--out", "x"],
        1,
        /^clairnet: Cannot read the folder 'nowhere': there is no such folder$/,
      ],
      [["--data", "empty", "--out", "x"], 1, /^clairnet: There is no photo to use in 'empty'$/],
      [
        ["--data", "photos", "--out", "x", "--only", "none.txt"],
        1,
        /^clairnet: Cannot read the list none\.txt/,
      ],
      [
        ["--data", "photos", "--out", "x", "--init", model, "--model-config", "base=3"],
        2,
        /Cannot start from that --init with --model-config base=3: Cannot make a trained network smaller: its widths are /,
      ],
      [
        ["--data", "photos", "--out", "taken"],
        2,
        /^clairnet: Cannot train into taken: it holds a checkpoint; add --resume/,
      ],
      [
        ["--data", "photos", "--out", "taken", "--resume"],
        1,
        /^clairnet: Cannot resume: .* is a model, not a checkpoint/,
      ],
      [
        ["--data", "photos", "--out", "x", "--resume"],
        1,
        /^clairnet: Cannot resume: there is no checkpoint x\/checkpoint/,
      ],
    ];
    for (const [args, expected, pattern] of cases) {
      const { code, stdout, stderr } = await runCommand(["train", "--quiet", ...args], { cwd: dir });
      assertEquals([code, stdout, linesOf(stderr).length], [expected, "", 1], `${args}: ${stderr}`);
      assertMatch(stderr.trimEnd(), pattern);
    }
    assertEquals(filesIn(`${dir}/taken`), ["checkpoint.safetensors"]);
  });
});

Deno.test("train --precision f16 says that it does so, goes on only with the same, or says in a line that it cannot", async () => {
  await withModel(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const run = (...args: string[]) =>
      runCommand(
        [
          "train",
          "--data",
          "photos",
          "--out",
          "run",
          "--steps",
          "4",
          "--degrade",
          "blur:1",
          ...TINY,
          ...args,
        ],
        { cwd: dir },
      );
    const half = await run("--precision", "f16", "--json");
    if (half.code === 2) {
      assertMatch(half.stderr, /^clairnet: Cannot run in f16: .* has no shader-f16 .*\n$/);
      return;
    }
    assertEquals([half.code, JSON.parse(half.stdout).precision], [0, "f16"], half.stderr);
    assertMatch(half.stderr, /^Training on .*, with values stored as f16$/m);
    assert((await loadModel(`${dir}/run/model.safetensors`)).parameters.size > 0);
    const whole = await run("--resume");
    assertEquals(
      [whole.code, whole.stderr],
      [2, "clairnet: Cannot resume: the checkpoint was trained with precision f16, this run asks for f32\n"],
    );
  });
});
