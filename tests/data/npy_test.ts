import { NpyWriter, readNpyHeader, readNpyItem } from "../../src/data/npy.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { testPixels, withFolder } from "./photos.ts";

async function write(path: string, items: Uint8Array[], shape: number[]): Promise<void> {
  using writer = await NpyWriter.create(path, shape);
  for (const item of items) await writer.write(item);
  await writer.finish();
}

Deno.test("NpyWriter writes the bytes that NumPy's format version 1.0 asks for", () =>
  withFolder(async (dir) => {
    const items = [testPixels(5, 4, 1), testPixels(5, 4, 2), testPixels(5, 4, 3)];
    await write(`${dir}/a.npy`, items, [4, 5, 3]);
    const bytes = await Deno.readFile(`${dir}/a.npy`);
    assertEquals([...bytes.subarray(0, 8)], [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
    const length = bytes[8] + 256 * bytes[9];
    assertEquals(
      (10 + length) % 64,
      0,
      "data must start at a multiple of 64, or memory maps are not aligned",
    );
    const header = new TextDecoder().decode(bytes.subarray(10, 10 + length));
    assert(
      /^\{'descr': '\|u1', 'fortran_order': False, 'shape': \(3, 4, 5, 3\), \} *\n$/.test(header),
      header,
    );
    assertEquals(bytes.length, 10 + length + 3 * 60);
    items.forEach((item, n) =>
      assertEquals(bytes.slice(10 + length + n * 60, 10 + length + (n + 1) * 60), item)
    );
  }));

Deno.test("readNpyItem() gives the items back in any order", () =>
  withFolder(async (dir) => {
    const items = [1, 2, 3, 4].map((seed) => testPixels(7, 3, seed));
    await write(`${dir}/a.npy`, items, [3, 7, 3]);
    const header = await readNpyHeader(`${dir}/a.npy`);
    assertEquals(header, { shape: [4, 3, 7, 3], offset: 128, itemBytes: 63 });
    for (const index of [2, 0, 3, 1, 1]) {
      assertEquals(await readNpyItem(`${dir}/a.npy`, header, index), items[index]);
    }
    for (const index of [-1, 4, 0.5]) {
      await assertRejects(() => readNpyItem(`${dir}/a.npy`, header, index), RangeError);
    }
    await Deno.truncate(`${dir}/a.npy`, 128 + 63);
    await assertRejects(() => readNpyItem(`${dir}/a.npy`, header, 1), UserError);
  }));

Deno.test("readNpyHeader() reads what numpy.save writes, one dimension and format version 2 too", () =>
  withFolder(async (dir) => {
    const file = (version: number, text: string, data: number) => {
      const lengthBytes = version === 1
        ? [text.length & 255, text.length >> 8]
        : [text.length & 255, text.length >> 8, 0, 0];
      return new Uint8Array([
        0x93,
        ...new TextEncoder().encode("NUMPY"),
        version,
        0,
        ...lengthBytes,
        ...new TextEncoder().encode(text),
        ...new Uint8Array(data),
      ]);
    };
    // As numpy 2.4 writes numpy.arange(6, dtype='u1').
    const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }${" ".repeat(60)}\n`;
    await Deno.writeFile(`${dir}/a.npy`, file(1, text, 6));
    assertEquals(await readNpyHeader(`${dir}/a.npy`), { shape: [6], offset: 10 + text.length, itemBytes: 1 });
    await Deno.writeFile(`${dir}/b.npy`, file(2, text.replace("(6,)", "(2, 3)"), 6));
    assertEquals(await readNpyHeader(`${dir}/b.npy`), {
      shape: [2, 3],
      offset: 12 + text.length + 2,
      itemBytes: 3,
    });

    const bad: [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /cut off/],
      [new Uint8Array(200), /no \.npy file/],
      [file(3, text, 6), /version 3/],
      [file(1, text, 5), /cut off or damaged/],
      [file(1, text, 7), /cut off or damaged/],
      [file(1, text.replace("|u1", "<f4"), 24), /holds <f4/],
      [file(1, text.replace("False", "True"), 6), /Fortran order/],
      [file(1, text.replace("shape", "shipe"), 6), /header is damaged/],
      [file(1, text.replace("(6,)", "()"), 1), /single number/],
      [file(1, text, 6).subarray(0, 30), /cut off/],
    ];
    for (const [bytes, message] of bad) {
      await Deno.writeFile(`${dir}/bad.npy`, bytes);
      await assertRejects(() => readNpyHeader(`${dir}/bad.npy`), (error: unknown) => {
        assert(error instanceof UserError && message.test(error.message), `${error}`);
        return true;
      });
    }
    await assertRejects(() => readNpyHeader(`${dir}/none.npy`), UserError);
  }));

Deno.test("NpyWriter refuses items of another size, and a file without finish() is no .npy", () =>
  withFolder(async (dir) => {
    {
      using writer = await NpyWriter.create(`${dir}/a.npy`, [2, 2, 3]);
      await writer.write(new Uint8Array(12).fill(7));
      await assertRejects(() => writer.write(new Uint8Array(11)), /12 bytes, got 11/);
    }
    await assertRejects(() => readNpyHeader(`${dir}/a.npy`), /no \.npy file/);
    await assertRejects(() => NpyWriter.create(`${dir}/a.npy`, [1]), Deno.errors.AlreadyExists);
  }));
