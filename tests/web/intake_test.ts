import { assertEquals } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, restored, withPage } from "./browser.ts";

chromiumTest(
  "photos come in by drop, by paste and as a sample; an original dropped on its place is measured against",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 495, 40, 30);
      const bytes = [...await Deno.readFile(`${dir}/photo.png`)];
      await withPage(await launch(true), dir, async ({ page }) => {
        const bring = (how: "drop" | "paste", name: string, target: string) =>
          page.evaluate(({ how, name, target, bytes }) => {
            const files = new DataTransfer();
            files.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/png" }));
            const options = { bubbles: true, cancelable: true };
            const event = how === "drop"
              ? new DragEvent("drop", { ...options, dataTransfer: files })
              : new ClipboardEvent("paste", { ...options, clipboardData: files });
            document.querySelector(target)!.dispatchEvent(event);
          }, { how, name, target, bytes });
        const names = () => page.$$eval(".thumb", (all) => all.map((thumb) => (thumb as HTMLElement).title));

        await bring("drop", "dropped.png", "#welcome");
        await restored(page);
        await bring("paste", "pasted.png", "body");
        await page.waitForFunction(() => document.querySelectorAll(".thumb").length === 2);
        await bring("drop", "original.png", "#reference");
        await page.waitForSelector("#psnr:not([hidden])");
        assertEquals(await page.textContent("#reference-text"), "Measured against original.png.");
        assertEquals(await page.textContent("#psnr-before"), "identical");
        // The original is no photo to restore.
        assertEquals(await names(), ["dropped.png", "pasted.png"]);

        await page.click("#clear");
        await page.click("#sample");
        await page.waitForSelector("#workspace:not([hidden])");
        assertEquals(await page.textContent("#photo-name"), "raccoon.jpg");
        // The sample may be done by now, and the button hidden; a photo that is restored already has nothing to stop.
        await page.evaluate(() => document.getElementById("cancel")!.click());
        await page.click("#tab-train");
        await bring("drop", "mine.png", "#train-drop");
        await page.waitForFunction(() =>
          document.getElementById("train-photos")!.textContent === "1 photo chosen."
        );
      });
    });
  },
);

chromiumTest(
  "a photo that is larger than the browser's canvas is refused by name, and the others are taken",
  async (launch) => {
    await withModel(async (dir) => {
      // One pixel more than Chromium's canvas has on a side.
      await writePhoto(`${dir}/wide.png`, 496, 65536, 2);
      await writePhoto(`${dir}/photo.png`, 497, 40, 30);
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.setInputFiles("#file-input", [`${dir}/wide.png`, `${dir}/photo.png`]);
        await restored(page);
        assertEquals(await page.textContent("#photo-name"), "photo.png");
        assertEquals(await page.textContent("#banner"), "wide.png is too large for this browser.");
        // The same goes for a photo to measure against.
        await page.setInputFiles("#reference-input", `${dir}/wide.png`);
        await page.waitForFunction(() =>
          document.getElementById("reference-text")!.textContent === "wide.png is too large for this browser"
        );
      });
    });
  },
);
