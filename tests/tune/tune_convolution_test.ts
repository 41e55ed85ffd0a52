import { assert, assertEquals, assertMatch } from "../assert.ts";
import { findAdapter } from "../../src/gpu/adapter.ts";
import { Gpu } from "../../src/gpu/device.ts";
import { GpuError } from "../../src/gpu/errors.ts";
import type { Tensor } from "../../src/gpu/tensor.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { add } from "../../src/ops/add.ts";
import { conv2d } from "../../src/ops/conv2d.ts";
import { CONV_ROLES, variantCandidates } from "../../src/ops/conv2d_variant.ts";
import { type TuningTask, tuningTasks } from "../../src/tune/conv_layers.ts";
import { tuneConvolution } from "../../src/tune/tune_convolution.ts";
import { halfGpu } from "../gpu/half.ts";
import { testGpu } from "../gpu/shared.ts";

const TASKS = tuningTasks(unetTopology({ base: 8, depth: 1, blocks: 1 }), {
  ...{ batch: 2, height: 12, width: 20, training: true },
});
/** The decoder's convolution, which reads an upsampled input and a skip connection. */
const JOINED = TASKS.filter(({ sources }) => sources.length === 2);

function taskOf(role: TuningTask["role"]): TuningTask {
  return JOINED.find((task) => task.role === role)!;
}

for (const role of CONV_ROLES) {
  Deno.test(`tuneConvolution() gives one of the versions that can run a layer, of its ${role}`, async () => {
    const gpu = await testGpu();
    const before = gpu.stats().liveBytes;
    const dropped: string[] = [];
    const task = taskOf(role);
    const found = (await tuneConvolution(gpu, task, { onDropped: (line) => dropped.push(line) }))!;
    assertEquals(dropped, []);
    const candidates: readonly string[] = variantCandidates(gpu.adapter, task.layer, role);
    assert(candidates.includes(found.variant), found.variant);
    assert(found.variant in found.milliseconds);
    for (const [name, time] of Object.entries(found.milliseconds)) {
      assert(candidates.includes(name) && time > 0 && time < 60_000, `${name} ${time}`);
    }
    assertEquals(gpu.stats().liveBytes, before);
  });
}

Deno.test({
  name: "tuneConvolution() measures the versions over f16, with those of them that multiply in f16",
  ignore: !await halfGpu(),
  async fn() {
    const tasks = tuningTasks(unetTopology({ base: 8, depth: 1, blocks: 1 }), {
      ...{ batch: 1, height: 12, width: 20, training: false, half: true },
    });
    assertEquals(new Set(tasks.map(({ sources }) => sources.map(({ half }) => half).join())).size, 3);
    for (const task of tasks) {
      const dropped: string[] = [];
      const found = (await tuneConvolution(await testGpu(), task, {
        ...{ candidates: ["naive", "gemm", "gemm_f16"], patience: Infinity },
        onDropped: (line) => dropped.push(line),
      }))!;
      assertEquals([task.key.endsWith(" f16"), dropped], [true, []]);
      assert("gemm_f16" in found.milliseconds, JSON.stringify(found));
    }
  },
});

/** conv2d, but the versions that `wrong` names read twice what they should. */
function faulty(wrong: (variant: string, height: number) => boolean): typeof conv2d {
  return (rec, sources, parameters, options, more) => {
    const doubled = (x: Tensor) => add(rec, x, x, `${x.name} twice`);
    const height = Math.max(
      ...sources.map((source) => ("upsampled" in source ? source.upsampled : source).shape[1]),
    );
    const read = wrong(more!.variant!, height)
      ? sources.map((source) =>
        "upsampled" in source ? { upsampled: doubled(source.upsampled) } : doubled(source)
      )
      : sources;
    return conv2d(rec, read, parameters, options, more);
  };
}

