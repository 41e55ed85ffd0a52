import { decodeModel } from "../../src/nn/model_file.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { runCommand } from "../cli/command.ts";
import { pixelsOf, withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, restored, saved, withPage } from "./browser.ts";

const SAMPLE = new URL("../../samples/clean/temple.jpg", import.meta.url).pathname;

chromiumTest(
  "the page trains on a person's photos: ten steps lower the loss, and `enhance --model` takes what it saves",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 450);
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.click("#tab-train");
        await page.click("#start");
        assertMatch((await page.textContent("#train-error"))!, /^Choose photos first/);
        // A folder: what lies below counts, what is no photo does not.
        await Deno.mkdir(`${dir}/folder/below`, { recursive: true });
        await Deno.copyFile(SAMPLE, `${dir}/folder/temple.jpg`);
        await Deno.copyFile(`${dir}/photo.png`, `${dir}/folder/below/photo.png`);
        await Deno.writeTextFile(`${dir}/folder/notes.txt`, "no photo");
        await page.setInputFiles("#folder-input", `${dir}/folder`);
        assertEquals(await page.textContent("#train-photos"), "2 photos chosen.");
        await page.setInputFiles("#files-input", [SAMPLE, `${dir}/photo.png`]);
        assertEquals(await page.textContent("#train-photos"), "2 photos chosen.");
        await page.selectOption("#preset", "own");
        await page.fill("#recipe", "gaussian:250000");
        assertMatch((await page.textContent("#recipe-help"))!, /outside 0\.\.255/);
        await page.fill("#recipe", "gaussian:40");
        await page.click("summary");
        for (
          const [id, value] of Object.entries({
            steps: 10,
            batch: 2,
            patch: 32,
            rate: 0.01,
            base: 4,
            depth: 1,
          })
        ) {
          await page.fill(`#${id}`, String(value));
        }
        await page.evaluate(() => {
          const losses: number[] = [];
          Object.assign(globalThis, { losses });
          const loss = document.getElementById("course-title")!;
          new MutationObserver(() => {
            if (/^Step/.test(loss.textContent!)) {
              losses.push(Number(document.getElementById("train-loss")!.textContent));
            }
          }).observe(loss, { childList: true });
        });
        await page.click("#start");
        await page.waitForSelector("#train-result:not([hidden])");
        assertEquals(await page.textContent("#course-title"), "Trained for 10 steps");
        const losses = await page.evaluate(() => (globalThis as unknown as { losses: number[] }).losses);
        assertEquals(losses.length, 10);
        const mean = (some: number[]) => some.reduce((sum, value) => sum + value, 0) / some.length;
        assert(
          mean(losses.slice(-3)) < 0.97 * mean(losses.slice(0, 3)),
          `the loss stayed: ${losses.join(", ")}`,
        );
        assert(await page.isVisible("#preview-restored"));
        assertMatch(
          (await page.getAttribute("#chart", "aria-label"))!,
          /^Loss, from 0\.\d+ at step 1 to 0\.\d+ at step 10$/,
        );

        const { name, bytes } = await saved(page, "#save-model");
        assertEquals(name, "own.safetensors");
        const { info, topology } = decodeModel(bytes, name);
        assertEquals([info.steps, info.recipe, topology.widths.length], [10, "gaussian:40", 2]);
        await Deno.writeFile(`${dir}/own.safetensors`, bytes);
        const args = [
          "enhance",
          `${dir}/photo.png`,
          "-o",
          `${dir}/out.png`,
          "--model",
          `${dir}/own.safetensors`,
        ];
        assertEquals((await runCommand(args)).code, 0);

        // The page takes it as well.
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await page.click("#use-model");
        assertEquals(await page.locator("#model option:checked").textContent(), "own.safetensors");
        await restored(page);
        const here = (await pixelsOf((await saved(page, "#download")).bytes)).rgb;
        const there = (await pixelsOf(`${dir}/out.png`)).rgb;
        assert(here.every((value, i) => Math.abs(value - there[i]) <= 1));
      });
    });
  },
);

chromiumTest("a recipe that makes photos smaller is refused before anything is trained", async (launch) => {
  await withModel(async (dir) => {
    await withPage(await launch(true), dir, async ({ page }) => {
      await page.click("#tab-train");
      await page.setInputFiles("#files-input", SAMPLE);
      await page.selectOption("#preset", "own");
      await page.fill("#recipe", "blur:1,shrink:2");
      assertEquals(await page.getAttribute("#recipe", "aria-invalid"), "true");
      const help = await page.textContent("#recipe-help");
      assertMatch(help!, /keeps a photo's size: leave shrink out of the recipe/);
      await page.click("#start");
      assertEquals(await page.textContent("#train-error"), help);
      assertEquals(page.workers().length, 0);
      await page.fill("#recipe", "blur:1,downscale:2");
      assertEquals(await page.getAttribute("#recipe", "aria-invalid"), "false");
    });
  });
});

chromiumTest("a training stops when told to and keeps what it has learnt", async (launch) => {
  await withModel(async (dir) => {
    await withPage(await launch(true), dir, async ({ page }) => {
      await page.click("#tab-train");
      await page.setInputFiles("#files-input", SAMPLE);
      await page.selectOption("#preset", "jpeg:15-80"); // by the browser's own codec
      await page.selectOption("#init", { label: "The model model" });
      await page.click("summary");
      await page.fill("#patch", "16");
      await page.fill("#steps", "100000");
      await page.click("#start");
      await page.waitForFunction(() => /^Step/.test(document.getElementById("course-title")!.textContent!));
      await page.click("#stop");
      await page.waitForSelector("#train-result:not([hidden])");
      assertMatch((await page.textContent("#course-title"))!, /^Stopped after \d+ steps$/);
      const { info } = decodeModel((await saved(page, "#save-model")).bytes, "own");
      assert(info.steps >= 1 && info.steps < 100000);
      assertMatch(info.note, /from the weights of model/);
      assert(await page.isEnabled("#start"));
    });
  });
});
