import { listPhotoFiles } from "../../src/data/photo_files.ts";
import { listZip, readZipPhoto } from "../../src/data/zip.ts";
import { printable } from "../../src/data/decode.ts";
import { buildDataset } from "../../src/data/dataset.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFolder } from "./photos.ts";
import { type RawEntry, rawZip } from "./raw_zip.ts";
import { encoded, pieceOf, writeZip } from "./trees.ts";

const photo = async (seed: number) => await encoded(await pieceOf(seed, 40, 40), 40, 40);

/** The one line that a promise is rejected with. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  let message = "";
  await assertRejects(() => promise, (error: unknown) => {
    assert(error instanceof UserError && error.message === printable(error.message), `${error}`);
    message = error.message;
    return true;
  });
  return message;
}

Deno.test("listZip() and readZipPhoto() give an archive's photos back, stored or deflated, zip64 too", () =>
  withFolder(async (dir) => {
    const photos = [await photo(1), await photo(2), await photo(3)];
    const entries = ["b/ü.PNG", "a.jpg", "c/d/e.webp"].map((name, i) => ({
      name,
      data: photos[i],
      method: i === 1 ? 0 : 8,
    }));
    const noise: RawEntry[] = ["c/", "notes.txt", "__MACOSX/c/._a.png", ".hidden/x.png"].map((name) => ({
      name,
      data: name.endsWith("/") ? new Uint8Array() : photos[0],
    }));
    for (const zip64 of [false, true]) {
      const path = `${dir}/${zip64}.zip`;
      await Deno.writeFile(path, rawZip([...noise, ...entries], zip64));
      const { photos: found, skipped } = await listZip(path);
      assertEquals([found.map((entry) => entry.path), skipped], [entries.map(({ name }) => name), []]);
      for (const [i, entry] of found.entries()) assertEquals(await readZipPhoto(path, entry), photos[i]);
    }
  }));

Deno.test("listPhotoFiles() lists an archive with more files that are left out than a call has arguments", () =>
  withFolder(async (dir) => {
    const entries = Array.from({ length: 130_000 }, (_, i) => ({
      ...{ name: `${i}.zip`, data: new Uint8Array(), method: 0 },
    }));
    await Deno.writeFile(`${dir}/many.zip`, rawZip(entries, true));
    const { files, skipped } = await listPhotoFiles(`${dir}/many.zip`, 0);
    assertEquals([files.length, skipped.length], [0, entries.length]);
    assertEquals(skipped[0].name, `${dir}/many.zip/0.zip`);
  }));

Deno.test("listZip() refuses archives that are none, cut off, or made to harm, in one line each", () =>
  withFolder(async (dir) => {
    const data = await photo(4);
    const good = rawZip([{ name: "a.png", data }, { name: "b.png", data }]);
    const refuse = async (bytes: Uint8Array, pattern: RegExp) => {
      await Deno.writeFile(`${dir}/x.zip`, bytes);
      assertMatch(await refusal(listZip(`${dir}/x.zip`)), pattern);
    };
    await refuse(
      rawZip([{ name: "a.png", data }, { name: "../../b.png", data }]),
      /it holds the path '\.\.\/\.\.\/b\.png', which leads out/,
    );
    await refuse(rawZip([{ name: "a/../../b.png", data }]), /which leads out/);
    await refuse(rawZip([{ name: "..\\b.png", data }]), /which leads out/);
    await refuse(rawZip([{ name: "/etc/b.png", data }]), /'\/etc\/b\.png', which leads out/);
    await refuse(rawZip([{ name: "C:/b.png", data }]), /which leads out/);
    await refuse(rawZip([{ name: "\x1b[2J\n/../b.png", data }]), /\?\[2J\?\/\.\.\/b\.png/);
    await refuse(new Uint8Array(), /no zip archive|cut off/);
    await refuse(
      new TextEncoder().encode("no archive at all, but long enough for one"),
      /it is no zip archive, or it is cut off/,
    );
    for (const share of [0.2, 0.5, 0.9]) {
      await refuse(good.slice(0, good.length * share), /it is no zip archive, or it is cut off/);
    }
    await refuse(good.slice(100), /cut off|damaged|invalid/);
    // Many entries that all unpack the same data.
    const shared = Array.from(
      { length: 50 },
      (_, i): RawEntry => ({ name: `${i}.png`, data, shares: i > 0 ? 0 : undefined }),
    );
    await refuse(rawZip(shared), /share their data, as those of a zip bomb/);
    assertMatch(await refusal(listZip(`${dir}/lost.zip`)), /Cannot read the archive '.*lost\.zip'/);
  }));

Deno.test("listZip() leaves out links, encrypted photos, other methods, bombs and archives, and says why", () =>
  withFolder(async (dir) => {
    const data = await photo(5);
    await Deno.writeFile(
      `${dir}/x.zip`,
      rawZip([
        { name: "good.png", data },
        { name: "link.png", data: new TextEncoder().encode("/etc/passwd"), method: 0, mode: 0o120777 },
        { name: "secret.png", data, flags: 1 },
        { name: "lzma.png", data, method: 14 },
        { name: "huge.png", data, bytes: 2 ** 31 },
        { name: "more.zip", data },
        { name: "bell\x07.png", data },
        { name: `${"n".repeat(1200)}.png`, data },
      ]),
    );
    const { photos, skipped } = await listZip(`${dir}/x.zip`);
    assertEquals(photos.map(({ path }) => path), ["good.png"]);
    assertEquals(skipped.map(({ name, reason }) => `${name.slice(0, 10)}: ${reason.split(/[:,]/)[0]}`), [
      "link.png: it is a link",
      "secret.png: it is encrypted",
      "lzma.png: it is compressed by method 14",
      "huge.png: it unpacks to 2147483648 bytes",
      "more.zip: it is an archive within an archive",
      "bell?.png: its name has control characters or is too long",
      "nnnnnnnnnn: its name has control characters or is too long",
    ]);
  }));

Deno.test("readZipPhoto() finds data that is damaged or not as long as it claims, before memory fills", () =>
  withFolder(async (dir) => {
    const data = await photo(6);
    const bomb = new Uint8Array(50_000_000); // packs to 50 kB
    const cases: [RawEntry, RegExp][] = [
      [{ name: "a.png", data, crc: 1234 }, /its checksum is wrong/],
      [{ name: "a.png", data: bomb, bytes: 1000 }, /too many bytes/],
      [{ name: "a.png", data, bytes: data.length + 5 }, /not enough bytes/],
    ];
    for (const [entry, pattern] of cases) {
      await Deno.writeFile(`${dir}/x.zip`, rawZip([entry]));
      const { photos } = await listZip(`${dir}/x.zip`);
      assertMatch(await refusal(readZipPhoto(`${dir}/x.zip`, photos[0])), pattern);
    }
    // A byte of the data changed after the archive was made.
    const bytes = rawZip([{ name: "a.png", data, method: 0 }]);
    bytes[bytes.length >> 1] ^= 16;
    await Deno.writeFile(`${dir}/x.zip`, bytes);
    const { photos } = await listZip(`${dir}/x.zip`);
    assertMatch(
      await refusal(readZipPhoto(`${dir}/x.zip`, photos[0])),
      /^Cannot unpack 'a\.png': its checksum is wrong/,
    );
  }));

Deno.test("buildDataset() goes on without what cannot be used: archives among others, links, files that are no photos", () =>
  withFolder(async (dir) => {
    const from = `${dir}/in`;
    const outside = `${dir}/outside.png`;
    await Deno.writeFile(outside, await photo(7));
    await writeZip(`${from}/good.zip`, { "1.png": await photo(8), "broken.png": new Uint8Array(30).fill(7) });
    const whole = await Deno.readFile(`${from}/good.zip`);
    await Deno.writeFile(`${from}/cut.zip`, whole.slice(0, whole.length >> 1));
    await Deno.writeFile(`${from}/evil.zip`, rawZip([{ name: "../1.png", data: await photo(9) }]));
    await Deno.writeFile(`${from}/2.png`, await photo(10));
    await Deno.writeFile(`${from}/cut.png`, (await photo(11)).slice(0, 1500));
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>`;
    await Deno.writeTextFile(`${from}/drawing.png`, svg);
    await Deno.writeFile(`${from}/bell\x07.png`, await photo(12));
    await Deno.symlink(outside, `${from}/out.png`);
    await Deno.symlink(`${dir}/nowhere.png`, `${from}/dangling.png`);
    await Deno.symlink(from, `${from}/loop`);
    await Deno.mkdir(`${from}/sub`);
    await Deno.writeFile(`${from}/sub/3.png`, await photo(13));
    await Deno.symlink(`${from}/sub/3.png`, `${from}/inside.png`);
    const made = await buildDataset({
      from: [from],
      out: `${dir}/set`,
      size: 32,
      seed: 1,
      recipe: parseRecipe("blur:1"),
    });
    const short = (name: string) => name.slice(from.length + 1);
    assertEquals(made.photos.map(short).toSorted(), ["2.png", "good.zip/1.png", "inside.png"]);
    assertEquals(made.duplicates.map(({ name }) => short(name)), ["sub/3.png"]);
    const reasons = Object.fromEntries(made.skipped.map(({ name, reason }) => [short(name), reason]));
    const expected: Record<string, RegExp> = {
      "bell?.png": /control characters/,
      "cut.png": /Cannot read the photo/,
      "cut.zip": /cut off/,
      "dangling.png": new RegExp(`^it is a link to '${dir}/nowhere\\.png': nothing is there$`),
      "drawing.png": /it is a file of type svg, not a photo/,
      "evil.zip": /leads out of it/,
      "good.zip/broken.png": /Cannot read the photo/,
      "loop": /link to a folder/,
      "out.png": /leads out of the folder/,
    };
    assertEquals(Object.keys(reasons), Object.keys(expected));
    for (const [name, pattern] of Object.entries(expected)) {
      assertMatch(reasons[name], pattern);
      assertEquals(reasons[name], printable(reasons[name]));
    }
    // An archive that was named is not passed over.
    for (const name of ["cut.zip", "evil.zip"]) {
      const whole = buildDataset({ from: [`${from}/${name}`], out: `${dir}/no`, size: 32, seed: 1 });
      assertMatch(await refusal(whole), new RegExp(`^Cannot read the archive '.*${name}'`));
    }
    const file = buildDataset({ from: [outside], out: `${dir}/no`, size: 32, seed: 1 });
    assertMatch(await refusal(file), /neither a folder nor a zip archive/);
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(), ["in", "outside.png", "set"]);
  }));
