// Not in deno.json: Deno would fetch it for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import axe from "npm:axe-core@4.14.1";
import { assert, assertEquals } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, restored, withPage } from "./browser.ts";

/** The part of axe that is used in the page. */
interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
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
