import { fileURLToPath } from "node:url";
import { bundleForBrowser } from "../../tools/bundle_page.ts";
import { assert, assertAllClose } from "../assert.ts";
import { sumToleranceBetween } from "../tolerance.ts";
import { chromiumTest } from "./browser.ts";
import { type Numbers, numbers, TOPOLOGIES } from "./numbers.ts";

chromiumTest(
  "the shaders give the same numbers in Chromium as in Deno: forward, loss, gradients, Adam",
  async (launch) => {
    const [script] = (await bundleForBrowser([fileURLToPath(new URL("numbers.ts", import.meta.url))]))
      .values();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) =>
        new URL(request.url).pathname === "/numbers.js"
          ? new Response(script, { headers: { "content-type": "text/javascript" } })
          : new Response('<!doctype html><script type="module" src="numbers.js"></script>', {
            headers: { "content-type": "text/html" },
          }),
    );
    const page = await (await launch(true)).newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await page.waitForFunction(() => "numbers" in globalThis);
    for (const [index, options] of TOPOLOGIES.entries()) {
      const seed = 470 + index;
      const here = await numbers(options, seed);
      const there: Numbers = await page.evaluate(
        ([options, seed]) =>
          (globalThis as unknown as { numbers: (...args: unknown[]) => Promise<Numbers> }).numbers(
            options,
            seed,
          ),
        [options, seed] as const,
      );
      // Sums of up to 3·3·32 products, through a handful of layers.
      const tolerance = 4 * sumToleranceBetween(3 * 3 * 32);
      assertAllClose(there.restored, here.restored, tolerance, "the network's output");
      assertAllClose(there.losses, here.losses, 10 * tolerance, "losses and gradient norms");
      assert(Math.abs(here.losses[0]) > 1e-3);
      // Adam turns the tiniest gradients into whole steps of either sign: single weights may differ, the mean may not.
      const difference = there.weights.reduce((sum, value, i) => sum + Math.abs(value - here.weights[i]), 0);
      assert(
        difference / here.weights.length < 1e-5,
        `weights differ by ${difference / here.weights.length} in the mean`,
      );
    }
  },
);