Deno.test("tuneConvolution() drops versions whose results are wrong, and says so", async () => {
  const gpu = await testGpu();
  for (const role of CONV_ROLES) {
    const dropped: string[] = [];
    const task = taskOf(role);
    const record = faulty((variant) => variant !== "naive");
    const found = await tuneConvolution(gpu, task, { record, onDropped: (line) => dropped.push(line) });
    assertEquals([found?.variant, Object.keys(found!.milliseconds)], ["naive", ["naive"]], role);
    assertEquals(dropped.length, variantCandidates(gpu.adapter, task.layer, role).length - 1);
    for (const line of dropped) {
      assertMatch(
        line,
        /^\S+ is not used for [a-z-]+ 2×12×20 .*: its results are wrong on this driver \(off by \S+ of the largest value\)$/,
      );
    }
  }
});

Deno.test("tuneConvolution() drops a version that is wrong at full size alone, whichever comes first", async () => {
  const gpu = await testGpu();
  const [task] = tuningTasks(unetTopology({ base: 4, depth: 0, blocks: 1 }), {
    ...{ batch: 1, height: 40, width: 24, training: false },
  });
  for (const bad of ["tile8", "tile8x4"]) {
    const dropped: string[] = [];
    const record = faulty((variant, height) => variant === bad && height === 40);
    const found = await tuneConvolution(gpu, task, {
      ...{ record, onDropped: (line: string) => dropped.push(line) },
      ...{ candidates: ["naive", "tile8", "tile8x4"], patience: Infinity },
    });
    assert(found!.variant !== bad && !(bad in found!.milliseconds));
    assertEquals(dropped.length, 1);
    assertMatch(dropped[0], new RegExp(`^${bad} is not used for forward 1×40×24 .*wrong on this driver`));
  }
});

Deno.test("tuneConvolution() goes on without a version that cannot be built", async () => {
  const dropped: string[] = [];
  const found = await tuneConvolution(await testGpu(), taskOf("forward"), {
    onDropped: (line) => dropped.push(line),
    record: (rec, sources, parameters, options, more) => {
      if (more?.variant === "tile8") throw new GpuError("Cannot compile it");
      return conv2d(rec, sources, parameters, options, more);
    },
  });
  assert(found!.variant !== "tile8");
  assertEquals(dropped.map((line) => line.replace(/ for .*:/, ":")), [
    "tile8 is not used: Cannot compile it",
  ]);
});

Deno.test("tuneConvolution() takes the naive version where the others fail at full size, however slow it is", async () => {
  const [task] = tuningTasks(unetTopology({ base: 4, depth: 0, blocks: 1 }), {
    ...{ batch: 1, height: 40, width: 24, training: false },
  });
  const dropped: string[] = [];
  const found = await tuneConvolution(await testGpu(), task, {
    candidates: ["tile8"],
    onDropped: (line) => dropped.push(line),
    record: (rec, sources, parameters, options, more) => {
      if (more?.variant === "naive") {
        // Slow enough to be given up at the small size.
        for (let i = 0; i < 100; i++) conv2d(rec, sources, parameters, options, more);
      } else if (task.layer.height === rec.inputs.get("x0")!.shape[1]) {
        throw new GpuError("Cannot compile it");
      }
      return conv2d(rec, sources, parameters, options, more);
    },
  });
  assertEquals([found?.variant, Object.keys(found!.milliseconds)], ["naive", ["naive"]]);
  assertEquals(dropped.map((line) => line.replace(/ for .*:/, ":")), [
    "tile8 is not used: Cannot compile it",
  ]);
});

Deno.test("tuneConvolution() measures by the wall clock where the adapter has no timestamps", async () => {
  const { adapter, summary } = (await findAdapter())!;
  using gpu = new Gpu(await adapter.requestDevice(), summary);
  const found = await tuneConvolution(gpu, taskOf("weight-gradient"));
  assert(Object.values(found!.milliseconds).every((time) => time > 0));
});

Deno.test("tuneConvolution() has nothing to choose where the naive version alone can run a layer", async () => {
  assertEquals(
    await tuneConvolution(await testGpu(), taskOf("forward"), { candidates: ["naive"] }),
    undefined,
  );
});
