import { exportSite } from "../../src/serve/export_site.ts";
import { pageSite } from "../../src/serve/site.ts";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { filesIn } from "../cli/folder.ts";
import { withFolder } from "../data/photos.ts";

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
