import { assert, assertAllClose, assertEquals, assertRejects } from "../assert.ts";
import { findAdapter } from "../../src/gpu/adapter.ts";
import { Gpu } from "../../src/gpu/device.ts";
import { hasTimestamps } from "../../src/gpu/timestamps.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { profileStep } from "../../src/train/profile_step.ts";
import { testGpu } from "../gpu/shared.ts";

const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });
const OPTIONS = { topology, batch: 2, patch: 16, loss: "l1", balance: 0.5 } as const;

Deno.test("profileStep() accounts for all kernels of a step, by kernel and by layer", async () => {
  const gpu = await testGpu();
  if (!hasTimestamps(gpu)) return;
  const before = gpu.stats().liveBytes;
  const profile = await profileStep(gpu, OPTIONS);
  assertEquals(gpu.stats().liveBytes, before);
  for (const groups of [profile.kernels, profile.layers]) {
    const sum = (field: "share" | "milliseconds" | "dispatches") =>
      groups.reduce((total, group) => total + group[field], 0);
    assertEquals(sum("dispatches"), profile.dispatches);
    assertAllClose([sum("share")], [1], 1e-9, "shares");
    assertAllClose([sum("milliseconds")], [profile.kernelMilliseconds], 1e-9, "milliseconds");
  }
  const names = profile.layers.map(({ name }) => name);
  for (const name of ["enc0.0", "enc0.0.grad", "out", "loss", "adam"]) {
    assert(names.includes(name), `${names}`);
  }
  assert(profile.wallMilliseconds > 0 && profile.peak.gflops > 0);
});

Deno.test("profileStep() says in one line that an adapter has no timestamp queries", async () => {
  const { adapter, summary } = (await findAdapter())!;
  using gpu = new Gpu(await adapter.requestDevice(), summary);
  await assertRejects(
    profileStep(gpu, OPTIONS),
    /^UserError: Cannot profile: .* has no timestamp queries; leave --profile out$/,
  );
});
