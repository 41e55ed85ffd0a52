import { writeFileAtomically } from "../../src/base/write_file.ts";
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
