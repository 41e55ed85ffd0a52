import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { encodePhoto } from "../../src/image/encode.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { randomPhoto } from "../image/photos.ts";
import { canMount, makeReadOnly, mountSmallDisk, unmountDisk } from "../small_disk.ts";
import { succeeds } from "../succeeds.ts";
import {
  type CommandOptions,
  type CommandResult,
  linesOf,
  runCommand,
  startCommand,
  whileRunning,
} from "./command.ts";
import { filesIn, pixelsOf, withModel, writePhoto } from "./folder.ts";

/** Runs `enhance` in a folder with a tiny model on the CPU. Whatever happens, nothing it prints may be a stack trace. */
type Run = (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

async function inFolder(test: (dir: string, run: Run) => Promise<void>) {
  await withModel(async (dir, model) => {
    await test(dir, async (args, options) => {
      const result = await runCommand(["enhance", "--model", model, "--device", "cpu", ...args], {
        cwd: dir,
        ...options,
      });
      assert(!/^ +at |\bfile:\/\/|\.ts:\d+/m.test(result.stderr), `a stack trace:\n${result.stderr}`);
      return result;
    });
  });
}

const complaints = ({ stderr }: CommandResult) =>
  linesOf(stderr).filter((line) => line.startsWith("clairnet: "));

Deno.test("enhance gets through empty, cut and bit-flipped files of every format, each with one line", () =>
  inFolder(async (dir, run) => {
    const random = new Random(60);
    await Deno.mkdir(`${dir}/in`);
    let damaged = 0;
    for (const format of ["png", "jpeg", "webp", "tiff", "avif", "gif"] as const) {
      const photo = randomPhoto({ seed: 61, width: 60, height: 50, texture: "smooth" });
      const whole = format === "gif"
        ? new Uint8Array(
          await sharp(photo.rgb, { raw: { width: 60, height: 50, channels: 3 } }).gif().toBuffer(),
        )
        : await encodePhoto(photo, { format });
      const flipped = whole.slice();
      for (let i = 0; i < 20; i++) flipped[random.below(flipped.length)] ^= 1 << random.below(8);
      for (
        const [kind, bytes] of [
          ["empty", new Uint8Array()],
          ["stub", whole.slice(0, 12)],
          ["half", whole.slice(0, whole.length >> 1)],
          ["flipped", flipped],
          ["whole", whole],
        ] as const
      ) {
        await Deno.writeFile(`${dir}/in/${format}-${kind}.${format}`, bytes);
        damaged++;
      }
    }
    const result = await run(["in", "-o", "out", "--format", "png", "--json"]);
    assertEquals(result.code, 1, result.stderr);
    const { results } = JSON.parse(result.stdout) as {
      results: { input: string; output: string; status: string; error?: string }[];
    };
    assertEquals(results.length, damaged);
    const done = results.filter(({ status }) => status === "done");
    assertEquals(complaints(result).length, damaged - done.length);
    assertEquals(filesIn(`${dir}/out`), done.map(({ output }) => output.slice(4)).sort());
    for (const { input, status, error } of results) {
      if (input.includes("whole")) assertEquals(status, "done", input);
      else if (!input.includes("flipped")) assertEquals(status, "failed", input);
      if (status === "failed") assertMatch(error!, /^Cannot read in\/[\w.-]+: [^\n]+$/);
      if (input.includes("empty")) assertMatch(error!, /the file is empty$/);
    }
  }));

/** A grey PNG of one bit a pixel, all black: 30,000 × 30,000 of them are some 100 kB. */
function blackPng(side: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const bytes = new Uint8Array(12 + data.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, data.length);
    bytes.set(new TextEncoder().encode(type), 4);
    bytes.set(data, 8);
    view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
    return bytes;
  };
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, side);
  new DataView(header.buffer).setUint32(4, side);
  header[8] = 1;
  const rows = deflateSync(new Uint8Array((1 + Math.ceil(side / 8)) * side));
  const parts = [chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", new Uint8Array())];
  return new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, ...parts.flatMap((part) => [...part])]);
}

