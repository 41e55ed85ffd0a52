import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseTarGzip } from "npm:nanotar@0.3.0";
import { VERSION } from "../../src/cli/version.ts";
import { assert, assertEquals } from "../assert.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Whether Node is here, 20 or newer. */
async function hasNode(): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
    return Number(new TextDecoder().decode(stdout).match(/^v(\d+)/)?.[1]) >= 20;
  } catch {
    return false;
  }
}

/** What an application may do without a GPU; prints one JSON document. */
const PROGRAM = `
  import { decodeModel, degrade, encodeModel, Enhancer, evaluate, freshModel, loadModel, psnr } from "@clairnet/clairnet";
  const model = await loadModel("photo");
  const again = decodeModel(encodeModel(model), "again");
  const data = Uint8Array.from({ length: 3 * 24 * 20 }, (_, i) => 128 + 100 * Math.sin(i / 50));
  const original = { width: 24, height: 20, data };
  const degraded = await degrade(original, "gaussian:25");
  const cpu = async ({ topology }) => ({
    topology, device: "test", preferredTile: 32, [Symbol.dispose]() {},
    run: async (tile) => tile.map((value) => 1 - value),
  });
  const enhancer = await Enhancer.create({ model: freshModel({ base: 4, depth: 1 }), device: "cpu", cpu });
  const negative = await enhancer.enhance(original);
  const { mean } = await evaluate(enhancer, [{ original, degraded }]);
  const noGpu = await Enhancer.create({ device: "gpu" }).then(() => "", (error) => error.name);
  console.log(JSON.stringify({
    name: model.info.name,
    same: [...model.parameters].every(([key, values]) => again.parameters.get(key).every((value, i) => value === values[i])),
    noisy: psnr(degraded, original),
    mean: mean.degraded.psnr,
    negative: negative.data.every((value, i) => value === 255 - data[i]),
    noGpu,
  }));
`;

Deno.test({
  name: "deno pack makes an npm package that Node runs, shipped weights included",
  ignore: !await hasNode(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "clairnet npm " });
    try {
      const archive = join(folder, "package.tgz");
      const packed = await new Deno.Command(Deno.execPath(), {
        args: ["pack", "--allow-dirty", "--output", archive],
        cwd: root,
      }).output();
      assertEquals(packed.code, 0, new TextDecoder().decode(packed.stderr));
      for (const { name, data } of await parseTarGzip(await Deno.readFile(archive))) {
        const path = join(folder, "node_modules/@clairnet/clairnet", name.replace(/^package\//, ""));
        await Deno.mkdir(dirname(path), { recursive: true });
        if (data) await Deno.writeFile(path, data);
      }
      const description = JSON.parse(
        await Deno.readTextFile(join(folder, "node_modules/@clairnet/clairnet/package.json")),
      );
      assertEquals(description.version, VERSION);
      assert("@webgpu/types" in description.dependencies, "its users need WebGPU's types");

      await Deno.writeTextFile(join(folder, "app.mjs"), PROGRAM);
      const { code, stdout, stderr } = await new Deno.Command("node", { args: ["app.mjs"], cwd: folder })
        .output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      const facts = JSON.parse(new TextDecoder().decode(stdout));
      assert(facts.noisy > 19 && facts.noisy < 22, `${facts.noisy} dB`);
      assertEquals(facts, {
        ...facts,
        name: "photo",
        same: true,
        mean: facts.noisy,
        negative: true,
        noGpu: "UserError",
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
