import { assert, assertEquals, assertMatch } from "../assert.ts";
import { pixelsOf, withModel, writePhoto } from "../cli/folder.ts";
import { runCommand } from "../cli/command.ts";
import { chromiumTest, restored, saved, withPage } from "./browser.ts";

chromiumTest(
  "without WebGPU the page says so and restores through onnxruntime-web, to the command line's pixels within 1/255",
  async (launch) => {
    await withModel(async (dir, model) => {
      await writePhoto(`${dir}/photo.png`, 440, 90, 70);
      await withPage(await launch(false), dir, async ({ page, served }) => {
        assertMatch((await page.textContent("#banner"))!, /^There is no WebGPU here/);
        assertEquals(await page.textContent("#device"), "Main processor");
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        assert(served.includes("onnxruntime/ort-wasm-simd-threaded.wasm"));
        const { rgb } = await pixelsOf((await saved(page, "#download")).bytes);
        const args = [
          "enhance",
          `${dir}/photo.png`,
          "-o",
          `${dir}/out.png`,
          "--model",
          model,
          "--device",
          "cpu",
        ];
        assertEquals((await runCommand(args)).code, 0);
        const wanted = (await pixelsOf(`${dir}/out.png`)).rgb;
        assert(rgb.every((value, i) => Math.abs(value - wanted[i]) <= 1));

        await page.click("#tab-train");
        assert(await page.isDisabled("#start"));
        assertMatch((await page.textContent("#train-error"))!, /Training needs WebGPU/);
      });
    });
  },
);
