import { assert, assertEquals, assertRejects } from "../assert.ts";
import { findAdapter } from "../../src/gpu/adapter.ts";
import { Gpu } from "../../src/gpu/device.ts";
import { hasTimestamps, tickLength, timePasses } from "../../src/gpu/timestamps.ts";
import { testGpu } from "./shared.ts";

Deno.test("timePasses() gives a time for each pass, also of more than a query set holds", async () => {
  const gpu = await testGpu();
  if (!hasTimestamps(gpu)) return;
  const before = gpu.stats().liveBytes;
  for (const count of [1, 3, 2050]) {
    const times = await timePasses(gpu, Array.from({ length: count }, () => () => {}));
    assertEquals(times.length, count);
    assert(times.every((time) => time >= 0 && time < 10e9));
  }
  assertEquals(gpu.stats().liveBytes, before);
});

Deno.test("timePasses() says so where the device has no clock to ask", async () => {
  const { adapter, summary } = (await findAdapter())!;
  using gpu = new Gpu(await adapter.requestDevice(), summary);
  assert(!hasTimestamps(gpu));
  await assertRejects(timePasses(gpu, [() => {}]), /no timestamp queries/);
});

Deno.test("tickLength() believes a clock that agrees with ours roughly, and measures one that counts ticks", () => {
  assertEquals(tickLength(60e6, 66e6), 1);
  assertEquals(tickLength(70e6, 60e6), 1);
  assertEquals(tickLength(6e6, 60e6), 10);
  assertEquals(tickLength(240e6, 60e6), 0.25);
  assertEquals(tickLength(0, 60e6), 1);
});
