import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { bytesOf, groupProfile, layerOf, medianProfile, type ProfileRow } from "../../src/gpu/profile.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { Random } from "../../src/base/random.ts";
import { adam } from "../../src/ops/adam.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { seedGradient } from "../ops/harness.ts";
import { add } from "../../src/ops/add.ts";
import { testGpu } from "./shared.ts";

const PEAK = { gflops: 100, gigabytesPerSecond: 10 };

function someRows(seed: number): ProfileRow[] {
  const random = new Random(seed);
  return Array.from({ length: 12 }, (_, i) => ({
    label: `layer${i % 3}${i < 6 ? "" : ".grad"}/kernel${i % 4}`,
    kernel: `kernel${i % 4}`,
    milliseconds: 0.1 + random.uniform(),
    flops: i % 2 ? 1e6 * random.uniform() : 0,
    bytes: 1e5 * random.uniform(),
  }));
}

Deno.test("groupProfile() loses no dispatch and its shares add up to 100 %", () => {
  const rows = someRows(1);
  const all = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  for (const nameOf of [(row: ProfileRow) => row.kernel, layerOf]) {
    const groups = groupProfile(rows, nameOf, PEAK);
    assertEquals(groups.reduce((sum, { dispatches }) => sum + dispatches, 0), rows.length);
    assertAllClose([groups.reduce((sum, { share }) => sum + share, 0)], [1], 1e-12, "shares");
    assertAllClose([groups.reduce((sum, group) => sum + group.milliseconds, 0)], [all], 1e-12, "times");
    assert(groups.every(({ milliseconds }, i) => i === 0 || milliseconds <= groups[i - 1].milliseconds));
  }
  assertEquals(
    groupProfile(rows, layerOf, PEAK).map(({ name }) => name).sort(),
    ["layer0", "layer0.grad", "layer1", "layer1.grad", "layer2", "layer2.grad"],
  );
});

Deno.test("groupProfile() gives rates, and the share of what operations or bytes allow", () => {
  // 2 ms: 100 MFLOP take 1 ms at 100 GFLOP/s, 5 MB take 0.5 ms at 10 GB/s.
  const bound = { label: "a/k", kernel: "k", milliseconds: 2, flops: 1e8, bytes: 5e6 };
  const [group] = groupProfile([bound], layerOf, PEAK);
  assertAllClose([group.gflops, group.gigabytesPerSecond, group.limit], [50, 2.5, 0.5], 1e-12);
  // Bytes alone: 20 MB take 2 ms.
  const moved = { ...bound, flops: 0, bytes: 2e7 };
  const [both] = groupProfile([bound, moved], layerOf, PEAK);
  assertAllClose([both.limit, both.gflops], [(1 + 2) / 4, 25], 1e-12);
  // A clock that is too coarse for a kernel.
  const [none] = groupProfile([{ ...bound, milliseconds: 0 }], layerOf, PEAK);
  assertEquals([none.share, none.gflops, none.limit], [0, 0, 0]);
});

Deno.test("medianProfile() takes the middle time of each dispatch", () => {
  const rows = someRows(2);
  const slow = rows.map((row) => ({ ...row, milliseconds: row.milliseconds * 9 }));
  const fast = rows.map((row) => ({ ...row, milliseconds: row.milliseconds / 3 }));
  assertEquals(medianProfile([slow, rows, fast]), rows);
});

Deno.test("bytesOf() counts each buffer once, and twice what is added to or updated in place", async () => {
  const rec = new Recorder({ training: true });
  const x = rec.input("x", [1, 4, 4, 8]);
  const y = add(rec, x, x, "y");
  seedGradient(rec, y, "dy");
  rec.backward();
  const bytes = 4 * 4 * 8 * 4;
  const [forward, seeded, first, second] = rec.dispatches.map(bytesOf);
  assertEquals([forward, seeded], [3 * bytes, 3 * bytes]);
  // Both summands are x: its gradient is written, then added to.
  assertEquals([first, second], [3 * bytes, 4 * bytes]);

  using parameters = new ParameterSet(await testGpu(), [{ name: "w", shape: [256] }]);
  const step = new Recorder({ training: true });
  adam(step, parameters);
  const update = step.dispatches.find(({ kernel }) => kernel.name === "adam")!;
  // The gradient is read, four states are read and written; 12 scalars and the norm beside them.
  assertEquals(bytesOf(update), 9 * 256 * 4 + 12 * 4 + 16);
});
