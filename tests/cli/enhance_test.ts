import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand, startCommand } from "./command.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { listModels } from "../../src/nn/models.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { succeeds } from "../succeeds.ts";
import { filesIn, pixelsOf, withModel, writePhoto } from "./folder.ts";

Deno.test("enhance writes NAME-enhanced.EXT beside the photo, of its size and format, and leaves the photo alone", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/photo.png`, 1);
    const before = await Deno.readFile(`${dir}/photo.png`);
    // As on a machine where nobody has set anything up for WebGPU.
    const env = { XDG_RUNTIME_DIR: undefined, DENO_WEBGPU_BACKEND: undefined };
    for (const device of ["cpu", "gpu", "auto"]) {
      const { code, stdout, stderr } = await runCommand(
        ["enhance", "photo.png", "--model", model, "--device", device, "--overwrite"],
        { cwd: dir, env },
      );
      assertEquals([code, stdout], [0, ""], stderr);
      const lines = linesOf(stderr);
      assertEquals(lines.length, 2, stderr);
      const pattern = {
        cpu: /^Using the CPU /,
        gpu: /^Using the (GPU|software adapter) /,
        auto: /^Using the /,
      };
      assertMatch(lines[0], pattern[device as keyof typeof pattern]);
      assertMatch(lines[1], /^photo\.png → photo-enhanced\.png \(50×37, [\d.]+ s\)$/);
      const { width, height, format, rgb } = await pixelsOf(`${dir}/photo-enhanced.png`);
      assertEquals([width, height, format], [50, 37, "png"]);
      const { rgb: source } = await pixelsOf(`${dir}/photo.png`);
      assert(rgb.some((value, i) => Math.abs(value - source[i]) > 5), "nothing was changed");
    }
    assertEquals(await Deno.readFile(`${dir}/photo.png`), before);
    assertEquals(filesIn(dir), ["model.safetensors", "photo-enhanced.png", "photo.png"]);
  });
});

Deno.test("enhance reports a missing file and a text named .jpg in a line each, exits with 1, and does the rest", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/a.png`, 2);
    await writePhoto(`${dir}/z.webp`, 3);
    await Deno.writeTextFile(`${dir}/notes.jpg`, "Dear diary,\nthis is no photo.\n");
    const photos = ["a.png", "missing.jpg", "notes.jpg", "z.webp"];
    const { code, stdout, stderr } = await runCommand(
      ["enhance", ...photos, "-o", "out", "--model", model, "--device", "cpu"],
      { cwd: dir },
    );
    assertEquals([code, stdout], [1, ""]);
    assertEquals(filesIn(`${dir}/out`), ["a.png", "z.webp"]);
    const lines = linesOf(stderr);
    assertEquals(lines.length, 8, stderr);
    assertEquals(lines.filter((line) => line.startsWith("clairnet: ")), [
      "clairnet: Cannot read missing.jpg: there is no such file",
      "clairnet: Cannot read notes.jpg: not a photo in a known format (PNG, JPEG, WebP, TIFF, AVIF, GIF)",
    ]);
    assertMatch(lines[5], /^2 of 4 photos done in \d+ s, 2 failed$/);
    // Once more at the end, where they are seen after hundreds of other lines.
    assertEquals(lines.slice(6), [
      "  failed: Cannot read missing.jpg: there is no such file",
      "  failed: Cannot read notes.jpg: not a photo in a known format (PNG, JPEG, WebP, TIFF, AVIF, GIF)",
    ]);
  });
});

Deno.test("enhance takes a folder, with --recursive all below it, and --shard shares it out", async () => {
  await withModel(async (dir, model) => {
    for (const [i, name] of ["b.jpg", "a.png", "deep/c.png", "deep/er/d.tiff"].entries()) {
      await writePhoto(`${dir}/in/${name}`, 10 + i, 20 + i, 16);
    }
    const run = (...args: string[]) =>
      runCommand(["enhance", "in", "--model", model, "--device", "cpu", ...args], { cwd: dir });
    assertEquals((await run("-o", "flat/")).code, 0);
    assertEquals(filesIn(`${dir}/flat`), ["a.png", "b.jpg"]);
    for (const part of ["1/2", "2/2"]) {
      assertEquals((await run("-o", "all", "--recursive", "--format", "webp", "--shard", part)).code, 0);
    }
    assertEquals(filesIn(`${dir}/all`), ["a.webp", "b.webp", "deep/c.webp", "deep/er/d.webp"]);
    assertEquals((await pixelsOf(`${dir}/all/deep/er/d.webp`)).width, 23);
  });
});

