import { assert, assertEquals } from "../assert.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { unet, unetParameters } from "../../src/nn/unet.ts";
import { isSettled } from "../../src/ops/conv2d_choices.ts";
import { applyChoices } from "../../src/tune/apply_choices.ts";
import { tuningTasks } from "../../src/tune/conv_layers.ts";
import { tuneNetwork } from "../../src/tune/tune_network.ts";
import { testGpu } from "../gpu/shared.ts";

const topology = unetTopology({ base: 8, depth: 0, blocks: 1 });
const SIZE = { batch: 1, height: 8, width: 16, training: false };
const tasks = () => tuningTasks(topology, SIZE);

/** What a plan that is built now runs. */
async function kernels(gpu: Gpu): Promise<string[]> {
  using parameters = unetParameters(gpu, topology);
  const rec = new Recorder({ training: false });
  rec.output("y", unet(rec, rec.input("x", [1, 8, 16, 3]), topology, parameters));
  using plan = await buildPlan(gpu, rec);
  return plan.describe().split("\n").flatMap((line) => /: (conv2d_(?!pack)\w+) /.exec(line)?.[1] ?? []);
}

async function withCache(test: (gpu: Gpu, path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const gpu = await testGpu();
  try {
    await test(gpu, `${dir}/tuning.json`);
  } finally {
    gpu.choices = new Map();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("applyChoices() measures, remembers, and the next plan takes what is remembered", () =>
  withCache(async (gpu, path) => {
    const defaults = await kernels(gpu);
    assert(!defaults.includes("conv2d_naive"), defaults.join());
    const now = await applyChoices(gpu, { mode: "now", tasks, path, seconds: 3600 });
    assertEquals([...now.choices.keys()].sort(), tasks().map(({ key }) => key).sort());
    assertEquals([now.measured!.left, now.path], [0, path]);
    for (const [key, { variant }] of now.choices) {
      assert(isSettled(variant) && gpu.choices.get(key) === variant);
    }

    // Another outcome than the defaults, so that it shows.
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replaceAll(/"variant": "\w+"/g, '"variant": "naive"'));
    gpu.choices = new Map();
    const cached = await applyChoices(gpu, { mode: "cache", tasks: () => [], path });
    assertEquals([cached.choices.size, cached.measured], [tasks().length, undefined]);
    assertEquals(await kernels(gpu), tasks().map(() => "conv2d_naive"));

    await applyChoices(gpu, { mode: "off", tasks, path });
    assertEquals([gpu.choices.size, await kernels(gpu)], [0, defaults]);
  }));

Deno.test("applyChoices() goes on with the defaults where the file is damaged, and says so once", () =>
  withCache(async (gpu, path) => {
    const defaults = await kernels(gpu);
    await Deno.writeTextFile(path, "{");
    const lines: string[] = [];
    const onNotice = (line: string) => lines.push(line);
    const applied = await applyChoices(gpu, { mode: "cache", tasks, path, onNotice });
    assertEquals([applied.choices.size, lines.length, await kernels(gpu)], [0, 1, defaults]);
    await applyChoices(gpu, { mode: "off", tasks, path, onNotice });
    assertEquals(lines.length, 1);
  }));

Deno.test("tuneNetwork() begins no layer when its time is over, or when it is stopped", async () => {
  const gpu = await testGpu();
  const all = tasks();
  assertEquals(await tuneNetwork(gpu, all, { seconds: 0 }), { choices: new Map(), left: all.length });
  const stop = new AbortController();
  const done: number[] = [];
  const { choices, left } = await tuneNetwork(gpu, all, {
    signal: stop.signal,
    onProgress: (count, total) => {
      done.push(count);
      assertEquals(total, all.length);
      stop.abort();
    },
  });
  assertEquals([choices.size, left, done], [1, all.length - 1, [1]]);
});
