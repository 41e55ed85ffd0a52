/** What a person does while the page still reads or saves photos. */
/// <reference lib="dom" />
import type { Download, Page } from "npm:playwright-core@1.65.1";
import { loadModel } from "../../src/nn/models.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { assert, assertEquals } from "../assert.ts";
import { pixelsOf, withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, restored, saved, withPage } from "./browser.ts";
import { expected, largestDifference } from "./expected.ts";

/** Runs with a folder of two models that differ, `model` (which the page takes first) and `other`. */
async function withTwoModels(
  run: (dir: string, model: string, other: string) => Promise<void>,
): Promise<void> {
  await withModel(async (dir, model) => {
    const { topology, parameters, info } = await loadModel(model);
    const changed = new Map(parameters).set("out.bias", Float32Array.of(-0.2, 0.2, 0.1));
    await saveModel(`${dir}/other.safetensors`, { topology, parameters: changed, info });
    await run(dir, model, `${dir}/other.safetensors`);
  });
}

/** What the page is made to hold back, and what it has read. */
interface Held {
  readonly read: string[];
  letGo(): void;
}

/** From now on the page reads no photo but this one, until it is let go. */
async function holdReading(page: Page, allBut: string): Promise<void> {
  await page.evaluate((allBut) => {
    const read: string[] = [];
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const decode = createImageBitmap as (file: File, options?: ImageBitmapOptions) => Promise<ImageBitmap>;
    Object.assign(globalThis, {
      held: { read, letGo },
      createImageBitmap: async (file: File, options?: ImageBitmapOptions) => {
        if (file.name !== allBut) await promise;
        const bitmap = await decode(file, options);
        read.push(file.name);
        return bitmap;
      },
    });
  }, allBut);
}

/** From now on the browser encodes no picture until it is let go. */
async function holdEncoding(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const encode = HTMLCanvasElement.prototype.toBlob;
    Object.assign(globalThis, { held: { letGo } });
    HTMLCanvasElement.prototype.toBlob = function (...how) {
      promise.then(() => encode.apply(this, how));
    };
  });
}

const letGo = (page: Page) => page.evaluate(() => (globalThis as unknown as { held: Held }).held.letGo());

/** Waits until a photo is read; by then the page has done with it what it does. */
async function hasRead(page: Page, name: string): Promise<void> {
  await page.waitForFunction(
    (name) => (globalThis as unknown as { held: Held }).held.read.includes(name),
    name,
  );
}

const readPhotos = (page: Page) => page.evaluate(() => (globalThis as unknown as { held: Held }).held.read);
const listed = (page: Page) =>
  page.$$eval(".thumb", (all) => all.map((thumb) => (thumb as HTMLElement).title));

chromiumTest(
  "a photo that is still being read when the model changes is restored by the new one",
  async (launch) => {
    await withTwoModels(async (dir, model, other) => {
      await writePhoto(`${dir}/first.png`, 510);
      await writePhoto(`${dir}/second.png`, 511);
      await withPage(await launch(true), dir, async ({ page }) => {
        await holdReading(page, "first.png");
        await page.setInputFiles("#file-input", [`${dir}/first.png`, `${dir}/second.png`]);
        await restored(page);
        await page.selectOption("#model", { label: "other" });
        await letGo(page);
        await page.waitForFunction(() =>
          document.getElementById("download-all")!.textContent === "Download all 2"
        );
        await page.locator("#strip .thumb").nth(1).click();
        assertEquals(await page.textContent("#photo-name"), "second.png");
        const { rgb } = await pixelsOf((await saved(page, "#download")).bytes);
        const wanted = await expected(`${dir}/second.png`, other);
        assert(largestDifference(rgb, wanted) <= 1);
        assert(largestDifference(wanted, await expected(`${dir}/second.png`, model)) > 10);
      });
    });
  },
);

