import { assert, assertEquals, assertMatch } from "../assert.ts";
import { complaints, inFolder } from "./bad_input.ts";
import { linesOf, startCommand } from "./command.ts";
import { filesIn, pixelsOf, writePhoto } from "./folder.ts";

Deno.test("enhance takes names with spaces, line ends, emoji, quotes and leading dashes, and prints each on one line", () =>
  inFolder(async (dir, run) => {
    const names = [
      "two  spaces.png",
      "line\nend.png",
      "🌄 é.png",
      "-dash.png",
      `"quoted'.png`,
      "\x1b[31mred.png",
    ];
    if (Deno.build.os === "windows") {
      names.splice(0, names.length, "two  spaces.png", "🌄 é.png", "-dash.png");
    }
    for (const [i, name] of names.entries()) await writePhoto(`${dir}/in/${name}`, 70 + i, 9, 8);
    const all = await run(["in", "-o", "out"]);
    assertEquals(all.code, 0, all.stderr);
    assertEquals(filesIn(`${dir}/out`), [...names].sort());
    // One line for the device, one for each photo, one for the sum.
    assertEquals(linesOf(all.stderr).length, names.length + 2, all.stderr);
    // deno-lint-ignore no-control-regex
    assert(!/\x1b/.test(all.stderr));
    await Deno.copyFile(`${dir}/in/-dash.png`, `${dir}/-dash.png`);
    const taken = await run(["-dash.png"]);
    assertEquals([taken.code, taken.stderr], [
      2,
      "clairnet: unknown option '-dash.png'; for the file of that name write ./-dash.png\n",
    ]);
    assertEquals((await run(["./-dash.png", "-o", "a.png"])).code, 0);
    assertEquals((await run(["-o", "b.png", "--", "-dash.png"])).code, 0);
    assertEquals(await pixelsOf(`${dir}/a.png`), await pixelsOf(`${dir}/b.png`));
    if (Deno.build.os === "windows") return;
    const missing = await run(["no\nsuch.png"]);
    assertEquals([missing.code, missing.stderr], [
      1,
      'clairnet: Cannot read "no\\nsuch.png": there is no such file\n',
    ]);
  }));

Deno.test({
  name: "enhance follows no circle of links, and reports a photo that is one",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (dir, run) => {
      await writePhoto(`${dir}/in/a.png`, 80, 9, 8);
      await Deno.mkdir(`${dir}/in/deep`);
      await Deno.symlink(`${dir}/in`, `${dir}/in/deep/again`);
      await Deno.symlink(`${dir}/in/self.png`, `${dir}/in/self.png`);
      await Deno.symlink(`${dir}/in/gone.png`, `${dir}/in/broken.png`);
      const result = await run(["in", "-o", "out", "--recursive"]);
      assertEquals(result.code, 1);
      assertMatch(result.stderr, /^Left out in\/deep\/again, a link to a folder \(name it to take it in\)$/m);
      assertEquals(complaints(result), [
        `clairnet: Cannot read in/broken.png: it is a link to ${dir}/in/gone.png, which is not there`,
        "clairnet: Cannot read in/self.png: its symbolic links lead in a circle",
      ]);
      assertEquals(filesIn(`${dir}/out`), ["a.png"]);
      await Deno.mkdir(`${dir}/links`);
      for (const name of ["b", "a"]) await Deno.symlink(`${dir}/in`, `${dir}/links/${name}`);
      const none = await run(["links", "--recursive"]);
      assertEquals([none.code, complaints(none)], [2, [
        "clairnet: Cannot enhance: there is no PNG, JPEG, WebP, TIFF, AVIF or GIF in links; links to folders are not followed: name links/a instead",
      ]]);
      await writePhoto(`${dir}/links/own.png`, 81, 9, 8);
      const some = await run(["links", "-o", "some", "--recursive", "--json"]);
      assertMatch(
        some.stderr,
        /^Left out 2 links to folders, the first links\/a \(name one to take it in\)$/m,
      );
      assertEquals(JSON.parse(some.stdout).linked, ["links/a", "links/b"]);
      assertEquals((await run(["links/a/", "-o", "linked"])).code, 1);
      assertEquals(filesIn(`${dir}/linked`), ["a.png"]);
      await Deno.symlink("gone\n.png", `${dir}/relative.png`);
      const named = await run(["relative.png"]);
      assertEquals([named.code, complaints(named)], [1, [
        'clairnet: Cannot read relative.png: it is a link to "gone\\n.png", which is not there',
      ]]);
    }),
});

Deno.test("enhance refuses two photos for one name, and leaves an output folder inside the input alone", () =>
  inFolder(async (dir, run) => {
    for (const name of ["x/a.png", "y/a.png"]) await writePhoto(`${dir}/${name}`, 81, 9, 8);
    const met = await run(["x/a.png", "y/a.png", "-o", "out/"]);
    assertEquals([met.code, met.stderr], [
      2,
      "clairnet: Cannot enhance: x/a.png and y/a.png would both be written to out/a.png; " +
      "give them different folders or formats\n",
    ]);
    for (const status of ["→", "skipped"]) {
      const inside = await run([".", "-o", "better", "--recursive"]);
      assertEquals(
        [inside.code, linesOf(inside.stderr).filter((line) => line.includes(status)).length >= 2],
        [
          0,
          true,
        ],
      );
    }
    assertEquals(filesIn(dir), [
      "better/x/a.png",
      "better/y/a.png",
      "model.safetensors",
      "x/a.png",
      "y/a.png",
    ]);
  }));

Deno.test("enhance reports standard input that is empty, and a reader that goes away", () =>
  inFolder(async (dir, run) => {
    const empty = await run(["-"], { stdin: new Uint8Array() });
    assertEquals([empty.code, empty.stderr], [
      1,
      "clairnet: Cannot read standard input: the file is empty\n",
    ]);
    // Larger than what a pipe holds, so that writing fails whenever the reader leaves.
    await writePhoto(`${dir}/a.png`, 82, 300, 260);
    const child = startCommand([
      "enhance",
      "a.png",
      "-o",
      "-",
      "--model",
      "model.safetensors",
      "--device",
      "cpu",
    ], {
      cwd: dir,
    });
    await child.stdout.cancel();
    const stderr = await new Response(child.stderr).text();
    assertEquals((await child.status).code, 1, stderr);
    assertMatch(
      linesOf(stderr).at(-1)!,
      /^clairnet: Cannot write standard output: whoever read the output has stopped reading$/,
    );
  }));

Deno.test({
  name: "enhance reads from a named pipe, but from no device",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (dir, run) => {
      await writePhoto(`${dir}/a.png`, 83, 9, 8);
      assertEquals((await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output()).code, 0);
      const writing = Deno.writeFile(`${dir}/pipe`, await Deno.readFile(`${dir}/a.png`));
      const piped = await run(["pipe", "-o", "b.png"]);
      await writing;
      assertEquals(piped.code, 0, piped.stderr);
      assertEquals((await pixelsOf(`${dir}/b.png`)).width, 9);
      const device = await run(["/dev/zero", "-o", "c.png"]);
      assertEquals([device.code, device.stderr], [
        1,
        "clairnet: Cannot read /dev/zero: it is a device and no file\n",
      ]);
    }),
});
