import { bundleShaders, MODULE_URL, SHADERS_URL } from "../../tools/bundle_shaders.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("shaders.gen.ts is what `deno task shaders` makes of shaders/*.wgsl", async () => {
  const fresh = await bundleShaders(SHADERS_URL);
  assert(
    await Deno.readTextFile(MODULE_URL) === fresh,
    "src/gpu/shaders.gen.ts is stale: run `deno task shaders` and commit it",
  );
});

Deno.test("bundleShaders() sorts the kernels and keeps every character of their source", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const url = new URL(`file://${folder}/`);
    const sources = {
      "b_second": "// `quoted` \\n ${x} $ {\r\n@compute @workgroup_size(1)\nfn main() {}\n",
      "a_first": "const σ = 1.5; // é → ×\n",
    };
    for (const [name, source] of Object.entries(sources)) {
      await Deno.writeTextFile(new URL(`${name}.wgsl`, url), source);
    }
    await Deno.writeTextFile(new URL("notes.md", url), "not a kernel");
    await Deno.writeTextFile(new URL("bundled.ts", url), await bundleShaders(url));
    const { shaders } = await import(new URL("bundled.ts", url).href);
    assertEquals(Object.keys(shaders), ["a_first", "b_second"]);
    assertEquals({ ...shaders }, sources);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bundleShaders() makes a module with no kernels of an empty folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert(
      (await bundleShaders(new URL(`file://${folder}/`))).includes("export const shaders = {\n} as const;"),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
