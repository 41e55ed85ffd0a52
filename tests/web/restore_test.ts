import sharp from "sharp";
import { psnr } from "../../src/evaluate/metrics.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { pixelsOf } from "../cli/folder.ts";
import { chromiumTest, restored, saved, withPage } from "./browser.ts";
import { expected, largestDifference } from "./expected.ts";

const LARGER = { width: 300, height: 170 };

chromiumTest(
  "the page restores a photo on WebGPU to the pixels that Deno gives, within 1/255, tile by tile",
  async (launch) => {
    await withModel(async (dir, model) => {
      await writePhoto(`${dir}/photo.png`, 401, LARGER.width, LARGER.height);
      await writePhoto(`${dir}/original.png`, 402, LARGER.width, LARGER.height);
      await withPage(await launch(true), dir, async ({ page, served }) => {
        await page.evaluate(() => {
          const texts: string[] = [];
          Object.assign(globalThis, { texts });
          const status = document.getElementById("status-text")!;
          new MutationObserver(() => texts.push(status.textContent!)).observe(status, { childList: true });
        });
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        const texts = await page.evaluate(() => (globalThis as unknown as { texts: string[] }).texts);
        const tiles = texts.flatMap((text) => /^Tile (\d+) of (\d+)$/.exec(text)?.slice(1).map(Number) ?? []);
        assert(tiles.length >= 4 && tiles[0] === 1, `tiles were not shown one by one: ${texts.join(", ")}`);

        const result = await saved(page, "#download");
        assertEquals(result.name, "photo-enhanced.png");
        const full = await expected(`${dir}/photo.png`, model);
        const { rgb, format } = await pixelsOf(result.bytes);
        assertEquals(format, "png");
        assert(largestDifference(rgb, full) <= 1);
        const source = (await pixelsOf(`${dir}/photo.png`)).rgb;
        assert(largestDifference(source, full) > 10, "the model changes too little to tell anything");

        // The strength takes effect at once, and in what is saved.
        await page.fill("#strength", "40");
        assertEquals(await page.$eval(".after", (layer) => (layer as HTMLElement).style.opacity), "0.4");
        const gentle = await pixelsOf((await saved(page, "#download")).bytes);
        assert(largestDifference(gentle.rgb, await expected(`${dir}/photo.png`, model, 0.4)) <= 1);

        // A reference gives the figures that the library gives.
        await page.setInputFiles("#reference-input", `${dir}/original.png`);
        await page.waitForSelector("#psnr:not([hidden])");
        const original = (await pixelsOf(`${dir}/original.png`)).rgb;
        const figure = async (id: string) => parseFloat((await page.textContent(id))!);
        assert(Math.abs(await figure("#psnr-before") - psnr(source, original)) < 0.006);
        assert(Math.abs(await figure("#psnr-after") - psnr(gentle.rgb, original)) < 0.006);

        assertMatch((await page.textContent("#device"))!, /^WebGPU/);
        assertEquals(served.filter((path) => path.startsWith("onnxruntime") || path.startsWith("cpu")), []);
      });
    });
  },
);

chromiumTest(
  "the page takes several photos, saves each in its own format, and says so where it cannot",
  async (launch) => {
    await withModel(async (dir) => {
      for (const [index, extension] of ["jpg", "webp", "png"].entries()) {
        await writePhoto(`${dir}/${extension}.${extension}`, 410 + index, 40, 30);
      }
      await sharp(`${dir}/png.png`).avif().toFile(`${dir}/avif.avif`);
      await withPage(await launch(true), dir, async ({ page }) => {
        const names = ["jpg.jpg", "webp.webp", "avif.avif"];
        await page.setInputFiles("#file-input", names.map((name) => `${dir}/${name}`));
        await page.waitForFunction(() =>
          document.getElementById("download-all")!.textContent === "Download all 3"
        );
        const formats: string[] = [];
        for (const [index, name] of names.entries()) {
          await page.locator("#strip .thumb").nth(index).click();
          assertEquals(await page.textContent("#photo-name"), name);
          const { format } = await pixelsOf((await saved(page, "#download")).bytes);
          formats.push(format);
        }
        assertEquals(formats, ["jpeg", "webp", "png"]);
        assertEquals(await page.textContent("#download-note"), "Saved as PNG: browsers do not write AVIF.");
        // Arrow keys move along the row.
        await page.keyboard.press("ArrowLeft");
        await page.locator("#strip .thumb").nth(2).focus();
        await page.keyboard.press("ArrowLeft");
        assertEquals(await page.textContent("#photo-name"), "webp.webp");
        await page.click("#clear");
        assert(await page.isVisible("#welcome"));
      });
    });
  },
);

