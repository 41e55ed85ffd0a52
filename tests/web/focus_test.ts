/** Where the focus is after a control that had it is gone. */
/// <reference lib="dom" />
import type { Page } from "npm:playwright-core@1.65.1";
import { assertEquals, assertMatch } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, withPage } from "./browser.ts";

/** The element with the focus: its id, or its tag where it has none. */
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement!.id || document.activeElement!.tagName);

chromiumTest("the focus goes from Cancel to the photo in view", async (launch) => {
  await withModel(async (dir) => {
    await writePhoto(`${dir}/large.png`, 540, 900, 700);
    await withPage(await launch(true), dir, async ({ page }) => {
      await page.setInputFiles("#file-input", `${dir}/large.png`);
      await page.waitForFunction(() => /^Tile/.test(document.getElementById("status-text")!.textContent!));
      await page.focus("#cancel");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#cancel", { state: "hidden" });
      assertEquals(await page.textContent("#status-text"), "Cancelled");
      assertEquals(await focused(page), "stage");
    });
  });
});

chromiumTest(
  "the focus goes from Start to Stop, from there to the model that was trained, and from that to the tab of the photos",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 541);
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.click("#tab-train");
        await page.setInputFiles("#files-input", `${dir}/photo.png`);
        await page.selectOption("#preset", "blur:0.5-2");
        await page.click("summary");
        for (
          const [id, value] of Object.entries({ steps: 100_000, batch: 1, patch: 16, base: 4, depth: 1 })
        ) {
          await page.fill(`#${id}`, String(value));
        }
        await page.focus("#start");
        // A key that is held down starts, and does not stop what it has started.
        for (let times = 0; times < 2; times++) await page.keyboard.down("Enter");
        await page.keyboard.up("Enter");
        assertEquals(await focused(page), "stop");
        assertEquals(await page.getAttribute("#stop", "aria-disabled"), "false");

        await page.waitForFunction(() => /^Step/.test(document.getElementById("course-title")!.textContent!));
        await page.keyboard.press("Enter");
        assertEquals(await page.getAttribute("#stop", "aria-disabled"), "true");
        await page.waitForSelector("#train-result:not([hidden])");
        assertMatch((await page.textContent("#course-title"))!, /^Stopped after \d+ steps?$/);
        assertEquals(await focused(page), "save-model");

        await page.focus("#use-model");
        await page.keyboard.press("Enter");
        assertEquals(await focused(page), "tab-restore");
      });
    });
  },
);
