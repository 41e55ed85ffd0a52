import { writeFileAtomically } from "../../src/base/write_file.ts";
import { Random } from "../../src/base/random.ts";
import { assertEquals, assertRejects } from "../assert.ts";

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