Deno.test("enhance --precision f16 says that it does so, and in a line where it cannot", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/photo.png`, 6);
    const run = (...args: string[]) =>
      runCommand(["enhance", "photo.png", "--model", model, "--precision", ...args], { cwd: dir });
    const onCpu = await run("f16", "--device", "cpu");
    assertEquals(
      [onCpu.code, onCpu.stdout, onCpu.stderr],
      [2, "", "clairnet: Cannot run in f16 on the CPU: give --device gpu, or leave --precision at auto\n"],
    );
    assertEquals(filesIn(dir), ["model.safetensors", "photo.png"]);
    const half = await run("f16", "--device", "gpu", "--json", "-o", "half.png");
    if (half.code === 2) assertMatch(half.stderr, /^clairnet: Cannot run in f16: .* has no shader-f16 .*\n$/);
    else {
      assertEquals([half.code, JSON.parse(half.stdout).precision], [0, "f16"]);
      assertMatch(half.stderr, /^Using the .*, with values stored as f16$/m);
      const whole = await run("auto", "--device", "gpu", "--json", "-o", "whole.png");
      assertEquals([whole.code, JSON.parse(whole.stdout).precision], [0, "f32"]);
      const [a, b] = [await pixelsOf(`${dir}/half.png`), await pixelsOf(`${dir}/whole.png`)];
      assert(a.rgb.every((value, i) => Math.abs(value - b.rgb[i]) <= 1));
    }
  });
});

Deno.test("enhance overwrites nothing unless told to", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/photo.png`, 4);
    await Deno.writeTextFile(`${dir}/kept.png`, "precious");
    await Deno.writeTextFile(`${dir}/photo-enhanced.png`, "precious");
    const run = (...args: string[]) =>
      runCommand(["enhance", "photo.png", "--model", model, "--device", "cpu", ...args], { cwd: dir });
    const named = await run("-o", "kept.png");
    assertEquals(
      [named.code, named.stderr],
      [2, "clairnet: Cannot enhance: kept.png exists; choose another name or add --overwrite\n"],
    );
    const source = await run("-o", "photo.png");
    assertEquals([source.code, linesOf(source.stderr).length], [2, 1]);
    const skipped = await run();
    assertEquals(
      [skipped.code, skipped.stderr],
      [
        0,
        "photo.png: skipped, photo-enhanced.png exists (made with these or other options: --overwrite redoes it, -o keeps both)\n",
      ],
    );
    for (const name of ["kept.png", "photo-enhanced.png"]) {
      assertEquals(await Deno.readTextFile(`${dir}/${name}`), "precious");
    }
    assertEquals((await run("-o", "kept.png", "--overwrite")).code, 0);
    assertEquals((await pixelsOf(`${dir}/kept.png`)).format, "png");
  });
});

