import { basename, dirname } from "node:path";
import { removeLeftovers, writeFileAtomically } from "../../src/base/write_file.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { systemReason } from "../../src/base/errors.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("writeFileAtomically() writes, replaces and leaves nothing else behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const random = new Random(5);
    for (const length of [0, 10, 3_000_000]) {
      const bytes = Uint8Array.from({ length }, () => random.below(256));
      await writeFileAtomically(`${folder}/out.bin`, bytes);
      assertEquals(await Deno.readFile(`${folder}/out.bin`), bytes);
      assertEquals(names(folder), ["out.bin"]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeFileAtomically() of an empty path leaves no temporary file behind", async () => {
  const [folder, before] = [await Deno.makeTempDir(), Deno.cwd()];
  Deno.chdir(folder);
  try {
    await assertRejects(writeFileAtomically("", new Uint8Array([1, 2, 3])));
    assertEquals(names(folder), []);
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeFileAtomically() removes its temporary file when the name cannot be taken", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/taken/inside`, { recursive: true });
    await assertRejects(writeFileAtomically(`${folder}/taken`, new Uint8Array([1, 2, 3])));
    assertEquals(names(folder), ["taken"]);
    await assertRejects(
      writeFileAtomically(`${folder}/missing/out.bin`, new Uint8Array([1])),
      Deno.errors.NotFound,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeFileAtomically() keeps the permissions of what it replaces, and the link that leads there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/private.bin`, "old", { mode: 0o600 });
    await Deno.symlink(`${folder}/private.bin`, `${folder}/link.bin`);
    await writeFileAtomically(`${folder}/link.bin`, new Uint8Array([7, 8]));
    assert((await Deno.lstat(`${folder}/link.bin`)).isSymlink);
    assertEquals([...await Deno.readFile(`${folder}/private.bin`)], [7, 8]);
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(`${folder}/private.bin`)).mode! & 0o777, 0o600);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeFileAtomically() does not replace a file that is marked read-only", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/kept.bin`, "precious", { mode: 0o444 });
    await assertRejects(
      writeFileAtomically(`${folder}/kept.bin`, new Uint8Array([1])),
      /marked read-only/,
    );
    assertEquals(await Deno.readTextFile(`${folder}/kept.bin`), "precious");
    assertEquals(names(folder), ["kept.bin"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Runs with a function that is called each time a file is flushed, just before it gets its name. */
async function whileFlushing(act: () => Promise<void>, test: () => Promise<void>) {
  const { sync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.sync = async function () {
    await act();
    await sync.call(this);
  };
  try {
    await test();
  } finally {
    Deno.FsFile.prototype.sync = sync;
  }
}

Deno.test("writeFileAtomically() with keep replaces nothing, also where it came while the file was written, with hard links and without", async () => {
  const folder = await Deno.makeTempDir();
  const { link } = Deno;
  try {
    for (const links of [true, false]) {
      // As on FAT.
      if (!links) Deno.link = () => Promise.reject(new Deno.errors.NotSupported("no hard links"));
      const write = (name: string) =>
        writeFileAtomically(`${folder}/${name}`, new Uint8Array([1, 2]), { keep: true });
      assert(await write("new.bin"));
      assertEquals([...await Deno.readFile(`${folder}/new.bin`)], [1, 2]);
      await Deno.writeTextFile(`${folder}/old.bin`, "precious");
      const come = [
        () => Deno.writeTextFile(`${folder}/come.bin`, "precious"),
        () => Deno.symlink("nowhere", `${folder}/come.bin`),
        () => Deno.mkdir(`${folder}/come.bin`),
      ];
      assert(!await write("old.bin"));
      assertEquals(await Deno.readTextFile(`${folder}/old.bin`), "precious");
      for (const act of come) {
        await whileFlushing(act, async () => assert(!await write("come.bin")));
        assertEquals(names(folder), ["come.bin", "new.bin", "old.bin"]);
        const { isFile, size } = await Deno.lstat(`${folder}/come.bin`);
        if (isFile) assertEquals(size, "precious".length);
        await Deno.remove(`${folder}/come.bin`);
      }
      await Deno.remove(`${folder}/new.bin`);
    }
  } finally {
    Deno.link = link;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "writeFileAtomically() writes into a device and never replaces it",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await writeFileAtomically("/dev/null", new Uint8Array([1, 2, 3]));
    await assertRejects(writeFileAtomically("/dev/full", new Uint8Array([1, 2, 3])), (error) => {
      assertEquals(systemReason(error), "the disk is full");
      return true;
    });
    for (const device of ["/dev/null", "/dev/full"]) assert((await Deno.stat(device)).isCharDevice, device);
  },
});

Deno.test("writeFileAtomically() takes names as long as the disk allows, in any script", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of [`${"x".repeat(251)}.png`, `${"🌄".repeat(62)}.png`, "a\nb \u2028c.png"]) {
      await writeFileAtomically(`${folder}/${name}`, new Uint8Array([3]));
      assertEquals(names(folder), [name]);
      await Deno.remove(`${folder}/${name}`);
    }
    await assertRejects(writeFileAtomically(`${folder}/${"x".repeat(256)}`, new Uint8Array([3])), (error) => {
      assertMatch(systemReason(error), /^its name is too long$/);
      return true;
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const MODULE = new URL("../../src/base/write_file.ts", import.meta.url).href;
const SIZE = 3_000_000;

/** A process in the midst of `writeFileAtomically()`: its temporary file is there, locked and whole, and has its name still to get. */
interface Writer {
  process: Deno.ChildProcess;
  temporary: string;
  /** Lets it go on to its end. @returns whether it ended well. */
  finish(): Promise<boolean>;
}

/**
 * Starts a process that writes a file of `SIZE` bytes and waits within it, where it would flush the file: however slow the machine is,
 * it has not ended before it is killed or told to go on.
 */
async function startWriting(path: string): Promise<Writer> {
  const script = `import { writeFileAtomically } from ${JSON.stringify(MODULE)};
    const sync = Deno.FsFile.prototype.sync;
    Deno.FsFile.prototype.sync = async function () {
      console.log("written");
      await Deno.stdin.read(new Uint8Array(1));
      return await sync.call(this);
    };
    await writeFileAtomically(${JSON.stringify(path)}, new Uint8Array(${SIZE}).fill(7));`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script],
    ...{ stdin: "piped", stdout: "piped" },
  }).spawn();
  const output = process.stdout.getReader();
  assertEquals(new TextDecoder().decode((await output.read()).value), "written\n");
  await output.cancel();
  return {
    process,
    temporary: names(dirname(path)).find((name) => name.startsWith(`.${basename(path)}.`))!,
    finish: async () => {
      await process.stdin.close();
      return (await process.status).success;
    },
  };
}

/** Kills writers as nothing can be caught or tidied up. */
async function kill(...writers: Writer[]): Promise<void> {
  for (const { process } of writers) {
    process.kill("SIGKILL");
    await process.stdin.abort().catch(() => {});
    assertEquals((await process.status).signal, Deno.build.os === "windows" ? null : "SIGKILL");
  }
}

Deno.test({
  name:
    "removeLeftovers() removes what a killed writer has left, and nothing of a living one or of other files",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const dead = await startWriting(`${folder}/a.bin`);
      await kill(dead);
      const alive = await startWriting(`${folder}/b.bin`);
      const others = [
        ".a.bin.0123456.tmp",
        ".c.bin.01234567.tmp",
        "a.bin.01234567.tmp",
        ".a.bin.01234567.txt",
      ];
      for (const name of others) await Deno.writeTextFile(`${folder}/${name}`, "of somebody else");
      assertEquals(names(folder), [dead.temporary, alive.temporary, ...others].sort());
      await removeLeftovers([`${folder}/a.bin`, `${folder}/b.bin`, `${folder}/missing/a.bin`]);
      assertEquals(names(folder), [alive.temporary, ...others].sort());
      assert(await alive.finish());
      assertEquals(names(folder), ["b.bin", ...others].sort());
      assertEquals((await Deno.stat(`${folder}/b.bin`)).size, SIZE);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "writeFileAtomically() removes what killed writers of the same file have left, and nothing else",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const dead = await Promise.all(["a.bin", "b.bin"].map((name) => startWriting(`${folder}/${name}`)));
      await kill(...dead);
      const alive = await startWriting(`${folder}/c.bin`);
      assertEquals(names(folder), [alive, ...dead].map(({ temporary }) => temporary).sort());
      for (const name of ["a.bin", "c.bin"]) {
        await writeFileAtomically(`${folder}/${name}`, new Uint8Array([1]));
      }
      assertEquals(names(folder), [alive.temporary, dead[1].temporary, "a.bin", "c.bin"].sort());
      // The folder has been listed already: that has to do for the other file too.
      await writeFileAtomically(`${folder}/b.bin`, new Uint8Array([2]));
      assertEquals(names(folder), [alive.temporary, "a.bin", "b.bin", "c.bin"].sort());
      assert(await alive.finish());
      assertEquals((await Deno.stat(`${folder}/c.bin`)).size, SIZE);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("writeFileAtomically() begins anew where its temporary file is taken away", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const writer = await startWriting(`${folder}/a.bin`);
    await Deno.remove(`${folder}/${writer.temporary}`);
    assert(await writer.finish());
    assertEquals(names(folder), ["a.bin"]);
    assertEquals((await Deno.stat(`${folder}/a.bin`)).size, SIZE);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