chromiumTest(
  "photos that are still being read when all are removed or cancelled do not come after",
  async (launch) => {
    await withModel(async (dir) => {
      const names = ["first.png", "second.png", "third.png"];
      for (const [index, name] of names.entries()) await writePhoto(`${dir}/${name}`, 520 + index);
      await writePhoto(`${dir}/large.png`, 523, 900, 700);
      const paths = names.map((name) => `${dir}/${name}`);
      await withPage(await launch(true), dir, async ({ page }) => {
        await holdReading(page, "first.png");
        await page.setInputFiles("#file-input", paths);
        await restored(page);
        await page.click("#clear");
        await letGo(page);
        await hasRead(page, "second.png");
        assert(await page.isVisible("#welcome"));
        assertEquals(await listed(page), []);
        // The third is not even read.
        assertEquals(await readPhotos(page), ["first.png", "second.png"]);

        await holdReading(page, "large.png");
        await page.setInputFiles("#file-input", [`${dir}/large.png`, ...paths]);
        await page.waitForFunction(() => /^Tile/.test(document.getElementById("status-text")!.textContent!));
        await page.click("#cancel");
        await letGo(page);
        await hasRead(page, "first.png");
        assertEquals(await listed(page), ["large.png"]);
        await page.waitForFunction(() => document.getElementById("status-text")!.textContent === "Cancelled");
        assertEquals(await readPhotos(page), ["large.png", "first.png"]);

        // What is added afterwards is taken.
        await page.setInputFiles("#file-input", paths);
        await page.waitForFunction(() =>
          document.getElementById("download-all")!.textContent === "Download all 3"
        );
        assertEquals(await listed(page), ["large.png", ...names]);
      });
    });
  },
);

chromiumTest(
  "all photos are saved as they were when that was asked for, whatever is chosen meanwhile",
  async (launch) => {
    await withTwoModels(async (dir, model) => {
      const names = ["first", "second", "third"];
      const paths = names.map((name) => `${dir}/${name}.png`);
      for (const [index, path] of paths.entries()) await writePhoto(path, 530 + index);
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.setInputFiles("#file-input", paths);
        await page.waitForFunction(() =>
          document.getElementById("download-all")!.textContent === "Download all 3"
        );
        await holdEncoding(page);
        await page.click("#download-all");
        await page.selectOption("#model", { label: "other" });
        await page.fill("#strength", "40");
        const downloads: Download[] = [];
        await Promise.all([
          page.waitForEvent("download", (download) => downloads.push(download) === names.length),
          letGo(page),
        ]);
        for (const [index, download] of downloads.entries()) {
          assertEquals(download.suggestedFilename(), `${names[index]}-enhanced.png`);
          const { rgb } = await pixelsOf(await download.path());
          assert(largestDifference(rgb, await expected(paths[index], model)) <= 1, names[index]);
        }
      });
    });
  },
);

chromiumTest("figures of a result go with it when another model is chosen", async (launch) => {
  await withTwoModels(async (dir) => {
    await writePhoto(`${dir}/photo.png`, 550);
    await withPage(await launch(true), dir, async ({ page }) => {
      await page.setInputFiles("#file-input", `${dir}/photo.png`);
      await restored(page);
      await page.setInputFiles("#reference-input", `${dir}/photo.png`);
      await page.waitForSelector("#psnr:not([hidden])");
      const before = await page.textContent("#psnr-after");
      // In one go, before anything of the new result can be there.
      const hidden = await page.evaluate(() => {
        const models = document.getElementById("model") as HTMLSelectElement;
        models.value = [...models.options].find(({ label }) => label === "other")!.value;
        models.dispatchEvent(new Event("change", { bubbles: true }));
        return document.getElementById("psnr")!.hidden;
      });
      assert(hidden, "the old figures stay");
      await page.waitForSelector("#psnr:not([hidden])");
      assert(await page.textContent("#psnr-after") !== before);
    });
  });
});