Deno.test("enhance refuses a decompression bomb by a limit that --max-megapixels moves", () =>
  inFolder(async (dir, run) => {
    await Deno.writeFile(`${dir}/bomb.png`, blackPng(30_000));
    await Deno.writeFile(`${dir}/small.png`, blackPng(100));
    for (const [args, allowed] of [[[], 120], [["--max-megapixels", "899.9"], 899.9]] as const) {
      const refused = await run(["bomb.png", ...args]);
      assertEquals([refused.code, refused.stderr], [
        1,
        `clairnet: Cannot read bomb.png: 30000×30000 is 900.0 megapixels, more than the ${allowed} allowed: ` +
        "raise --max-megapixels, or shrink it first\n",
      ]);
    }
    const [under, over] = [
      await run(["small.png", "--max-megapixels", "0.0099"]),
      await run(["small.png", "--max-megapixels", "0.01"]),
    ];
    assertEquals([under.code, over.code], [1, 0], under.stderr + over.stderr);
    assertMatch(under.stderr, /100×100 is 0\.010 megapixels, more than the 0\.0099 allowed/);
    assertEquals(filesIn(dir), ["bomb.png", "model.safetensors", "small-enhanced.png", "small.png"]);
  }));

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

Deno.test({
  name: "enhance on a device that is full says so, for -o and for standard output",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (dir, run) => {
      await writePhoto(`${dir}/a.png`, 84, 9, 8);
      const file = await run(["a.png", "-o", "/dev/full", "--format", "png"]);
      assertEquals([file.code, complaints(file)], [1, [
        "clairnet: Cannot write /dev/full: the disk is full",
      ]]);
      assert((await Deno.stat("/dev/full")).isCharDevice, "the device was replaced");
      const none = await run(["a.png", "-o", "/proc/a.tif", "--format", "TIF"]);
      assertEquals([none.code, complaints(none)], [1, [
        "clairnet: Cannot write /proc/a.tif: no file can be made there",
      ]]);
      const through = ["sh", "-c", '"$@" > /dev/full', "sh"];
      const piped = await run(["a.png", "-o", "-"], { through });
      assertEquals([piped.code, complaints(piped)], [
        1,
        ["clairnet: Cannot write standard output: the disk is full"],
      ]);
    }),
});

Deno.test({
  name: "enhance on a full disk says so, leaves nothing half-written and loses nothing (needs root on Linux)",
  ignore: !await canMount(),
  fn: () =>
    inFolder(async (dir, run) => {
      await Deno.mkdir(`${dir}/disk`);
      assert(await mountSmallDisk(`${dir}/disk`));
      try {
        await writePhoto(`${dir}/in/large.png`, 85, 200, 200);
        await writePhoto(`${dir}/in/small.png`, 86, 20, 20);
        await Deno.writeTextFile(`${dir}/disk/large.png`, "precious");
        const result = await run(["in", "-o", "disk", "--overwrite"]);
        // Both are written at the same time, so that the large one may take the small one's room for a moment.
        assertEquals([result.code, complaints(result)], [1, [
          "clairnet: Cannot write disk/large.png: the disk is full",
        ]]);
        assertEquals(filesIn(`${dir}/disk`), ["large.png", "small.png"]);
        assertEquals((await pixelsOf(`${dir}/disk/small.png`)).width, 20);
        assertEquals(await Deno.readTextFile(`${dir}/disk/large.png`), "precious");
        const rerun = await run(["in", "-o", "disk"]);
        assertEquals(rerun.code, 0, rerun.stderr);
        assertEquals(filesIn(`${dir}/disk`), ["large.png", "small.png"]);
        assertEquals(await Deno.readTextFile(`${dir}/disk/large.png`), "precious");
      } finally {
        assert(await unmountDisk(`${dir}/disk`));
      }
    }),
});

Deno.test({
  name: "enhance refuses a disk that is read-only once, before it reads a photo (needs root on Linux)",
  ignore: !await canMount(),
  fn: () =>
    inFolder(async (dir, run) => {
      await Deno.mkdir(`${dir}/card`);
      assert(await mountSmallDisk(`${dir}/card`));
      try {
        for (const name of ["a.png", "b.png"]) await writePhoto(`${dir}/card/${name}`, 86, 20, 20);
        assert(await makeReadOnly(`${dir}/card`));
        for (const [args, folder] of [[[], "card"], [["-o", "card/new/"], "card/new"]] as const) {
          const { code, stderr } = await run(["card", ...args]);
          assertEquals([code, stderr], [
            2,
            `clairnet: Cannot enhance: no file can be made in ${folder}: the disk is read-only; name another folder with -o\n`,
          ]);
        }
        const elsewhere = await run(["card", "-o", "out"]);
        assertEquals(elsewhere.code, 0, elsewhere.stderr);
        assertEquals(filesIn(`${dir}/out`), ["a.png", "b.png"]);
      } finally {
        assert(await unmountDisk(`${dir}/card`));
      }
    }),
});

