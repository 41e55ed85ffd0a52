import { assert, assertAllClose, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { add } from "../../src/ops/add.ts";
import { upsample } from "../../src/ops/upsample.ts";
import { normalTensor, normalValues } from "../cases/inputs.ts";
import { upsample as exactUpsample } from "../../src/reference/upsample.ts";
import { testGpu } from "./shared.ts";

const shape = [1, 3, 2, 3] as const;

/** Sums of sums: x + x, doubled again and again, so that values pass through shared buffers. */
function doublings(count: number): Recorder {
  const rec = new Recorder({ training: false });
  let value = rec.input("x", shape);
  for (let i = 0; i < count; i++) value = add(rec, value, value, `double${i}`);
  rec.output("y", value);
  return rec;
}

Deno.test("buildPlan() shares buffers among values that are not alive together", async () => {
  const gpu = await testGpu();
  const before = gpu.stats().liveBytes;
  using few = await buildPlan(gpu, doublings(3));
  using many = await buildPlan(gpu, doublings(12));
  assertEquals(gpu.stats().liveBytes - before, few.bytes + many.bytes);
  // Only the uniforms of nine more steps are added, 256 bytes each.
  assertEquals(many.bytes - few.bytes, 9 * 256);
});

Deno.test("Plan.run() works on what was written last, as often as wanted", async () => {
  using plan = await buildPlan(await testGpu(), doublings(5));
  for (let seed = 1; seed <= 3; seed++) {
    const values = normalValues(18, seed);
    plan.write("x", values);
    plan.run();
    assertAllClose(await plan.read("y"), values.map((value) => value * 32), 0, `run ${seed}`);
  }
});

Deno.test("Plan.read() of several runs may overlap: each gives its own run's values, through buffers that are used again", async () => {
  const gpu = await testGpu();
  using plan = await buildPlan(gpu, doublings(5));
  const inputs = [1, 2, 3].map((seed) => normalValues(18, seed));
  const round = () =>
    Promise.all(inputs.map((values) => {
      plan.write("x", values);
      plan.run();
      return plan.read("y");
    }));
  const first = await round();
  const { liveBytes } = gpu.stats();
  const second = await round();
  for (const found of [first, second]) {
    found.forEach((y, i) => assertAllClose(y, inputs[i].map((value) => value * 32), 0, `run ${i}`));
  }
  assertEquals(gpu.stats().liveBytes, liveBytes);
});

Deno.test("Plan.write() and Plan.read() name what is wrong", async () => {
  using plan = await buildPlan(await testGpu(), doublings(1));
  assertThrows(() => plan.write("z", normalValues(18, 1)), /Cannot write z: the plan has no such input/);
  assertThrows(() => plan.write("x", normalValues(17, 1)), /Cannot write x: it is 1×3×2×3, got 17 values/);
  await assertRejects(plan.read("z"), /Cannot read z: the plan has no such output/);
});

Deno.test("Plan.describe() lists steps, tensors, shapes and bytes", async () => {
  using plan = await buildPlan(await testGpu(), doublings(2));
  assertMatch(plan.describe(), /^double0\/add: add \(a x 1×3×2×3, b x 1×3×2×3, y double0 1×3×2×3\)\ndouble1/);
  assertMatch(plan.describe(), new RegExp(`2 steps, \\d+ buffers, ${plan.bytes} bytes$`));
});

Deno.test("Plan keeps an output apart from what later steps write", async () => {
  const rec = new Recorder({ training: false });
  const x = rec.input("x", shape);
  const first = upsample(rec, x, "bilinear", "first");
  rec.output("first", first);
  let value = first;
  for (let i = 0; i < 4; i++) value = add(rec, value, value, `double${i}`);
  rec.output("last", value);
  using plan = await buildPlan(await testGpu(), rec);
  const values = normalTensor(shape, 1);
  plan.write("x", Float32Array.from(values.data));
  plan.run();
  const exact = exactUpsample(values, "bilinear").data;
  assertAllClose(await plan.read("first"), exact, 1e-6, "first");
  assertAllClose(await plan.read("last"), exact.map((each) => each * 16), 1e-6, "last");
});

Deno.test("Plan.profile() gives each step a time, where the adapter has timestamps", async () => {
  const gpu = await testGpu();
  using plan = await buildPlan(gpu, doublings(3));
  plan.write("x", normalValues(18, 1));
  if (!gpu.device.features.has("timestamp-query")) {
    await assertRejects(plan.profile(), /no timestamp queries/);
    return;
  }
  const before = gpu.stats().liveBytes;
  const rows = await plan.profile();
  assertEquals(rows.map(({ label }) => label), ["double0/add", "double1/add", "double2/add"]);
  assert(rows.every(({ milliseconds }) => milliseconds >= 0 && milliseconds < 10_000));
  assertEquals(gpu.stats().liveBytes, before);
});
