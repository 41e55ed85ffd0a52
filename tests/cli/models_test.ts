import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { withModel } from "./folder.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { listModels } from "../../src/nn/models.ts";
import { MODEL_PURPOSES } from "../../src/nn/shipped.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { sizeOf } from "../../src/tensor/shape.ts";

const topology = unetTopology({ base: 4, depth: 1, blocks: 1, activation: "relu" });
const PARAMETERS = unetGraph(topology).parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

Deno.test("models list names each shipped model, one a line, and as JSON", async () => {
  const shipped = await listModels();
  const { code, stdout, stderr } = await runCommand(["models", "list"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(linesOf(stdout).map((line) => line.split(" ")[0]), shipped);
  for (const line of linesOf(stdout)) assertMatch(line, /^[\w-]+ +[a-z][^()]+ \([\d,]+ parameters\)$/);
  for (const [name, purpose] of Object.entries(MODEL_PURPOSES)) {
    assert(linesOf(stdout).some((line) => line.startsWith(name) && line.includes(purpose)), name);
  }
  const json = await runCommand(["models", "list", "--json"]);
  assertEquals([json.code, json.stderr, JSON.parse(json.stdout)], [0, "", shipped]);
});

Deno.test("models info prints what a model file says about itself", async () => {
  await withModel(async (_, model) => {
    const { code, stdout, stderr } = await runCommand(["models", "info", model]);
    assertEquals([code, stderr], [0, ""]);
    const facts = new Map(linesOf(stdout).map((line) => [line.slice(0, 12).trim(), line.slice(12)]));
    assertEquals(Object.fromEntries(facts), {
      name: "tiny",
      topology: "widths 4/8, blocks 1/1 down and 1 up, relu, max-pool, nearest, residual, residual blocks",
      parameters: String(PARAMETERS),
      cost: facts.get("cost"),
      reach: facts.get("reach"),
      recipe: "gaussian:10-20",
      loss: "l1",
      steps: "345",
      seed: "12",
      data: "nothing at all",
      metrics: "held-out psnr 31.25",
      licence: "CC0-1.0",
    });
    assertMatch(facts.get("cost")!, /^\d+\.\d GFLOP a megapixel$/);
    assertMatch(facts.get("reach")!, /^\d+ pixels$/);
  });
});

Deno.test("models info says that a network corrects holes alone, and takes one model", async () => {
  await withModel(async (dir) => {
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1, corrects: "holes", filled: true });
    await saveModel(`${dir}/holes.safetensors`, {
      topology,
      parameters: heInitialise(topology, 1),
      info: modelInfo(),
    });
    const { code, stdout, stderr } = await runCommand(["models", "info", `${dir}/holes.safetensors`]);
    assertEquals(code, 0, stderr);
    assertMatch(
      stdout,
      /^topology +widths .*, residual at holes, sees holes filled, residual blocks$/m,
    );
    const several = await runCommand(["models", "info", "photo+fast"]);
    assertEquals([several.code, several.stdout], [2, ""]);
    assertMatch(several.stderr, /^clairnet: "photo\+fast" names several models, where one is wanted\n$/);
  });
});

Deno.test("models info --json is one document with the same facts", async () => {
  await withModel(async (_, model) => {
    const { code, stdout, stderr } = await runCommand(["models", "info", model, "--json"]);
    assertEquals([code, stderr], [0, ""]);
    const facts = JSON.parse(stdout);
    assertEquals(facts.topology, JSON.parse(JSON.stringify(topology)));
    assertEquals([facts.name, facts.steps, facts.parameters], ["tiny", 345, PARAMETERS]);
    assertEquals(facts.metrics, { "held-out psnr": 31.25 });
  });
});

Deno.test("models info of a missing, damaged or foreign file is one line and exit code 1", async () => {
  await withModel(async (dir, model) => {
    await Deno.writeFile(`${dir}/short.safetensors`, (await Deno.readFile(model)).subarray(0, 900));
    await Deno.writeTextFile(`${dir}/notes.safetensors`, "no weights in here");
    for (const name of ["short", "notes", "missing"]) {
      const { code, stdout, stderr } = await runCommand(["models", "info", `${dir}/${name}.safetensors`]);
      assertEquals([code, stdout, linesOf(stderr).length], [1, "", 1], stderr);
      assertMatch(stderr, new RegExp(`^clairnet: Cannot read .*${name}\\.safetensors`));
    }
  });
});

Deno.test("doctor names runtime, adapter, limits and what auto picks, also where no variable is set", async () => {
  const env = { XDG_RUNTIME_DIR: undefined, DENO_WEBGPU_BACKEND: undefined };
  const { code, stdout, stderr } = await runCommand(["doctor"], { env });
  assertEquals([code, stderr], [0, ""]);
  for (
    const word of [
      "runtime",
      "system",
      "backend",
      "adapter",
      "why",
      "opens",
      "features",
      "limit",
      "auto",
      "models",
    ]
  ) {
    assertMatch(stdout, new RegExp(`^${word} +\\S`, "m"));
  }
  assertMatch(stdout, new RegExp(`^runtime +Deno ${Deno.version.deno.replaceAll(".", "\\.")}`, "m"));

  const json = await runCommand(["doctor", "--json"], { env });
  assertEquals([json.code, json.stderr], [0, ""]);
  const facts = JSON.parse(json.stdout);
  assertEquals(facts.opens, "yes");
  assert(stdout.includes(facts.adapter.name));
  assert(facts.limits.maxBufferSize > 0);
  assertMatch(facts.auto, facts.adapter.software ? /^cpu: / : /^gpu: /);
});

Deno.test({
  name: "doctor without any adapter says so, which drivers there are, and what to do",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const dir = await Deno.makeTempDir();
    const ICD = { library_path: `${dir}/libnothing.so`, api_version: "1.3.9" };
    await Deno.writeTextFile(
      `${dir}/nothing_icd.json`,
      JSON.stringify({ file_format_version: "1.0.0", ICD }),
    );
    // The Vulkan loader then looks nowhere else.
    for (
      const [place, drivers, advice] of [
        [
          "/nonexistent",
          [],
          /^VK_DRIVER_FILES is set to \/nonexistent, where there is no Vulkan driver: unset it$/,
        ],
        [
          dir,
          [{ name: "nothing_icd", api: "1.3.9" }],
          /^none of the drivers finds .*gives a software adapter/,
        ],
        [`${dir}/nothing_icd.json`, [{ name: "nothing_icd", api: "1.3.9" }], /^none of the drivers finds/],
      ] as const
    ) {
      const env = { VK_ICD_FILENAMES: place, VK_DRIVER_FILES: place };
      const { code, stdout } = await runCommand(["doctor", "--json"], { env });
      const facts = JSON.parse(stdout);
      assertEquals([code, facts.adapter, facts.why, facts.opens], [0, null, null, null]);
      assertEquals(facts.drivers, drivers);
      assertMatch(facts.auto, /^cpu: onnxruntime, because there is no WebGPU adapter$/);
      assertMatch(facts.advice, advice);
    }
    await Deno.remove(dir, { recursive: true });
    const env = { VK_ICD_FILENAMES: "/nonexistent", VK_DRIVER_FILES: "/nonexistent" };
    const enhance = await runCommand(["enhance", "x.jpg", "--device", "gpu"], { env });
    assertEquals(enhance.code, 1);
  },
});
