import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "./assert.ts";

const folder = new URL("../examples/", import.meta.url);
const root = fileURLToPath(new URL("../", import.meta.url));
const at = (path: string) => `${root}${path}`;

/** Arguments of each example, given a folder to write to, and what it must print. */
const examples: Record<string, [args: (out: string) => string[], output: RegExp]> = {
  "enhance_file.ts": [(out) => [at("samples/damaged/raccoon.jpg"), `${out}/better.png`], /^Using the /],
  "enhance_pixels.ts": [() => [], /^tile 1 of 1\ntrue 255\n$/],
  "measure.ts": [
    () => [at("samples/clean/temple.jpg")],
    /^noisy 2[01]\.\d+ dB, SSIM 0\.\d+; restored 2[3-9]\.\d+ dB/,
  ],
  "train_on_folder.ts": [
    (out) => [at("samples/clean"), `${out}/run`, "2"],
    /^step 2: loss 0\.\d+\n.*model\.safetensors, \d+\.\d+ dB/,
  ],
  "train_step_by_step.ts": [() => [], /^step 20: loss \S+\nstep 40: loss \S+\n$/],
  "onnx.ts": [(out) => ["photo", `${out}/photo.onnx`], /^1×3×45×31\n$/],
};

Deno.test("every example is listed in examples/README.md and run here", async () => {
  const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assertEquals(files.filter((name) => name !== "README.md").sort(), Object.keys(examples).sort());
  const text = await Deno.readTextFile(new URL("README.md", folder));
  for (const name of Object.keys(examples)) assert(text.includes(`[${name}](${name})`), name);
});

for (const [name, [args, output]] of Object.entries(examples)) {
  Deno.test(`examples/${name} runs`, async () => {
    const out = await Deno.makeTempDir();
    try {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", fileURLToPath(new URL(name, folder)), ...args(out)],
        cwd: root,
        env: { NO_COLOR: "1" },
      }).output();
      const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertEquals(code, 0, errors);
      assert(output.test(text), text);
      const losses = [...text.matchAll(/loss (\S+)/g)].map(([, loss]) => Number(loss));
      assert(losses.length < 2 || losses[1] < losses[0], text);
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  });
}
