import { Buffer } from "node:buffer";
import type { Page } from "npm:playwright-core@1.65.1";
import sharp from "sharp";
import { Random } from "../../src/base/random.ts";
import { cpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { enlargeBicubic } from "../../src/enhance/enlarge.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import { psnr } from "../../src/evaluate/metrics.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import type { Photo } from "../../src/image/photo.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { type Model, modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { pixelsOf, writePhoto } from "../cli/folder.ts";
import { withFolder } from "../data/photos.ts";
import { chromiumTest, restored, saved, withPage } from "./browser.ts";

/** A tiny network that changes every photo, stored as a model file. */
async function store(path: string, seed: number, scale: 1 | 2): Promise<Model> {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1, scale });
  const parameters = heInitialise(topology, seed);
  const random = new Random(seed);
  parameters.set("out.bias", Float32Array.from({ length: 3 * scale ** 2 }, () => random.between(-0.2, 0.2)));
  const model = { topology, parameters, info: modelInfo({ name: "tiny", steps: 10 }) };
  await saveModel(path, model);
  return model;
}

async function models(dir: string) {
  await Deno.mkdir(`${dir}/shipped`);
  return {
    folder: `${dir}/shipped`,
    photo: await store(`${dir}/shipped/photo.safetensors`, 501, 1),
    upscaler: await store(`${dir}/shipped/upscale2x.safetensors`, 502, 2),
    own: await store(`${dir}/own.safetensors`, 503, 2),
  };
}

/** As Deno makes it with the same shaders. */
async function expected(photo: Photo, chain: readonly Model[], strength = 1): Promise<Photo> {
  using gpu = await openGpu();
  const networks = chain.map(({ topology, parameters }) => new GpuNetwork(gpu, topology, parameters));
  try {
    return await enhancePhoto(photo, networks, { strength });
  } finally {
    for (const network of networks) network[Symbol.dispose]();
  }
}

function assertNear(actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assertEquals(actual.length, wanted.length, what);
  const worst = Array.from(actual).reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
  assert(worst <= 1, `${what}: ${worst} of 255 apart`);
}

const options = (page: Page, id: string) =>
  page.$$eval(`#${id} option`, (all) => all.map((each) => (each as HTMLOptionElement).value));

/** What the page shows left of the divider, RGBA. */
const shownBefore = (page: Page) =>
  page.$eval(".before canvas:last-child", (element) => {
    const canvas = element as HTMLCanvasElement;
    return [...canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data];
  });

const opaque = (rgba: readonly number[]) => rgba.filter((_, i) => i % 4 !== 3);

