import { exportSite } from "../../src/serve/export_site.ts";
import { pageSite } from "../../src/serve/site.ts";
import { assert, assertEquals } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, PATIENCE, restored, watch, withPage } from "./browser.ts";

const TYPES: Record<string, string> = {
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
  css: "text/css",
  wasm: "application/wasm",
};

/** A plain web server that knows nothing of this page: no headers but the type, files of a folder below a path. */
function plainServer(folder: string, path: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(path)) return new Response("no", { status: 404 });
    const name = pathname.slice(path.length) || "index.html";
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    try {
      return new Response(await Deno.readFile(`${folder}/${name}`), { headers: { "content-type": type } });
    } catch {
      return new Response("no", { status: 404 });
    }
  });
}

chromiumTest(
  "the exported page works below any path of a plain web server, on WebGPU and without",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 480, 40, 40);
      await exportSite(await pageSite(new URL(`file://${dir}/`)), `${dir}/page`);
      await using server = plainServer(`${dir}/page`, "/some/where/");
      const url = `http://127.0.0.1:${server.addr.port}/some/where/`;
      for (const webgpu of [true, false]) {
        const page = await (await launch(webgpu)).newPage();
        page.setDefaultTimeout(PATIENCE.timeout);
        const faults = watch(page, url);
        await page.goto(url);
        await page.waitForSelector("html[data-ready]", { state: "attached" });
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        assertEquals(faults, []);
        await page.close();
      }
    });
  },
);

chromiumTest(
  "the Content-Security-Policy keeps page and worker from asking any other host",
  async (launch) => {
    let asked = 0;
    await using other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      asked++;
      return new Response("x", {
        headers: { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" },
      });
    });
    const address = `http://127.0.0.1:${other.addr.port}/`;
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 481, 20, 20);
      const breaches: string[] = [];
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        const ask = (address: string) => fetch(address).then(() => "answered", () => "refused");
        assertEquals(await page.evaluate(ask, address), "refused");
        const [worker] = page.workers();
        assert(worker.url().endsWith("/gpu_worker.js"));
        assertEquals(await worker.evaluate(ask, address), "refused");
        const loaded = await page.evaluate(async (address) => {
          const outcome = (element: HTMLElement) =>
            new Promise<string>((resolve) => {
              element.onload = () => resolve("loaded");
              element.onerror = () => resolve("refused");
              document.body.append(element);
            });
          const image = Object.assign(new Image(), { src: address });
          const script = Object.assign(document.createElement("script"), { src: address });
          return [await outcome(image), await outcome(script)];
        }, address);
        assertEquals(loaded, ["refused", "refused"]);
      }).catch((error) => breaches.push(error.message));
      // The attempts themselves are all that the watch may complain of.
      assertEquals(breaches.length, 1);
      assert(/Content Security Policy/i.test(breaches[0]), breaches[0]);
      assertEquals(asked, 0);
    });
  },
);
