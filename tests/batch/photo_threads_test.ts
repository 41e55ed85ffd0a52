import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { canMount, mountSmallDisk, SMALL_DISK, unmountDisk } from "../small_disk.ts";
import { succeeds } from "../succeeds.ts";
import { randomPhoto, swappedProfile } from "../image/photos.ts";
import { loadPhoto, storePhoto } from "../../src/batch/photo_tasks.ts";
import { PhotoThreads } from "../../src/batch/photo_threads.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { UserError } from "../../src/base/errors.ts";

Deno.test("PhotoThreads.load() and store() give what loadPhoto() and storePhoto() give, many at a time", async () => {
  await withFolder(async (folder) => {
    using threads = new PhotoThreads(2);
    const photos = Array.from({ length: 9 }, (_, i) => ({
      ...randomPhoto({
        seed: 320 + i,
        width: 40 + i,
        height: 33,
        bits: i % 2 ? 16 : 8,
        alpha: i % 3 === 0,
        grey: i === 4,
      }),
      icc: i === 1 ? swappedProfile() : undefined,
      density: 300,
    }));
    for (const [i, photo] of photos.entries()) {
      await Deno.writeFile(`${folder}/${i}.png`, await encodePhoto(photo, { format: "png" }));
    }
    const loaded = await Promise.all(photos.map((_, i) => threads.load({ input: `${folder}/${i}.png` })));
    for (const [i, { photo, notes, seconds }] of loaded.entries()) {
      const here = await loadPhoto({ input: `${folder}/${i}.png` });
      // Cloned as threads do, because some bytes are a Buffer here.
      assertEquals([photo, notes], [structuredClone(here.photo), here.notes]);
      assertEquals(Object.keys(seconds), ["read", "decode"]);
      assertEquals(photo.rgb, photos[i].rgb);
    }
    await Promise.all(loaded.map(async ({ photo }, i) => {
      const before = { ...photo, rgb: photo.rgb.slice(), alpha: photo.alpha?.slice() };
      const compare = { kind: "sheet" as const, path: `${folder}/thread-${i}-compare.png` };
      const stored = await threads.store({
        photo,
        before,
        compare,
        output: `${folder}/thread-${i}.jpg`,
        format: "jpeg",
        quality: 80,
      });
      // The samples have gone over to the other thread, not a copy of them.
      assertEquals([photo.rgb.length, before.rgb.length], [0, 0]);
      const here = await storePhoto({
        photo: photos[i],
        output: `${folder}/here-${i}.jpg`,
        format: "jpeg",
        quality: 80,
      });
      assertEquals(stored.notes, here.notes);
      assertEquals(
        await Deno.readFile(`${folder}/thread-${i}.jpg`),
        await Deno.readFile(`${folder}/here-${i}.jpg`),
      );
      assert((await Deno.stat(compare.path)).size > 100);
    }));
  });
});

Deno.test("PhotoThreads passes errors on as what they were, and goes on after them", async () => {
  await withFolder(async (folder) => {
    using threads = new PhotoThreads(1);
    await Deno.writeTextFile(`${folder}/a.jpg`, "no photo");
    const isUserError = (pattern: RegExp) => (error: unknown) => {
      assert(error instanceof UserError && error.exitCode === 1);
      assertMatch(error.message, pattern);
      return true;
    };
    await assertRejects(
      threads.load({ input: `${folder}/none.png` }),
      isUserError(/^Cannot read .*none\.png: there is no such file$/),
    );
    await assertRejects(threads.load({ input: `${folder}/a.jpg` }), isUserError(/a\.jpg: not a photo/));
    const photo = randomPhoto({ seed: 330, width: 9, height: 7 });
    await assertRejects(
      threads.store({ photo, output: `${folder}/a.jpg/b.png`, format: "png" }),
      (error: unknown) =>
        isUserError(/^Cannot write .*b\.png: /)(error) && (error as Error).cause instanceof Error,
    );
    await threads.store({
      photo: randomPhoto({ seed: 331, width: 9, height: 7 }),
      output: `${folder}/c.png`,
      format: "png",
    });
    assertEquals((await threads.load({ input: `${folder}/c.png` })).photo.width, 9);
  });
});

Deno.test({
  name:
    "PhotoThreads.store() tries again what found the disk full, when the others at hand are stored (needs root on Linux)",
  ignore: !await canMount(),
  fn: async () => {
    await withFolder(async (folder) => {
      const disk = `${folder}/disk`;
      await Deno.mkdir(disk);
      assert(await mountSmallDisk(disk));
      try {
        using threads = new PhotoThreads(2);
        const photo = (seed: number) => randomPhoto({ seed, width: 40, height: 30 });
        const store = (seed: number, output: string) =>
          threads.store({ photo: photo(seed), output, format: "png" });
        await Deno.writeFile(`${disk}/ballast`, new Uint8Array(SMALL_DISK));
        // Nobody reads the pipe yet, so that this one is at hand as long as the test wants.
        assert(await succeeds("mkfifo", [`${folder}/pipe`]));
        const slow = store(332, `${folder}/pipe`);
        const full = [store(333, `${disk}/a.png`), store(334, `${disk}/b.png`)];
        let settled = 0;
        for (const each of full) each.catch(() => {}).finally(() => settled++);
        await new Promise((resolve) => setTimeout(resolve, 500));
        assertEquals(settled, 0);
        await Deno.remove(`${disk}/ballast`);
        assert((await Deno.readFile(`${folder}/pipe`)).length > 100);
        await slow;
        for (const { seconds } of await Promise.all(full)) {
          assertEquals(Object.keys(seconds), ["encode", "write"]);
        }
        for (const [i, name] of ["a.png", "b.png"].entries()) {
          assertEquals((await loadPhoto({ input: `${disk}/${name}` })).photo.rgb, photo(333 + i).rgb);
        }
        await Deno.writeFile(`${disk}/ballast`, new Uint8Array(SMALL_DISK)).catch(() => {});
        await assertRejects(store(335, `${disk}/c.png`), /Cannot write .*c\.png: the disk is full$/);
        assertEquals([...Deno.readDirSync(disk)].map(({ name }) => name).sort(), [
          "a.png",
          "b.png",
          "ballast",
        ]);
      } finally {
        assert(await unmountDisk(disk));
      }
    });
  },
});