chromiumTest(
  "the page enlarges on WebGPU by the models that `enhance --scale` takes, to the same pixels, beside the bicubic enlargement",
  async (launch) => {
    await withFolder(async (dir) => {
      const { folder, photo, upscaler, own } = await models(dir);
      await writePhoto(`${dir}/photo.png`, 504, 190, 70);
      await writePhoto(`${dir}/original.png`, 505, 380, 140);
      const source = await decodePhoto(await Deno.readFile(`${dir}/photo.png`));
      await withPage(await launch(true), folder, async ({ page }) => {
        const result = async () => {
          await restored(page);
          return await pixelsOf((await saved(page, "#download")).bytes);
        };
        assertEquals(await options(page, "scale"), ["1", "2", "4"]);
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
        assertEquals(await page.textContent(".tag.left"), "Before");

        // The photo model restores, the other enlarges what it gives.
        await page.selectOption("#scale", "2");
        assertMatch((await page.textContent("#model-note"))!, /; then upscale2x$/);
        const both = await result();
        assertEquals([both.width, both.height], [380, 140]);
        assertEquals((await saved(page, "#download")).name, "photo-enhanced-2x.png");
        assertNear(both.rgb, (await expected(source, [photo, upscaler])).rgb, "photo, then upscale2x");
        assertEquals(await page.textContent("#photo-facts"), "190 × 70 → 380 × 140 pixels");
        assertEquals(await page.textContent(".tag.left"), "Bicubic");
        const plain = enlargeBicubic(source, 2);
        assertNear(opaque(await shownBefore(page)), plain.rgb, "left of the divider");

        // The one that enlarges alone, and a gentler hand.
        await page.selectOption("#model", { label: "Enlarge only, ×2 (upscale2x)" });
        assertEquals(await options(page, "scale"), ["2", "4"]);
        const alone = await result();
        assertNear(alone.rgb, (await expected(source, [upscaler])).rgb, "upscale2x");
        await page.fill("#strength", "40");
        const gentle = await result();
        assertNear(gentle.rgb, (await expected(source, [upscaler], 0.4)).rgb, "upscale2x at 40 %");

        // The original is as large as the result; both are measured against it.
        await page.setInputFiles("#reference-input", `${dir}/original.png`);
        await page.waitForSelector("#psnr:not([hidden])");
        const original = (await pixelsOf(`${dir}/original.png`)).rgb;
        const figure = async (id: string) => parseFloat((await page.textContent(id))!);
        assertEquals(await page.textContent("#psnr-before-label"), "Bicubic");
        assert(Math.abs(await figure("#psnr-before") - psnr(plain.rgb as Uint8Array, original)) < 0.006);
        assert(Math.abs(await figure("#psnr-after") - psnr(gentle.rgb, original)) < 0.006);
        await page.fill("#strength", "100");

        // A model of one's own that enlarges says so itself, and goes twice for ×4.
        await page.click("#clear");
        await writePhoto(`${dir}/small.png`, 506, 41, 30);
        await page.setInputFiles("#model-input", `${dir}/own.safetensors`);
        await page.waitForFunction(() => document.querySelectorAll("#model option").length === 4);
        assertEquals(await page.inputValue("#scale"), "2");
        await page.setInputFiles("#file-input", `${dir}/small.png`);
        await page.selectOption("#scale", "4");
        const twice = await result();
        assertEquals([twice.width, twice.height], [164, 120]);
        const small = await decodePhoto(await Deno.readFile(`${dir}/small.png`));
        assertNear(twice.rgb, (await expected(small, [own, own])).rgb, "own, twice");
        assertNear(opaque(await shownBefore(page)), enlargeBicubic(small, 4).rgb, "left of the divider, ×4");
      });
    });
  },
);

chromiumTest("without WebGPU the page enlarges through onnxruntime-web, opacity too", async (launch) => {
  await withFolder(async (dir) => {
    const { folder, photo, upscaler } = await models(dir);
    await writePhoto(`${dir}/opaque.png`, 507, 60, 44);
    // Left half opaque, right half seen by a half.
    const alpha = new Uint8Array(60 * 44).map((_, i) => i % 60 < 30 ? 255 : 128);
    await sharp(`${dir}/opaque.png`).joinChannel(Buffer.from(alpha), {
      raw: { width: 60, height: 44, channels: 1 },
    })
      .toFile(`${dir}/photo.png`);
    const source = await decodePhoto(await Deno.readFile(`${dir}/photo.png`));
    await withPage(await launch(false), folder, async ({ page }) => {
      await page.setInputFiles("#file-input", `${dir}/photo.png`);
      await page.selectOption("#scale", "2");
      await restored(page);
      const networks = [await cpuNetwork(photo), await cpuNetwork(upscaler)];
      const wanted = await enhancePhoto(source, networks);
      for (const network of networks) network[Symbol.dispose]();
      const { data } = await sharp((await saved(page, "#download")).bytes).raw().toBuffer({
        resolveWithObject: true,
      });
      assertEquals(data.length, 4 * 120 * 88);
      assertNear(data.filter((_, i) => i % 4 === 3), wanted.alpha!, "opacity");
      // A canvas keeps the colours of what is half seen a little less exactly.
      const shown = (_: number, i: number) => wanted.alpha![Math.floor(i / 3)] === 255;
      const colours = data.filter((_, i) => i % 4 !== 3);
      assertNear(colours.filter(shown), wanted.rgb.filter(shown), "colours");
    });
  });
});
