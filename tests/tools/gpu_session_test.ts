import { joined, table, type TorchReport } from "../../bench/peers/report.ts";
import { gpuSession, limitOf, partArguments, PARTS } from "../../tools/gpu_session.ts";
import { compareTable, halfTable, profileTable, variantsTable } from "../../tools/gpu_session/report.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { withFolder } from "../data/photos.ts";

Deno.test("gpuSession() goes on after a part that takes too long, and reports what there is", () =>
  withFolder(async (out) => {
    await Deno.writeTextFile(
      `${out}/tests.log`,
      "f() does X ... FAILED (1s)\nFAILED | 3 passed | 1 failed (2s)\n",
    );
    assertEquals(await gpuSession(["tests"], { out: `${out}/cut`, tiny: true }, { each: 0.01 }), ["tests"]);
    assertEquals(await gpuSession(["doctor"], { out }), []);
    assertEquals(await gpuSession(["doctor", "tests"], { out, tiny: true }, { total: 0.01 }), [
      "doctor",
      "tests",
    ]);
    const report = await Deno.readTextFile(`${out}/results.md`);
    const { adapter } = JSON.parse(await Deno.readTextFile(`${out}/doctor.json`));
    assert(report.includes(adapter.name), report);
    assertMatch(report, /FAILED \| 3 passed \| 1 failed \(2s\)\n- f\(\) does X\n/);
  }));

Deno.test("limitOf() leaves a training the minutes that it was given", () => {
  const options = { out: "results", train: "fast", data: "photos" };
  assert(limitOf("train", options, 540) > 600);
  assert(limitOf("train", { ...options, minutes: "20" }, 540) > 1200);
  assertEquals(limitOf("train", { ...options, minutes: "1" }, 540), 540);
  assertEquals(limitOf("tests", { ...options, minutes: "20" }, 540), 540);
});

Deno.test("partArguments() names scripts that exist", async () => {
  for (const part of PARTS) {
    const script = partArguments(part, { out: "results" }).find((word) => /\.ts$/.test(word));
    if (script === undefined) continue;
    assert((await Deno.stat(new URL(`../../${script}`, import.meta.url))).isFile, script);
  }
});

Deno.test("joined() and table() put PyTorch's precisions beside ours, and say what was not measured", () => {
  const theirs: TorchReport = {
    ...{ device: "card", torch: "2.5", threads: 8, checks: [{ name: "a", difference: 2e-6 }] },
    cases: [
      { name: "step", precision: "fp32", ms: 8, gflops: 1000, peak_bytes: 200e6 },
      { name: "step", precision: "bf16", ms: 3, gflops: 2667, peak_bytes: 120e6 },
      { name: "another", precision: "fp32", ms: 1, gflops: 1 },
    ],
    skipped: [{ name: "step", precision: "tf32", why: "no such unit" }],
  };
  const report = joined("adapter", [{ name: "step", ms: 10, gflops: 800, peakBytes: 100e6 }], theirs);
  assertEquals(Object.keys(report.cases[0].torch), ["fp32", "bf16"]);
  assertEquals([report.cases[0].torch.fp32.ratio, report.cases[0].torch.fp32.memory_ratio], [0.8, 0.5]);
  const text = table(report);
  assert(
    text.includes(
      "| step | fp32 | 10.00 ms, 800.0 GFLOP/s | 8.00 ms, 1000.0 GFLOP/s | 0.80 | 100.0 MB | 200.0 MB |",
    ),
  );
  assert(text.includes("step, tf32: not measured (no such unit)") && text.includes("2.0e-6"), text);
});

Deno.test("compareTable(), halfTable() and profileTable() leave empty what was not measured", () => {
  const compared = compareTable({
    adapter: "adapter",
    cases: [{ name: "a", ours_ms: 2, tfjs_ms: 9, ratio: 4.5, ours_gflops: 1234 }, {
      name: "b",
      error: "differ",
    }],
  });
  assert(
    compared.includes("| a | 2.00 ms | 1234 |  | 9.00 ms | 4.5 |  |") && compared.includes("| b | differ |"),
  );
  const half = halfTable({
    ...{ adapter: "adapter", model: "photo" },
    rows: [
      { side: 8, precision: "f32", variant: "auto", ms: 3, bytes: 2e6, psnr: null },
      { side: 8, precision: "f16", variant: "gemm", ms: 2, bytes: 1e6, psnr: 81.26 },
    ],
    steps: [
      { batch: 2, patch: 16, precision: "f32", ms: 6, bytes: 8e6 },
      { batch: 2, patch: 16, precision: "f16", ms: 4, bytes: 5e6 },
    ],
  });
  assert(half.includes("| 8×8 | f32 | `auto` | 3.00 ms | 1.00 | 2.0 MB |  |"), half);
  assert(half.includes("| 8×8 | f16 | `gemm` | 2.00 ms | 1.50 | 1.0 MB | 81.3 dB |"), half);
  assert(half.includes("| 2 of 16×16 | f32 | 6.00 ms | 1.00 | 8.0 MB |"), half);
  assert(half.includes("| 2 of 16×16 | f16 | 4.00 ms | 1.50 | 5.0 MB |"), half);
  // Where the default in f32 failed there is nothing to hold the others against.
  const other = halfTable({
    ...{ adapter: "adapter", model: "photo", steps: [] },
    rows: [{ side: 8, precision: "f32", variant: "gemm", ms: 3, bytes: 2e6, psnr: null }],
  });
  assert(other.includes("| 8×8 | f32 | `gemm` | 3.00 ms |  | 2.0 MB |  |"), other);
  const log = "step 10/300, 12.5 steps/s\nstep 300/300, loss 0.1, 88.25 steps/s, 0 s left";
  assertMatch(profileTable({ adapter: "adapter" }, log), /88\.25 steps a second/);
});

Deno.test("variantsTable() has a row a layer and role, the fastest version first", () => {
  const measured = (role: string, variant: string, ms: number) => ({
    layer: "a",
    role,
    variant,
    ms,
    gflops: 600 / ms,
  });
  const table = variantsTable({
    adapter: "adapter",
    rows: [
      measured("forward", "naive", 6),
      measured("forward", "gemm", 1.5),
      measured("input-gradient", "gemm", 3),
    ],
  });
  assert(
    table.endsWith(
      "| a | forward | `gemm` 1.50 ms, 400; `naive` 6.00 ms, 100 |\n| a | input-gradient | `gemm` 3.00 ms, 200 |",
    ),
    table,
  );
});
