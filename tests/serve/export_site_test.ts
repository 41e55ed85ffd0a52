import { exportSite } from "../../src/serve/export_site.ts";
import { pageSite, type Site } from "../../src/serve/site.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { runCommand } from "../cli/command.ts";
import { filesIn } from "../cli/folder.ts";
import { withFolder } from "../data/photos.ts";
import { canMount, mountSmallDisk, SMALL_DISK, unmountDisk } from "../small_disk.ts";

/** A site of files of so many bytes. */
function siteOf(sizes: Readonly<Record<string, number>>): Site {
  return new Map(
    Object.entries(sizes).map(([path, size]) =>
      [path, { type: "text/plain", read: () => Promise.resolve(new Uint8Array(size)) }] as const
    ),
  );
}

Deno.test("exportSite() writes the whole page into a folder, with headers for its host", async () => {
  await withFolder(async (dir) => {
    const site = await pageSite();
    const written = await exportSite(site, `${dir}/page`);
    assertEquals(written.toSorted(), [...site.keys(), "_headers"].toSorted());
    assertEquals(filesIn(`${dir}/page`), written.toSorted());
    const wasm = await Deno.readFile(`${dir}/page/onnxruntime/ort-wasm-simd-threaded.wasm`);
    assertEquals([...wasm.subarray(0, 4)], [0, ...new TextEncoder().encode("asm")]);
    assertEquals(
      await Deno.readFile(`${dir}/page/models/photo.safetensors`),
      await Deno.readFile(new URL("../../models/photo.safetensors", import.meta.url)),
    );
    assertMatch(
      await Deno.readTextFile(`${dir}/page/_headers`),
      /^\/\*\n {2}content-security-policy: default-src 'none'/,
    );
  });
});

Deno.test("exportSite() writes nothing where a file of the page cannot be read", async () => {
  await withFolder(async (dir) => {
    const file = (read: () => Promise<Uint8Array<ArrayBuffer>>) => ({ type: "text/html", read });
    const site = new Map([
      ["index.html", file(() => Promise.resolve(Uint8Array.of(65)))],
      ["app.js", file(() => Promise.reject(new Error("not fetched")))],
    ]);
    await assertRejects(exportSite(site, `${dir}/page`), /^Error: not fetched$/);
    assertEquals(filesIn(dir), []);
  });
});

Deno.test("exportSite() replaces files in a folder that holds some only where it may", async () => {
  await withFolder(async (dir) => {
    const site = new Map([["index.html", {
      type: "text/html",
      read: () => Promise.resolve(Uint8Array.of(65)),
    }]]);
    await Deno.writeTextFile(`${dir}/index.html`, "mine");
    await assertRejects(
      exportSite(site, dir),
      /^UserError: Cannot write the page to .*: it is not empty; add --overwrite/,
    );
    assertEquals(await Deno.readTextFile(`${dir}/index.html`), "mine");
    await exportSite(site, dir, { overwrite: true });
    assertEquals(await Deno.readTextFile(`${dir}/index.html`), "A");
  });
});

Deno.test("exportSite() clears away what a killed one has left, and keeps a replaced file's permissions and links", async () => {
  await withFolder(async (dir) => {
    const site = siteOf({ "index.html": 10, "models/a.bin": 20 });
    await Deno.mkdir(`${dir}/page/.clairnet-page.partial/models`, { recursive: true });
    await Deno.writeTextFile(`${dir}/page/.clairnet-page.partial/models/old.bin`, "half");
    await exportSite(site, `${dir}/page`);
    assertEquals(filesIn(`${dir}/page`), ["_headers", "index.html", "models/a.bin"]);
    assertEquals(filesIn(dir).length, 3);
    if (Deno.build.os === "windows") return;
    await Deno.rename(`${dir}/page/index.html`, `${dir}/elsewhere.html`);
    await Deno.symlink(`${dir}/elsewhere.html`, `${dir}/page/index.html`);
    await Deno.chmod(`${dir}/page/models/a.bin`, 0o600);
    await exportSite(siteOf({ "index.html": 11, "models/a.bin": 21 }), `${dir}/page`, { overwrite: true });
    assertEquals((await Deno.stat(`${dir}/elsewhere.html`)).size, 11);
    assert((await Deno.lstat(`${dir}/page/index.html`)).isSymlink);
    const { size, mode } = await Deno.stat(`${dir}/page/models/a.bin`);
    assertEquals([size, mode! & 0o777], [21, 0o600]);
  });
});

Deno.test({
  name:
    "exportSite() leaves a folder as it was where the disk is full, and so does serve --export (needs root on Linux)",
  ignore: !await canMount(),
  fn: () =>
    withFolder(async (dir) => {
      await Deno.mkdir(`${dir}/disk`);
      assert(await mountSmallDisk(`${dir}/disk`));
      const entries = () => [...Deno.readDirSync(`${dir}/disk`)].map(({ name }) => name).toSorted();
      try {
        const large = siteOf({ "index.html": 5000, "models/a.bin": SMALL_DISK });
        const full = /^UserError: Cannot write the page to .*: the disk is full$/;
        await assertRejects(exportSite(large, `${dir}/disk/new/page`), full);
        assertEquals(entries(), []);
        const { code, stdout, stderr } = await runCommand(["serve", "--export", `${dir}/disk`]);
        assertEquals([code, stdout, stderr], [
          1,
          "",
          `clairnet: Cannot write the page to ${dir}/disk: the disk is full\n`,
        ]);
        assertEquals(entries(), []);

        await exportSite(siteOf({ "index.html": 4000, "models/a.bin": 5000 }), `${dir}/disk`);
        await assertRejects(exportSite(large, `${dir}/disk`, { overwrite: true }), full);
        assertEquals(filesIn(`${dir}/disk`), ["_headers", "index.html", "models/a.bin"]);
        assertEquals(entries(), ["_headers", "index.html", "models"]);
        assertEquals((await Deno.stat(`${dir}/disk/index.html`)).size, 4000);
      } finally {
        assert(await unmountDisk(`${dir}/disk`));
      }
    }),
});
