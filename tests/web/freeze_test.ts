/** The page never freezes: what takes long is done in workers. */
/// <reference lib="dom" />
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assert } from "../assert.ts";
import { withModel, writePhoto } from "../cli/folder.ts";
import { chromiumTest, type OpenedPage, restored, withPage } from "./browser.ts";

/** Most of the work's time for which the page may stand still at a stretch; a busy machine takes the processor away from it as well. */
const MOST = 0.25;

interface Stillness {
  /** Longest time between two turns of the page's event loop, milliseconds. */
  readonly longest: number;
  /** All of the work, milliseconds. */
  readonly total: number;
}

/** Watches the page's own thread while it is given some work. */
async function stillness(page: OpenedPage["page"], work: () => Promise<void>): Promise<Stillness> {
  await page.evaluate(() => {
    const start = performance.now();
    const watch = { start, last: start, longest: 0 };
    const tick = () => {
      const now = performance.now();
      watch.longest = Math.max(watch.longest, now - watch.last);
      watch.last = now;
      setTimeout(tick, 4);
    };
    tick();
    Object.assign(globalThis, { watch });
  });
  await work();
  return await page.evaluate(() => {
    const { start, longest } = (globalThis as unknown as { watch: { start: number; longest: number } }).watch;
    return { longest, total: performance.now() - start };
  });
}

function requireFluent(what: string, { longest, total }: Stillness): void {
  assert(longest < MOST * total, `${what}: still for ${longest.toFixed(0)} of ${total.toFixed(0)} ms`);
}

/** Replaces the folder's model by one with which a single tile takes long. */
async function withSlowModel(run: (dir: string) => Promise<void>): Promise<void> {
  await withModel(async (dir, model) => {
    const topology = unetTopology({ base: 24, depth: 1, blocks: 2, activation: "relu" });
    const info = modelInfo({ name: "slow", data: "nothing", license: "CC0-1.0" });
    await saveModel(model, { topology, parameters: heInitialise(topology, 460), info });
    await writePhoto(`${dir}/photo.png`, 461, 200, 180);
    await run(dir);
  });
}

chromiumTest(
  "the page does not freeze while a photo is restored on WebGPU, nor while it trains",
  async (launch) => {
    await withModel(async (dir) => {
      await writePhoto(`${dir}/photo.png`, 462, 500, 360);
      await withPage(await launch(true), dir, async ({ page }) => {
        const restoring = await stillness(page, async () => {
          await page.setInputFiles("#file-input", `${dir}/photo.png`);
          await restored(page);
        });
        requireFluent("restoring", restoring);
        await page.click("#tab-train");
        await page.setInputFiles("#files-input", `${dir}/photo.png`);
        await page.selectOption("#preset", "own");
        await page.fill("#recipe", "blur:1,gaussian:20");
        await page.click("summary");
        for (const [id, value] of Object.entries({ steps: 10, batch: 4, patch: 32, base: 4, depth: 1 })) {
          await page.fill(`#${id}`, String(value));
        }
        const training = await stillness(page, async () => {
          await page.click("#start");
          await page.waitForSelector("#train-result:not([hidden])");
        });
        requireFluent("training", training);
      });
    });
  },
);

chromiumTest("the page does not freeze while a photo is restored on the CPU", async (launch) => {
  await withSlowModel(async (dir) => {
    await withPage(await launch(false), dir, async ({ page }) => {
      const restoring = await stillness(page, async () => {
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
      });
      requireFluent("restoring", restoring);
    });
  });
});

chromiumTest("a page that did the work of its worker by itself would be seen to freeze", async (launch) => {
  await withSlowModel(async (dir) => {
    const browser = await launch(false);
    const context = await browser.newContext();
    // In place of a worker its script runs in the page.
    await context.addInitScript(() => {
      class Here extends EventTarget {
        onmessage: ((event: { data: unknown }) => void) | null = null;
        #loaded: Promise<unknown>;
        constructor(script: URL) {
          super();
          Object.assign(globalThis, { postMessage: (data: unknown) => this.onmessage?.({ data }) });
          this.#loaded = import(script.href);
        }
        postMessage(data: unknown): void {
          const scope = globalThis as unknown as { onmessage(event: { data: unknown }): void };
          this.#loaded.then(() => scope.onmessage({ data }));
        }
        terminate(): void {}
      }
      // The threads of the CPU library remain threads.
      const Threads = globalThis.Worker;
      Object.assign(globalThis, {
        Worker: function (script: string | URL, options: WorkerOptions) {
          return /_worker\.js$/.test(String(script))
            ? new Here(new URL(script))
            : new Threads(script, options);
        },
      });
    });
    await withPage(context, dir, async ({ page }) => {
      const { longest, total } = await stillness(page, async () => {
        await page.setInputFiles("#file-input", `${dir}/photo.png`);
        await restored(page);
      });
      assert(longest > MOST * total, `still for ${longest.toFixed(0)} of ${total.toFixed(0)} ms only`);
    });
  });
});