chromiumTest(
  "the page names the model jpeg beside a strongly compressed photo, as long as another one is chosen",
  async (launch) => {
    await withModel(async (dir, model) => {
      for (const name of ["photo", "jpeg"]) await Deno.copyFile(model, `${dir}/${name}.safetensors`);
      await writePhoto(`${dir}/good.png`, 430, 64, 48);
      await sharp(`${dir}/good.png`).jpeg({ quality: 20 }).toFile(`${dir}/poor.jpg`);
      await withPage(await launch(true), dir, async ({ page }) => {
        const note = () => page.textContent("#photo-note");
        await page.setInputFiles("#file-input", `${dir}/poor.jpg`);
        await restored(page);
        assertMatch((await note())!, /^A JPEG of quality 20 or so: .*the model jpeg does more\.$/);
        await page.selectOption("#model", { label: "jpeg" });
        assertEquals(await note(), "");
        await page.selectOption("#model", { label: "model" });
        assertEquals(await note(), "");
        await page.setInputFiles("#file-input", `${dir}/good.png`);
        await page.selectOption("#model", { index: 0 });
        assertMatch((await note())!, /^A JPEG/);
        await page.locator("#strip .thumb").nth(1).click();
        assertEquals(await note(), "");
      });
    });
  },
);

chromiumTest(
  "the divider moves by mouse and keyboard, and both sides zoom and pan as one",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 420, 200, 160);
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        const clip = () => page.$eval(".after", (layer) => (layer as HTMLElement).style.clipPath);
        const transforms = () =>
          page.$$eval(".layer canvas", (all) => all.map((canvas) => (canvas as HTMLElement).style.transform));
        assertEquals(await clip(), "inset(0px 0px 0px 50%)");

        const box = (await page.locator("#stage").boundingBox())!;
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps: 4 });
        await page.mouse.up();
        assertEquals(await clip(), "inset(0px 0px 0px 25%)");
        await page.focus("#split");
        await page.keyboard.press("ArrowRight");
        assertEquals(await clip(), "inset(0px 0px 0px 26%)");
        assertEquals(await page.getAttribute("#split", "aria-valuetext"), "26 % before, 74 % after");

        const fitted = await transforms();
        await page.mouse.move(box.x + 100, box.y + 100);
        await page.mouse.wheel(0, -900);
        await page.waitForFunction(
          (old) => document.querySelector<HTMLElement>(".layer canvas")!.style.transform !== old,
          fitted[0],
        );
        const zoomed = await transforms();
        assertEquals(zoomed[0], zoomed[1]);
        await page.focus("#stage");
        await page.keyboard.press("ArrowRight");
        const moved = await transforms();
        assert(moved[0] !== zoomed[0] && moved[0] === moved[1]);
        // A drag moves the photo now, not the divider.
        await page.mouse.move(box.x + 500, box.y + 200);
        await page.mouse.down();
        await page.mouse.move(box.x + 470, box.y + 190, { steps: 3 });
        await page.mouse.up();
        assert((await transforms())[0] !== moved[0]);
        assertEquals(await clip(), "inset(0px 0px 0px 26%)");
        await page.keyboard.press("0");
        assertEquals(await transforms(), fitted);
        await page.keyboard.press("1");
        assertEquals(await page.textContent("#zoom-level"), "100 %");
      });
    });
  },
);

chromiumTest(
  "a photo that is cancelled stops, one that is no photo and a damaged model are said so",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/large.png`, 430, 900, 700);
      await Deno.writeTextFile(`${dir}/not.png`, "not a picture");
      await Deno.mkdir(`${dir}/elsewhere`);
      await Deno.writeTextFile(`${dir}/elsewhere/bad.safetensors`, "not a model");
      await withPage(await launch(true), dir, async ({ page }) => {
        await page.setInputFiles("#file-input", `${dir}/not.png`);
        await page.waitForFunction(() =>
          /not\.png is no picture/.test(document.getElementById("banner")!.textContent!)
        );
        await page.setInputFiles("#file-input", `${dir}/large.png`);
        await page.waitForFunction(() => /^Tile/.test(document.getElementById("status-text")!.textContent!));
        await page.click("#cancel");
        await page.waitForFunction(() => document.getElementById("status-text")!.textContent === "Cancelled");
        assert(await page.isDisabled("#download"));
        assertEquals(await page.textContent("#live"), "large.png: Cancelled");
        await page.setInputFiles("#model-input", `${dir}/elsewhere/bad.safetensors`);
        await page.waitForFunction(() => document.getElementById("status-text")!.classList.contains("error"));
        assertMatch((await page.textContent("#status-text"))!, /bad\.safetensors/);
        // The worker is still there for the next one.
        await page.selectOption("#model", { index: 0 });
        await page.waitForFunction(() => /^Tile/.test(document.getElementById("status-text")!.textContent!));
      });
    });
  },
);
