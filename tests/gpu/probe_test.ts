import { assert, assertEquals } from "../assert.ts";
import { probeAdapter } from "../../src/gpu/probe.ts";
import { testGpu } from "./shared.ts";

Deno.test("probeAdapter() finds rates that some machine can have, and leaves no memory behind", async () => {
  const gpu = await testGpu();
  const before = gpu.stats().liveBytes;
  const { gflops, gigabytesPerSecond } = await probeAdapter(gpu);
  assert(gflops > 0.01 && gflops < 1e6, `${gflops} GFLOP/s`);
  assert(gigabytesPerSecond > 0.001 && gigabytesPerSecond < 1e5, `${gigabytesPerSecond} GB/s`);
  assertEquals(gpu.stats().liveBytes, before);
});
