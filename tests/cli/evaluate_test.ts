import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, pixelsOf, withModel, writePhoto } from "./folder.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";

/** Runs with a folder that holds three photos in `photos`. */
async function withPhotos(run: (dir: string, model: string) => Promise<void>): Promise<void> {
  await withModel(async (dir, model) => {
    for (const [i, name] of ["a.png", "b.png", "sub/c.png"].entries()) {
      await writePhoto(`${dir}/photos/${name}`, 20 + i, 40 + i, 36);
    }
    await run(dir, model);
  });
}

const evaluate = (dir: string, ...args: string[]) =>
  runCommand(["evaluate", "--data", "photos", "--device", "cpu", ...args], { cwd: dir });

Deno.test("evaluate prints a table: a row for each photo and method, and the mean", async () => {
  await withPhotos(async (dir, model) => {
    const { code, stdout, stderr } = await evaluate(
      ...[dir, "--model", model, "--degrade", "salt-pepper:0.1", "--against", "median,switching-mean"],
    );
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /^Using the CPU [^\n]*\n$/);
    const lines = linesOf(stdout);
    assertMatch(lines[0], /^3 photos of photos, degraded by salt-pepper:0\.1 \(seed 1\)$/);
    assertMatch(lines[2], /^photo +MSE +PSNR dB +gain dB +Y dB +SSIM +shift$/);
    // For each photo: degraded, the model, two filters; then a rule and the mean.
    const methods = lines.slice(3, 20).map((line) =>
      /degraded|model\.safetensors|median|switching-mean|^-+$/.exec(line)?.[0]
    );
    const block = ["degraded", "model.safetensors", "median", "switching-mean"];
    assertEquals(methods.map((name) => name?.replace(/^-+$/, "-")), [
      ...block,
      ...block,
      ...block,
      "-",
      ...block,
    ]);
    assertMatch(lines[16], /^mean of 3 +degraded/);
    const gain = Number(/\+(\d+\.\d+)/.exec(lines[19])![1]);
    assert(gain > 8, `switching-mean gains ${gain} dB on salt and pepper`);
  });
});

Deno.test("evaluate --json is one document, and the same call gives the same figures", async () => {
  await withPhotos(async (dir, model) => {
    const args = ["--model", model, "--degrade", "gaussian:25", "--against", "median", "--json"];
    const { code, stdout, stderr } = await evaluate(dir, ...args);
    assertEquals(code, 0, stderr);
    const document = JSON.parse(stdout);
    assertEquals([document.recipe, document.seed, document.restorers], ["gaussian:25", 1, [model, "median"]]);
    assertEquals(document.photos.map(({ name }: { name: string }) => name), ["a.png", "b.png", "sub/c.png"]);
    const { degraded, restored } = document.mean;
    assert(Math.abs(degraded.psnr - 20.4) < 1, `${degraded.psnr} dB under noise of sigma 25`);
    assert(restored.median.psnr > degraded.psnr && restored[model].psnr < degraded.psnr);
    assertEquals((await evaluate(dir, ...args)).stdout, stdout);
    const other = JSON.parse((await evaluate(dir, ...args, "--seed", "2", "--limit", "2")).stdout);
    assertEquals([other.photos.length, other.seed], [2, 2]);
    assert(other.photos[0].degraded.mse !== document.photos[0].degraded.mse);
  });
});

Deno.test("enhance and evaluate take several models in order, as one after the other", async () => {
  await withPhotos(async (dir, model) => {
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1, corrects: "extremes" });
    const parameters = heInitialise(topology, 31);
    parameters.set("out.bias", Float32Array.of(0.2, -0.2, 0.3));
    await saveModel(`${dir}/holes.safetensors`, { topology, parameters, info: modelInfo({ name: "holes" }) });
    await writePhoto(`${dir}/photos/a.png`, 20, 40, 36);
    const name = `holes.safetensors+${model}`;
    const enhance = async (from: string, to: string, chain: string) => {
      const call = ["enhance", from, "-o", to, "--model", chain, "--device", "cpu", "--json"];
      const { code, stdout, stderr } = await runCommand(call, { cwd: dir });
      assertEquals(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const facts = await enhance("photos/a.png", "both.png", name);
    assertEquals([facts.model, facts.models], [name, ["holes.safetensors", model]]);
    await enhance("photos/a.png", "first.png", "holes.safetensors");
    await enhance("first.png", "second.png", model);
    const [both, apart] = await Promise.all(["both", "second"].map((file) => pixelsOf(`${dir}/${file}.png`)));
    assertEquals(both.rgb, apart.rgb);

    const args = ["--model", name, "--degrade", "salt-pepper-channels:0.2", "--json"];
    const { code, stdout, stderr } = await evaluate(dir, ...args);
    assertEquals(code, 0, stderr);
    const document = JSON.parse(stdout);
    assertEquals(document.restorers, [name]);
    assert(Number.isFinite(document.mean.restored[name].psnr));
    for (const command of ["enhance photos/a.png", "evaluate --data photos --degrade blur:1"]) {
      const wrong = await runCommand([...command.split(" "), "--model", "photo+foto"], { cwd: dir });
      assertEquals([wrong.code, wrong.stdout, linesOf(wrong.stderr).length], [2, "", 1], wrong.stderr);
      assertMatch(wrong.stderr, /^clairnet: There is no model "foto"; shipped: .*photo/);
    }
  });
});