Deno.test("enhance - reads standard input and writes the photo alone to standard output", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/photo.png`, 5);
    const args = ["--model", model, "--device", "cpu"];
    const stdin = await Deno.readFile(`${dir}/photo.png`);
    const piped = await runCommand(["enhance", "-", ...args], { stdin, cwd: dir });
    assertEquals(piped.code, 0, piped.stderr);
    await runCommand(["enhance", "photo.png", "-o", "file.png", ...args], { cwd: dir });
    const expected = await pixelsOf(`${dir}/file.png`);
    assertEquals(await pixelsOf(piped.bytes), expected);
    assertMatch(piped.stderr, /^- → - \(50×37, /m);

    const converted = await runCommand(["enhance", "photo.png", "-o", "-", "--format", "tiff", ...args], {
      cwd: dir,
    });
    assertEquals(await pixelsOf(converted.bytes), { ...expected, format: "tiff" });

    const broken = await runCommand(["enhance", "-", ...args], { stdin: stdin.subarray(0, 500), cwd: dir });
    assertEquals([broken.code, broken.bytes.length], [1, 0]);
    assertMatch(broken.stderr, /^clairnet: Cannot read standard input: the file is damaged or cut short/m);
  });
});

Deno.test("enhance --json puts one document on standard output and everything else on standard error", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/a.png`, 6);
    await Deno.writeTextFile(`${dir}/b.jpg`, "no photo");
    const { code, stdout, stderr } = await runCommand(
      ["enhance", "a.png", "b.jpg", "-o", "out", "--json", "--compare", "--model", model, "--device", "cpu"],
      { cwd: dir },
    );
    assertEquals(code, 1);
    const { results, device, model: used, stages, busy } = JSON.parse(stdout);
    const order = ["read", "decode", "prepare", "tiles", "upload", "network", "download", "encode", "write"];
    assertEquals(Object.keys(stages).sort(), order.toSorted());
    assertEquals(Object.keys(results[0].stages).sort(), order.toSorted());
    assert(Object.values(stages).every((seconds) => Number(seconds) > -1e-6) && stages.network > 0);
    assert(busy > 0 && busy <= 1, busy);
    assertMatch(device, /^CPU/);
    assertEquals(used, model);
    assertEquals(results.map(({ status }: { status: string }) => status), ["done", "failed"]);
    assertEquals(results[0].compare, "out/a-compare.png");
    assertMatch(results[1].error, /^Cannot read b\.jpg/);
    assertMatch(stderr, /^1 of 2 photos done/m);
    assertEquals(filesIn(`${dir}/out`), ["a-compare.png", "a.png"]);
  });
});

Deno.test("enhance --quiet prints errors only", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/a.png`, 7);
    const { code, stdout, stderr } = await runCommand(
      ["enhance", "a.png", "missing.png", "--quiet", "--model", model, "--device", "cpu"],
      { cwd: dir },
    );
    assertEquals(
      [code, stdout, stderr],
      [1, "", "clairnet: Cannot read missing.png: there is no such file\n"],
    );
  });
});

Deno.test("enhance --profile prints each stage and the device's share on standard error", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/a.png`, 9);
    const { code, stdout, stderr } = await runCommand(
      ["enhance", "a.png", "--quiet", "--profile", "--model", model, "--device", "cpu"],
      { cwd: dir },
    );
    assertEquals([code, stdout], [0, ""]);
    const lines = linesOf(stderr);
    assertEquals(lines.length, 10, stderr);
    for (const line of lines.slice(0, 9)) assertMatch(line, /^[a-z]+ +\d+\.\d{3} s +\d+\.\d %$/);
    assertMatch(lines[5], /^network /);
    assertMatch(lines[9], /^The device was at work [\d.]+ % of the time between first and last tile\.$/);
  });
});

Deno.test("enhance with a damaged model says so in one line before it reads any photo", async () => {
  await withModel(async (dir, model) => {
    const bytes = await Deno.readFile(model);
    bytes[bytes.length - 5] ^= 1;
    await Deno.writeFile(model, bytes);
    const { code, stdout, stderr } = await runCommand(["enhance", "missing.jpg", "--model", model], {
      cwd: dir,
    });
    assertEquals([code, stdout, linesOf(stderr).length], [1, "", 1]);
    assertMatch(stderr, /^clairnet: Cannot read ".*model\.safetensors" as safetensors: its checksum/);
  });
});

Deno.test("enhance interrupted exits with 130, keeps finished photos and leaves no half of one", async () => {
  await withModel(async (dir, model) => {
    const names = Array.from({ length: 40 }, (_, i) => `${String(i).padStart(2, "0")}.png`);
    await writePhoto(`${dir}/in/${names[0]}`, 8, 200, 160);
    for (const name of names.slice(1)) await Deno.copyFile(`${dir}/in/${names[0]}`, `${dir}/in/${name}`);
    const child = startCommand(
      ["enhance", "in", "-o", "out", "--model", model, "--device", "cpu", "--tile", "32"],
      { cwd: dir },
    );
    let stderr = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      if (stderr.includes("02.png → ") && !stderr.includes("interrupted")) child.kill("SIGINT");
    }
    await child.stdout.cancel();
    assertEquals((await child.status).code, 130, stderr);
    assertEquals(
      linesOf(stderr).at(-1),
      "clairnet: interrupted; finished photos are kept, the one at hand was dropped",
    );
    const written = filesIn(`${dir}/out`);
    assert(written.length >= 3 && written.length < 40, `${written.length} photos`);
    assertEquals(written, names.slice(0, written.length));
    for (const name of written) await pixelsOf(`${dir}/out/${name}`);
  });
});