/** What takes root's right to pass over permissions; nothing to take from others; undefined where that cannot be done. */
async function withoutPrivileges(): Promise<string[] | undefined> {
  if (Deno.build.os === "windows") return undefined;
  if (Deno.uid() !== 0) return [];
  const [setpriv, ...options] = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
  return await succeeds(setpriv, [...options, "true"]) ? [setpriv, ...options] : undefined;
}

const through = await withoutPrivileges();

Deno.test({
  name: "enhance reports what it may not read or write, and does the rest (as root, needs setpriv)",
  ignore: through === undefined,
  fn: () =>
    inFolder(async (dir, run) => {
      for (const name of ["in/a.png", "in/secret.png", "in/shut/b.png", "in/z.png"]) {
        await writePhoto(`${dir}/${name}`, 87, 9, 8);
      }
      await Deno.chmod(`${dir}/in/secret.png`, 0o000);
      await Deno.chmod(`${dir}/in/shut`, 0o000);
      await Deno.mkdir(`${dir}/locked`, { mode: 0o555 });
      try {
        const reading = await run(["in", "-o", "out", "--recursive"], { through });
        assertEquals([reading.code, complaints(reading)], [1, [
          "clairnet: Cannot read in/secret.png: permission denied",
          "clairnet: Cannot read in/shut: permission denied",
        ]]);
        assertEquals(filesIn(`${dir}/out`), ["a.png", "z.png"]);
        for (const target of ["locked", "locked/deeper"]) {
          const writing = await run(["in/a.png", "-o", `${target}/`], { through });
          assertEquals([writing.code, complaints(writing)], [
            2,
            [
              `clairnet: Cannot enhance: no file can be made in ${target}: permission denied; name another folder with -o`,
            ],
          ]);
        }
        assertEquals(filesIn(`${dir}/locked`), []);
      } finally {
        await Deno.chmod(`${dir}/in/shut`, 0o755);
      }
    }),
});

Deno.test("enhance --overwrite leaves a file alone that is marked read-only", () =>
  inFolder(async (dir, run) => {
    await writePhoto(`${dir}/a.png`, 88, 9, 8);
    await Deno.writeTextFile(`${dir}/kept.png`, "precious", { mode: 0o444 });
    const result = await run(["a.png", "-o", "kept.png", "--overwrite"]);
    assertEquals([result.code, complaints(result)], [
      1,
      ["clairnet: Cannot write kept.png: the file is marked read-only"],
    ]);
    assertEquals(await Deno.readTextFile(`${dir}/kept.png`), "precious");
    assertEquals(filesIn(dir), ["a.png", "kept.png", "model.safetensors"]);
  }));

Deno.test("enhance goes on after photos that vanish while it works", () =>
  inFolder(async (dir, run) => {
    const names = Array.from({ length: 30 }, (_, i) => `${String(i).padStart(2, "0")}.png`);
    await writePhoto(`${dir}/in/${names[0]}`, 89, 120, 100);
    for (const name of names.slice(1)) await Deno.copyFile(`${dir}/in/${names[0]}`, `${dir}/in/${name}`);
    const ended = run(["in", "-o", "out", "--tile", "32"]);
    await whileRunning(ended, () => Deno.stat(`${dir}/out/${names[0]}`).catch(() => undefined));
    await Deno.remove(`${dir}/in/${names[28]}`);
    const result = await ended;
    assertEquals([result.code, complaints(result)], [
      1,
      [`clairnet: Cannot read in/${names[28]}: there is no such file`],
    ]);
    assertEquals(filesIn(`${dir}/out`), names.filter((_, i) => i !== 28));
  }));

Deno.test("only --verbose shows where an error came from", async () => {
  await withModel(async (dir, model) => {
    await Deno.writeTextFile(`${dir}/notes.jpg`, "no photo");
    for (const args of [["notes.jpg"], ["notes.jpg", "-o", "x.bmp"], ["a.png", "--model", "nosuch"]]) {
      const call = ["enhance", ...args.includes("--model") ? [] : ["--model", model], ...args];
      const [quiet, verbose] = [
        await runCommand(call, { cwd: dir }),
        await runCommand([...call, "--verbose"], { cwd: dir }),
      ];
      assertEquals([quiet.code, verbose.code], [args.length === 1 ? 1 : 2, args.length === 1 ? 1 : 2]);
      assertEquals(linesOf(quiet.stderr).length, 1, quiet.stderr);
      assertMatch(verbose.stderr, /^ +at .*\.ts:\d+/m);
      const said = quiet.stderr.trim().replace("clairnet: ", "");
      assert(verbose.stderr.includes(said), `${said} is not in\n${verbose.stderr}`);
    }
  });
});
