import { assert, assertEquals, assertMatch } from "../assert.ts";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

Deno.test("mod.ts bundles for a browser without anything native, node: or from npm", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", fileURLToPath(new URL("mod.ts", root))],
    cwd: fileURLToPath(root),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const bundle = new TextDecoder().decode(stdout);
  // The right thing was bundled, and the check below looks at it.
  assertMatch(bundle, /\bEnhancer = class\b/);
  assertMatch(bundle, /@compute/);
  const statements = bundle.split("\n").filter((line) =>
    /^\s*(import|export)\b.*\bfrom\b|^\s*import\s*["']/.test(line)
  );
  assertEquals(statements, []);
  // Comments may name libraries; code must not load any.
  assert(!/\b(import|require)\s*\(\s*[`"']/.test(bundle), "something is loaded when it is needed");
  assert(!/\bsharp\(|InferenceSession/.test(bundle), "native code is used");
});
