import { assert, assertEquals } from "../assert.ts";
import { canMount, makeReadOnly, mountSmallDisk, unmountDisk } from "../small_disk.ts";
import { succeeds } from "../succeeds.ts";
import { complaints, inFolder } from "./bad_input.ts";
import { filesIn, pixelsOf, writePhoto } from "./folder.ts";

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
