import { bundlePage } from "../../tools/bundle_page.ts";
import { BUILT_FILES } from "../../src/serve/site.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test({
  name: "web/dist is what `deno task web` makes of web and src, and has no native code in it",
  // esbuild is a process of its own, which outlives its last answer by a moment.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const fresh = await bundlePage();
    assertEquals([...fresh.keys()].sort(), [...BUILT_FILES].sort());
    for (const [name, text] of fresh) {
      const stored = await Deno.readTextFile(new URL(`../../web/dist/${name}`, import.meta.url));
      assert(stored === text, `web/dist/${name} is stale: run \`deno task web\` and commit it`);
      assert(
        !/(?:import|from|require)\(?["'`](sharp|onnxruntime-node|node:)/.test(text),
        `${name} mentions native code`,
      );
    }
  },
});
