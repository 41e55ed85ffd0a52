/**
 * `deno task web [--out DIR]`: bundles the page's scripts (web/app, web/worker and the parts of src that they import) into web/dist.
 * The bundles are checked in, because `clairnet serve` must work from the published package, where there is nothing to bundle
 * with; tests/web/fresh_test.ts fails when they are stale. With --out it then writes the whole page to that folder.
 */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
// Not in deno.json: Deno would fetch it for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import * as esbuild from "npm:esbuild@0.28.2";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { exportSite } from "../src/serve/export_site.ts";
import { pageSite } from "../src/serve/site.ts";
import { readArguments } from "./arguments.ts";

/** The scripts that a page or a worker starts with. */
const ENTRIES = ["app/app.ts", "worker/gpu_worker.ts", "worker/cpu_worker.ts", "worker/train_worker.ts"];
const WEB = new URL("../web/", import.meta.url);
const DIST = new URL("dist/", WEB);

/**
 * Bundles TypeScript modules for a browser, each into one script.
 * @returns scripts by file name (`app/app.ts` gives `app.js`).
 * @throws {Error} where a module does not bundle, e.g. because it imports native code.
 */
export async function bundleForBrowser(modules: readonly string[]): Promise<Map<string, string>> {
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [...modules],
      outdir: "out",
      entryNames: "[name]",
      bundle: true,
      write: false,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
    });
    return new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  } finally {
    await esbuild.stop();
  }
}

/** The page's scripts, made anew. */
export async function bundlePage(): Promise<Map<string, string>> {
  return await bundleForBrowser(ENTRIES.map((entry) => fileURLToPath(new URL(entry, WEB))));
}

if (import.meta.main) {
  const { values } = readArguments("deno task web [--out FOLDER]", { options: { out: { type: "string" } } });
  await Deno.mkdir(DIST, { recursive: true });
  for (const [name, text] of await bundlePage()) {
    await writeFileAtomically(fileURLToPath(new URL(name, DIST)), new TextEncoder().encode(text));
    console.log(`web/dist/${name}  ${(text.length / 1024).toFixed(0)} KB`);
  }
  if (values.out) {
    const written = await exportSite(await pageSite(), values.out, { overwrite: true });
    console.log(`${written.length} files written to ${values.out}`);
  }
}
