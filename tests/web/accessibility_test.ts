// Not in deno.json: Deno would fetch it for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import axe from "npm:axe-core@4.14.1";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { pixelsOf, withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, restored, withPage } from "./browser.ts";

/** The part of axe that is used in the page. */
interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
}

/** The element with the focus: its id or its text, and whether it shows that it has the focus. */
interface Focus {
  readonly id: string;
  readonly tag: string;
  readonly shown: boolean;
}

const SIZES = [{ width: 1280, height: 800 }, { width: 360, height: 740 }];

chromiumTest(
  "axe finds nothing wrong with the page's labels, roles and contrast, light and dark, wide and narrow",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/a.png`, 490, 40, 30);
      await writePhoto(`${dir}/b.png`, 491, 40, 30);
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.evaluate(axe.source);
        const check = async (where: string) => {
          for (const colorScheme of ["light", "dark"] as const) {
            for (const size of SIZES) {
              await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
              await page.setViewportSize(size);
              const faults = await page.evaluate(async () => {
                const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
                return violations.flatMap(({ id, nodes }) =>
                  nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
                );
              });
              assertEquals(faults, [], `${where}, ${colorScheme}, ${size.width} wide`);
              const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
              assert(overflow <= 0, `${where} is ${overflow} pixels too wide for ${size.width}`);
            }
          }
        };
        await check("welcome");
        await page.setInputFiles("#file-input", [`${dir}/a.png`, `${dir}/b.png`]);
        await restored(page);
        await page.setInputFiles("#reference-input", `${dir}/b.png`);
        await page.waitForSelector("#psnr:not([hidden])");
        await check("restoring");
        await page.focus("#tab-restore");
        await page.keyboard.press("ArrowRight");
        assertEquals(await page.evaluate(() => document.activeElement!.id), "tab-train");
        await page.click("summary");
        await check("training");
      });
    });
  },
);

chromiumTest(
  "a photo is chosen, looked at, enlarged, made gentler and saved without a mouse",
  async (launch) => {
    await withModel(async (dir) => {
      const topology = unetTopology({ base: 4, depth: 1, blocks: 1, scale: 2 });
      const upscaler = {
        topology,
        parameters: heInitialise(topology, 13),
        info: modelInfo({ name: "tiny" }),
      };
      await saveModel(`${dir}/upscale2x.safetensors`, upscaler);
      await writePhoto(`${dir}/photo.png`, 492, 40, 30);
      await withPage(await launch(true), dir, async ({ page }) => {
        const focus = () =>
          page.evaluate((): Focus => {
            const element = document.activeElement!;
            // The divider's slider is not seen itself: its handle shows the focus.
            const mark = element.id === "split" ? document.querySelector(".handle")! : element;
            const { outlineStyle, outlineWidth } = getComputedStyle(mark);
            const { width, height } = mark.getBoundingClientRect();
            const shown = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 8 && height > 8;
            return { id: element.id || element.textContent!.trim(), tag: element.tagName, shown };
          });
        /** Presses Tab until an element has the focus; each on the way must show it. */
        const tabTo = async (id: string, key = "Tab") => {
          const passed: string[] = [];
          for (;;) {
            await page.keyboard.press(key);
            const here = await focus();
            if (here.tag === "BODY" || passed.includes(here.id)) {
              throw new Error(`no way to ${id}: ${passed}`);
            }
            assert(here.shown, `${here.id} does not show that it has the focus`);
            if (here.id === id) return;
            passed.push(here.id);
          }
        };
        await tabTo("Choose photos");
        const asked = page.waitForEvent("filechooser");
        await page.evaluate(() => {}); // by now the browser tells of the dialogue instead of opening it
        await page.keyboard.press("Space");
        await (await asked).setFiles(`${dir}/photo.png`);
        await restored(page);

        await tabTo("stage");
        const scale = () => page.textContent("#zoom-level");
        const fitted = await scale();
        await page.keyboard.press("+");
        assert(await scale() !== fitted);
        await page.keyboard.press("0");
        assertEquals(await scale(), fitted);
        await tabTo("split");
        await page.keyboard.press("Home");
        assertEquals(await page.getAttribute("#split", "aria-valuetext"), "0 % before, 100 % after");
        await page.keyboard.press("End");
        await tabTo("scale");
        await page.keyboard.press("ArrowDown");
        await page.waitForFunction(() =>
          /^Enlarged/.test(document.getElementById("status-text")!.textContent!)
        );
        // A screen reader hears of it as well.
        assertMatch((await page.textContent("#live"))!, /^photo\.png: Enlarged in/);
        await tabTo("strength");
        await page.keyboard.press("ArrowLeft");
        assertEquals(await page.textContent("#strength-value"), "99 %");
        await tabTo("download", "Shift+Tab");
        const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
        assertEquals((await pixelsOf(await download.path())).width, 80);
        await tabTo("tab-restore", "Shift+Tab");
        await page.keyboard.press("ArrowRight");
        assertEquals(await page.evaluate(() => document.activeElement!.id), "tab-train");
        await tabTo("start");
        await page.keyboard.press("Enter");
        assertMatch((await page.textContent("#train-error"))!, /^Choose photos first/);
      });
    });
  },
);
