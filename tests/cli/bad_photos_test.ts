import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { encodePhoto } from "../../src/image/encode.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { randomPhoto } from "../image/photos.ts";
import { complaints, inFolder } from "./bad_input.ts";
import { linesOf, runCommand, whileRunning } from "./command.ts";
import { filesIn, withModel, writePhoto } from "./folder.ts";

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