Deno.test("evaluate --report writes a page that stands alone, with the figures of the table", async () => {
  await withPhotos(async (dir) => {
    const { code, stdout, stderr } = await evaluate(
      ...[
        dir,
        "--model",
        "none",
        "--against",
        "median",
        "--degrade",
        "salt-pepper:0.05",
        "--report",
        "r.html",
      ],
    );
    assertEquals([code, stderr], [0, "Report: r.html\n"]);
    const page = await Deno.readTextFile(`${dir}/r.html`);
    assertMatch(page, /^<!doctype html>/i);
    assert(!/(src|href)="(?!data:)/.test(page), "the page asks for other files");
    // The same call again replaces its page, and no other one.
    const again = ["--model", "none", "--against", "median", "--degrade", "blur:1", "--report", "r.html"];
    assertEquals((await evaluate(dir, ...again)).code, 0);
    assert(await Deno.readTextFile(`${dir}/r.html`) !== page);
    const other = page.replace(/<meta name="generator".*\n/, "");
    await Deno.writeTextFile(`${dir}/r.html`, other);
    const refused = await evaluate(dir, ...again);
    const reason = "clairnet: Cannot write r.html: it holds other things; choose another --report\n";
    assertEquals([refused.code, refused.stderr], [2, reason]);
    assertEquals(await Deno.readTextFile(`${dir}/r.html`), other);
    const [, psnr] = /^mean of 3 +degraded +\S+ +(\S+)/m.exec(stdout)!;
    assert(page.includes(psnr), psnr);
    assertEquals(filesIn(dir).filter((name) => name.endsWith(".tmp")), []);
  });
});

Deno.test("evaluate takes pairs, and leaves out in a line what cannot be read", async () => {
  await withPhotos(async (dir) => {
    await Deno.rename(`${dir}/photos`, `${dir}/high`);
    for (const name of ["a.png", "b.png", "sub/c.png"]) {
      await writePhoto(`${dir}/photos/low/${name}`, 30, 41, 36);
    }
    await Deno.rename(`${dir}/high`, `${dir}/photos/high`);
    await Deno.writeTextFile(`${dir}/photos/low/a.png`, "no photo");
    const { code, stdout, stderr } = await evaluate(dir, "--model", "none", "--against", "median");
    // The twin of b has its size; those of a and c are of no use.
    assertEquals(code, 1);
    assertMatch(stdout, /^1 photo of photos$/m);
    const lines = linesOf(stderr);
    assertEquals(lines.length, 2, stderr);
    assertMatch(lines[0], /^clairnet: a\.png: Cannot read the photo/);
    assertMatch(lines[1], /^clairnet: sub\/c\.png: .* has 41×36 pixels, its original 42×36$/);
  });
});

Deno.test("evaluate names the photos of formats that are not taken, as train does, and they are no failure", async () => {
  await withPhotos(async (dir) => {
    const names = ["IMG_1.HEIC", "sub/old.gif", "sub/scan.bmp"];
    for (const name of names) await Deno.writeTextFile(`${dir}/photos/${name}`, "whatever it is");
    const args = ["--model", "none", "--against", "median", "--degrade", "blur:1", "--json"];
    const { code, stdout, stderr } = await evaluate(dir, ...args, "--report", "r.html");
    const reasons = ["heic", "gif", "bmp"].map((format) =>
      `.${format} files are not taken; convert it to JPEG or PNG first`
    );
    assertEquals(code, 0, stderr);
    assertEquals(linesOf(stderr), [
      ...names.map((name, i) => `clairnet: skipped ${name}: ${reasons[i]}`),
      "Report: r.html",
    ]);
    const { photos, failures, skipped } = JSON.parse(stdout);
    assertEquals([photos.length, failures], [3, []]);
    assertEquals(skipped, names.map((name, i) => ({ name, reason: reasons[i] })));
    const page = await Deno.readTextFile(`${dir}/r.html`);
    for (const name of names) assert(page.includes(`<li>${name}: `), name);
  });
});

Deno.test("evaluate says in one line what it lacks", async () => {
  await withPhotos(async (dir, model) => {
    await Deno.mkdir(`${dir}/empty`);
    const cases: [string[], number, RegExp][] = [
      [
        ["--model", model],
        2,
        /^clairnet: 'photos' holds single photos: say how to degrade them, e\.g\. --degrade blur/,
      ],
      [
        ["--model", model, "--data", "nowhere", "--degrade", "blur:1"],
        2,
        /^clairnet: There is no folder 'nowhere'/,
      ],
      [
        ["--model", model, "--data", "empty", "--degrade", "blur:1"],
        1,
        /^clairnet: There is no photo in 'empty'$/,
      ],
      [
        ["--model", model, "--degrade", "blur:99"],
        2,
        /^clairnet: Cannot read the degradation recipe 'blur:99'/,
      ],
      [
        ["--model", "upscale2x", "--degrade", "blur:1"],
        2,
        /^clairnet: upscale2x enlarges ×2, but the photos to restore are of full size; degrade by shrink:2$/,
      ],
      [
        ["--model", "photo+upscale2x", "--degrade", "shrink:4"],
        2,
        /^clairnet: photo\+upscale2x enlarges ×2, but the photos to restore are 4 times smaller; degrade by/,
      ],
      [
        ["--model", "none", "--against", "median", "--degrade", "blur:1", "--report", `${model}/page.html`],
        2,
        /^clairnet: Cannot write .*\/page\.html: a part of its path is no folder; choose another --report$/,
      ],
    ];
    for (const [args, expected, pattern] of cases) {
      const data = args.includes("--data") ? [] : ["--data", "photos"];
      const { code, stdout, stderr } = await runCommand(["evaluate", "--device", "cpu", ...data, ...args], {
        cwd: dir,
      });
      // Nothing but that: no network was opened, which would have said what it runs on.
      const lines = linesOf(stderr);
      assertEquals([code, stdout, lines.length], [expected, "", 1], stderr);
      assertMatch(lines[0], pattern);
    }
  });
});

Deno.test("evaluate measures a filter that is named twice once, says so, and joins several --against", async () => {
  await withPhotos(async (dir) => {
    const args = ["--model", "none", "--degrade", "blur:1", "--limit", "1", "--json"];
    const { code, stdout, stderr } = await evaluate(
      ...[dir, ...args, "--against", "median, unsharp,median", "--against", "unsharp,unsharp:1"],
    );
    assertEquals(
      [code, stderr],
      [
        0,
        "The filter median is named 2 times, and measured once\n" +
        "The filter unsharp is named 2 times, and measured once\n",
      ],
    );
    const { restorers, mean } = JSON.parse(stdout);
    assertEquals(restorers, ["median", "unsharp", "unsharp:1"]);
    assertEquals(Object.keys(mean.restored), restorers);
  });
});

Deno.test("an option that names one thing refuses another, and takes the same one again", async () => {
  await withPhotos(async (dir, model) => {
    const calls: [string[], RegExp][] = [
      [
        ["evaluate", "--data", "photos", "--model", "photo", "-m", "fast"],
        /^clairnet: --model is given twice, /,
      ],
      [
        ["evaluate", "--data", "photos", "--data", "other"],
        /^clairnet: --data is .*, as 'photos' and as 'other'/,
      ],
      [
        ["enhance", "photos", "-o", "a", "--output", "b"],
        /^clairnet: --output is given twice, as 'a' and as 'b'/,
      ],
      [
        ["train", "--data", "photos", "--out", "a", "--init", "x", "--init", "y"],
        /^clairnet: --init is given/,
      ],
      [
        ["dataset", "build", "--from", "photos", "--out", "a", "--out", "b"],
        /^clairnet: --out is given twice/,
      ],
    ];
    for (const [args, pattern] of calls) {
      const { code, stdout, stderr } = await runCommand(args, { cwd: dir });
      assertEquals([code, stdout, linesOf(stderr).length], [2, "", 1], stderr);
      assertMatch(stderr, pattern);
    }
    const same = await evaluate(dir, "--degrade", "blur:1", "--limit", "1", "-m", model, "-m", model);
    assertEquals(same.code, 0, same.stderr);
    // Of a setting the last one counts.
    const { code, stdout } = await evaluate(
      ...[dir, "--degrade", "blur:1", "--model", "none", "--against", "median", "--json"],
      ...["--limit", "3", "--limit", "1"],
    );
    assertEquals([code, JSON.parse(stdout).photos.length], [0, 1]);
  });
});
