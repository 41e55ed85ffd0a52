import { assert, assertEquals, assertMatch } from "../assert.ts";
import { stepProfileLines } from "../../src/cli/step_profile.ts";
import { groupProfile, layerOf } from "../../src/gpu/profile.ts";

Deno.test("stepProfileLines() prints columns that line up, shares of 100 %, and what the limit is", () => {
  const peak = { gflops: 1000, gigabytesPerSecond: 100 };
  const rows = [
    { label: "enc0/conv", kernel: "conv", milliseconds: 3, flops: 1.5e9, bytes: 1e6 },
    { label: "enc0.grad/conv", kernel: "conv", milliseconds: 4, flops: 2e9, bytes: 1e6 },
    { label: "adam/adam", kernel: "adam", milliseconds: 1, flops: 0, bytes: 25e6 },
  ];
  const lines = stepProfileLines({
    ...{ peak, dispatches: 3, kernelMilliseconds: 8, wallMilliseconds: 10 },
    kernels: groupProfile(rows, ({ kernel }) => kernel, peak),
    layers: groupProfile(rows, layerOf, peak),
  });
  const table = lines.slice(0, lines.findIndex((line) => line.startsWith("A step")) - 1).filter(Boolean);
  assertEquals(new Set(table.map((line) => line.length)).size, 1);
  assertMatch(lines[1], /^conv +2 +7\.000 +87\.5 % +500\.0 +0\.29 +50 %$/);
  assertMatch(lines[2], /^adam +1 +1\.000 +12\.5 % +– +25\.00 +25 %$/);
  assert(
    lines.includes(
      "A step: 3 dispatches, 8.00 ms of kernels, 10.00 ms by the wall clock (80 %): uploads and gaps included, reading photos not.",
    ),
  );
  assertMatch(lines.join("\n"), /measured on this adapter.*1000 GFLOP\/s.*100\.0 GB\/s/);
});
