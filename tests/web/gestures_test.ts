import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, restored, withPage } from "./browser.ts";

chromiumTest(
  "folders dropped from the desktop are searched: photos to restore on one tab, to train on the other",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/mine/a.png`, 510, 40, 30);
      await writePhoto(`${dir}/mine/below/deeper/b.jpg`, 511, 40, 30);
      await writePhoto(`${dir}/mine/.hidden/c.png`, 512, 40, 30);
      await Deno.writeTextFile(`${dir}/mine/notes.txt`, "no photo");
      // A reader of a folder gives a hundred entries at a time.
      const [bytes] = [await Deno.readFile(`${dir}/mine/a.png`)];
      for (let i = 0; i < 130; i++) await Deno.writeFile(`${dir}/mine/below/${i}.png`, bytes);
      await writePhoto(`${dir}/single.png`, 513, 40, 30);
      await withPage(await launch(true), dir, async ({ page }) => {
        const devtools = await page.context().newCDPSession(page);
        /** Drags files and folders from outside over an element, as a person does, and lets go. */
        const drop = async (selector: string, files: readonly string[]) => {
          const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
          const data = { items: [], files: [...files], dragOperationsMask: 1 };
          const at = { x: x + width / 2, y: y + height / 2 };
          for (const type of ["dragEnter", "dragOver"] as const) {
            await devtools.send("Input.dispatchDragEvent", { type, data, ...at });
          }
          assert(await page.isVisible("#drop-hint"));
          await devtools.send("Input.dispatchDragEvent", { type: "drop", data, ...at });
          assert(await page.isHidden("#drop-hint"));
        };
        await page.click("#tab-train");
        await drop("#train-drop", [`${dir}/mine`, `${dir}/single.png`]);
        await page.waitForFunction(() =>
          /chosen/.test(document.getElementById("train-photos")!.textContent!)
        );
        assertEquals(await page.textContent("#train-photos"), "133 photos chosen.");
        // Beside the form counts as well.
        await drop("#course-title", [`${dir}/mine/below/deeper`]);
        await page.waitForFunction(() =>
          /^1 photo chosen/.test(document.getElementById("train-photos")!.textContent!)
        );

        await page.click("#tab-restore");
        await drop("#welcome", [`${dir}/mine/below/deeper`, `${dir}/single.png`]);
        await restored(page);
        await page.waitForFunction(() => document.querySelectorAll(".thumb").length === 2);
        assertEquals(
          await page.$$eval(".thumb", (all) => all.map((thumb) => (thumb as HTMLElement).title)),
          ["b.jpg", "single.png"],
        );
      });
    });
  },
);

chromiumTest(
  "two fingers zoom the photo about what is between them and move it, one finger moves the divider or a zoomed photo",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 514, 200, 160);
      const browser = await launch(true);
      const phone = await browser.newContext({
        viewport: { width: 390, height: 844 },
        deviceScaleFactor: 2,
        hasTouch: true,
        isMobile: true,
      });
      await withPage(phone, dir, async ({ page }) => {
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        const devtools = await page.context().newCDPSession(page);
        await page.locator("#stage").scrollIntoViewIfNeeded();
        const stage = (await page.locator("#stage").boundingBox())!;
        /** Fingers from one set of places on the stage to another, in a few steps. */
        const touch = async (from: readonly [number, number][], to: readonly [number, number][]) => {
          const points = (share: number) =>
            from.map(([x, y], id) => ({
              id,
              x: stage.x + x + share * (to[id][0] - x),
              y: stage.y + y + share * (to[id][1] - y),
            }));
          await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(0) });
          for (const share of [0.25, 0.5, 0.75, 1]) {
            await devtools.send("Input.dispatchTouchEvent", {
              type: "touchMove",
              touchPoints: points(share),
            });
          }
          await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
        };
        const view = () =>
          page.$$eval(".layer canvas", (all) =>
            all.map((canvas) => {
              const { a, e, f } = new DOMMatrix(getComputedStyle(canvas).transform);
              return [a, e, f];
            }));
        const split = async () => Number(await page.inputValue("#split"));
        const scrolled = await page.evaluate(() => scrollY);

        // The whole photo is shown: one finger moves the divider.
        await touch([[stage.width / 2, 80]], [[stage.width / 4, 90]]);
        assertAllClose([await split()], [25], 1);
        const [fitted] = await view();

        // The fingers' distance doubles: so does the photo, about the pixel between them.
        const [x, y] = [stage.width / 2, stage.height / 2];
        await touch([[x - 40, y - 30], [x + 40, y + 30]], [[x - 80, y - 60], [x + 80, y + 60]]);
        const [zoomed, after] = await view();
        assertEquals(zoomed, after);
        assertAllClose([zoomed[0] / fitted[0]], [2], 0.02);
        const between = ([scale, left, top]: number[]) => [(x - left) / scale, (y - top) / scale];
        assertAllClose(between(zoomed), between(fitted), 1.5);
        assertAllClose([await split()], [25], 1);

        // Both move alike: the photo follows.
        await touch([[x - 40, y], [x + 40, y]], [[x - 70, y - 20], [x + 10, y - 20]]);
        const [moved] = await view();
        assertAllClose(moved, [zoomed[0], zoomed[1] - 30, zoomed[2] - 20], 0.5);
        // And so it does a single finger, now that there is more than the stage shows.
        await touch([[x, y]], [[x + 20, y + 10]]);
        assertAllClose((await view())[0], [moved[0], moved[1] + 20, moved[2] + 10], 0.5);
        await touch([[x - 90, y], [x + 90, y]], [[x - 20, y], [x + 20, y]]);
        assert((await view())[0][0] < zoomed[0] / 2);
        // Nothing of this has scrolled or zoomed the page itself.
        assertEquals(await page.evaluate(() => scrollY), scrolled);
        assertEquals(await page.evaluate(() => visualViewport!.scale), 1);
      });
      await phone.close();
    });
  },
);
