import { assert, assertEquals } from "../assert.ts";

interface LockFile {
  readonly npm: Readonly<Record<string, unknown>>;
}

async function packagesOf(name: string): Promise<Set<string>> {
  const text = await Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
  // Names as in `@scope/name@1.2.3_peer@4`.
  return new Set(Object.keys((JSON.parse(text) as LockFile).npm).map((key) => /^@?[^@]+/.exec(key)![0]));
}

// Deno fetches all that deno.lock names for whoever runs the command line in a clone.
Deno.test("deno.lock names nothing that only tests, benches and tools need", async () => {
  const [users, developers] = [await packagesOf("deno.lock"), await packagesOf("deno.dev.lock")];
  const own = ["@tensorflow/tfjs", "playwright-core", "esbuild", "axe-core", "ajv", "exifr"];
  for (const name of own) assert(developers.has(name), `deno.dev.lock lacks ${name}`);
  assertEquals(own.filter((name) => users.has(name)), []);
  // 140 MB that `serve` alone fetches, when a page without WebGPU asks for them.
  assert(!users.has("onnxruntime-web"));
});