Deno.test({
  name: "enhance interrupted while it waits for a named pipe ends at once",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withModel(async (dir, model) => {
      assert(await succeeds("mkfifo", [`${dir}/pipe.png`]));
      await writePhoto(`${dir}/a.png`, 9);
      // Read by the program itself, and by a thread of it.
      for (const photos of [["pipe.png"], ["pipe.png", "a.png"]]) {
        const args = ["enhance", ...photos, "-o", "out/", "--model", model, "--device", "cpu"];
        const child = startCommand(args, { cwd: dir });
        // Resolves when the other side has opened it; nothing is ever written.
        using _pipe = await Deno.open(`${dir}/pipe.png`, { write: true });
        child.kill("SIGINT");
        const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
        const { code, stderr } = await child.output();
        clearTimeout(late);
        assertEquals(code, 130);
        assertMatch(new TextDecoder().decode(stderr), /^clairnet: interrupted; /m);
      }
    }),
});

Deno.test("enhance --scale 2 enlarges by a model of that kind, --scale 4 by it twice, and says so where there is none", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/photo.png`, 1);
    const topology = unetTopology({ base: 2, depth: 1, blocks: 1, scale: 2 });
    const info = modelInfo({ name: "larger" });
    await saveModel(`${dir}/larger.safetensors`, { topology, parameters: heInitialise(topology, 1), info });
    for (const [scale, size] of [["2", [100, 74]], ["4", [200, 148]]] as const) {
      const { code, stderr } = await runCommand(
        [
          "enhance",
          "photo.png",
          "--model",
          "larger.safetensors",
          "--scale",
          scale,
          "--device",
          "cpu",
          "-o",
          `${scale}.png`,
          "--compare",
        ],
        { cwd: dir },
      );
      assertEquals(code, 0, stderr);
      assertMatch(stderr, new RegExp(`photo\\.png → ${scale}\\.png \\(${size.join("×")}, `));
      const { width, height } = await pixelsOf(`${dir}/${scale}.png`);
      assertEquals([width, height], [...size]);
    }
    const wrong = async (...args: string[]) => {
      const { code, stderr } = await runCommand(["enhance", "photo.png", "-o", "x.png", ...args], {
        cwd: dir,
      });
      assertEquals([code, linesOf(stderr).length], [2, 1], stderr);
      return stderr;
    };
    assertMatch(await wrong("--scale", "3"), /--scale must be one of 1, 2, 4, got 3/);
    assertMatch(
      await wrong("--scale", "1", "--model", "larger.safetensors"),
      /enlarges ×2, so --scale 1 does not/,
    );
    if (!(await listModels()).includes("upscale2x")) {
      assertMatch(
        await wrong("--scale", "2", "--model", model),
        /no model for --scale 2 .* docs\/MODELS\.md/,
      );
    }
  });
});

Deno.test("enhance without -o puts the enlarged photo beside the restored one, and redoes neither nor their outputs", async () => {
  await withModel(async (dir, model) => {
    await writePhoto(`${dir}/photo.png`, 10, 20, 16);
    const topology = unetTopology({ base: 2, depth: 1, blocks: 1, scale: 2 });
    const larger = `${dir}/larger.safetensors`;
    await saveModel(larger, {
      ...{ topology, parameters: heInitialise(topology, 1), info: modelInfo({ name: "larger" }) },
    });
    const statuses: string[] = [];
    for (const args of [[model], [larger], [`${model}+${larger}`], [larger, "--scale", "4"], [model]]) {
      const call = ["enhance", ".", "--device", "cpu", "--json", "--model", ...args];
      const { code, stdout, stderr } = await runCommand(call, { cwd: dir });
      assertEquals(code, 0, stderr);
      const { results } = JSON.parse(stdout) as { results: { output: string; status: string }[] };
      statuses.push(...results.map(({ output, status }) => `${output} ${status}`));
    }
    assertEquals(statuses, [
      "photo-enhanced.png done",
      "photo-enhanced-2x.png done",
      "photo-enhanced-2x.png skipped",
      "photo-enhanced-4x.png done",
      "photo-enhanced.png skipped",
    ]);
    assertEquals((await pixelsOf(`${dir}/photo-enhanced-4x.png`)).width, 80);
  });
});
