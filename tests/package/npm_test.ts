import { dirname, join } from "node:path";
import { VERSION } from "../../src/cli/version.ts";
import { packForNpm } from "../../tools/pack_npm.ts";
import { assert, assertEquals } from "../assert.ts";
import { testPixels, writeTestPhoto } from "../data/photos.ts";

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

/** Runs with a fresh folder whose node_modules hold the package, and others that Deno puts there from its cache. */
async function withPackage(
  others: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "clairnet npm " });
  try {
    const description = { type: "module", dependencies: others };
    await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(description));
    const installed = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--quiet", "--node-modules-dir=auto", "--no-lock"],
      cwd: folder,
    }).output();
    assertEquals(installed.code, 0, new TextDecoder().decode(installed.stderr));
    for (const [path, bytes] of await packForNpm()) {
      const file = join(folder, "node_modules/@clairnet/clairnet", path);
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeFile(file, bytes);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("packForNpm() makes an npm package whose commands do what theirs do: a folder of photos, a training", async () => {
  const { dependencies } = JSON.parse(new TextDecoder().decode((await packForNpm()).get("package.json")));
  await withPackage(dependencies, async (folder) => {
    for (let i = 0; i < 3; i++) {
      await writeTestPhoto(join(folder, `photos/${i}.png`), 40, 30, testPixels(40, 30, 70 + i));
    }
    const cli = join(folder, "node_modules/@clairnet/clairnet/cli.js");
    for (
      const [made, ...args] of [
        ["better/2.png", "enhance", "photos", "-o", "better", "--model", "fast", "--device", "cpu"],
        [
          ...[
            "run/model.safetensors",
            "train",
            "--data",
            "photos",
            "--out",
            "run",
            "--degrade",
            "gaussian:25",
          ],
          ...["--model-config", "base=4,depth=1,blocks=1", "--steps", "2", "--batch", "1", "--patch", "16"],
        ],
      ]
    ) {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-lock", cli, ...args],
        cwd: folder,
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      assert((await Deno.stat(join(folder, made))).isFile);
    }
    // What Node runs of the part with native code: photo files and the network on the CPU.
    if (!await hasNode()) return;
    await Deno.writeTextFile(join(folder, "native.mjs"), NATIVE_PROGRAM);
    const { code, out, err } = await node(folder, "native.mjs", join(folder, "photos/0.png"));
    assertEquals([code, out.trim()], [0, "40×30"], err);
  });
});

const NATIVE_PROGRAM = `
  import { readFile } from "node:fs/promises";
  import { Enhancer } from "@clairnet/clairnet";
  import { cpuNetwork, decodePhoto, encodePhoto } from "@clairnet/clairnet/native";
  const enhancer = await Enhancer.create({ model: "fast", device: "cpu", cpu: cpuNetwork });
  const better = await enhancer.enhance(await decodePhoto(await readFile(process.argv[2])));
  const { width, height } = await decodePhoto(await encodePhoto(better, { format: "webp" }));
  console.log(width + "×" + height);
  process.exit(0);
`;

async function node(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command("node", { args, cwd: folder }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

Deno.test({
  name: "packForNpm() makes an npm package that Node runs, shipped weights included",
  ignore: !await hasNode(),
  fn: () =>
    withPackage({}, async (folder) => {
      const description = JSON.parse(
        await Deno.readTextFile(join(folder, "node_modules/@clairnet/clairnet/package.json")),
      );
      assertEquals([description.version, description.engines], [VERSION, { node: ">=20" }]);
      await Deno.writeTextFile(join(folder, "app.mjs"), PROGRAM);
      const { code, out, err } = await node(folder, "app.mjs");
      assertEquals(code, 0, err);
      const facts = JSON.parse(out);
      assert(facts.noisy > 19 && facts.noisy < 22, `${facts.noisy} dB`);
      assertEquals(facts, {
        ...facts,
        name: "photo",
        same: true,
        mean: facts.noisy,
        negative: true,
        noGpu: "UserError",
      });
    }),
});

const TYPED_WITH = { typescript: "5.9.3", "@webgpu/types": "0.1.74", "@types/node": "22.20.5" };

/** Uses the types of both entry points, WebGPU's among them; the last lines must not compile. */
const TYPED_PROGRAM = `
  import { Enhancer, freshModel, type Gpu, openGpu, psnr, Trainer } from "@clairnet/clairnet";
  import { cpuNetwork, decodePhoto, type Photo } from "@clairnet/clairnet/native";
  const enhancer = await Enhancer.create({ model: freshModel({ base: 4, depth: 1 }), cpu: cpuNetwork });
  const picture = { width: 2, height: 2, data: new Uint8Array(12) };
  const better: Uint8Array = (await enhancer.enhance(picture)).data;
  const photo: Photo = await enhancer.enhance(await decodePhoto(better));
  const gpu: Gpu = await openGpu();
  const device: GPUDevice = gpu.device;
  const limit: number = device.limits.maxBufferSize;
  const trainer: Trainer = await Trainer.create(gpu, { topology: enhancer.model.topology, batch: 1, patch: 16, loss: "l1" });
  console.log(psnr(picture, picture), photo.width, limit, trainer);
  const wrong: string = gpu.device.limits.maxBufferSize;
  const unknown: number = psnr(picture);
`;

Deno.test({
  name:
    "the npm package brings its types, and WebGPU's, to a strict TypeScript program, with the DOM's types and without",
  ignore: !await hasNode(),
  fn: () =>
    withPackage(TYPED_WITH, async (folder) => {
      await Deno.writeTextFile(join(folder, "app.ts"), TYPED_PROGRAM);
      const common = ["--strict", "--noEmit", "--target", "es2023", "--module", "nodenext", "app.ts"];
      for (
        const [options, what] of [
          // What WebGPU's types say of pictures and events needs the DOM's, which only a check of libraries misses.
          [["--lib", "es2023,esnext.disposable", "--types", "node", "--skipLibCheck"], "on Node"],
          [["--lib", "es2023,esnext.disposable,dom"], "in a browser"],
        ] as const
      ) {
        const { out } = await node(folder, "node_modules/typescript/bin/tsc", ...common, ...options);
        const errors = [...out.matchAll(/^(\S+?)\(.*?error TS(\d+)/gm)].map(([, file, code]) =>
          `${file} ${code}`
        );
        assertEquals(errors, ["app.ts 2322", "app.ts 2554"], `${what}:\n${out}`);
      }
    }),
});
