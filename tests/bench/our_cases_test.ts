import { recordRole } from "../../bench/one_role.ts";
import { OneChoice } from "../../bench/one_choice.ts";
import { ourConvCases, ourUnetCases, PASSES } from "../../bench/our_cases.ts";
import type { Shape4 } from "../../bench/shapes.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { conv2d } from "../../src/ops/conv2d.ts";
import { CONV_ROLES, CONV_VARIANTS } from "../../src/ops/conv2d_variant.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { assert, assertEquals } from "../assert.ts";
import { testGpu } from "../gpu/shared.ts";

Deno.test("recordRole() leaves what belongs to the role, and all of it, of every version of the kernels", async () => {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: [3, 3, 32, 32] },
    { name: "conv.bias", shape: [32] },
  ]);
  for (const variant of CONV_VARIANTS) {
    for (const role of CONV_ROLES) {
      const rec = new Recorder({ training: role !== "forward" });
      const x = rec.input("x", [2, 16, 16, 32]);
      const options = { name: "conv", kernel: 3, stride: 1, activation: "none", outChannels: 32 } as const;
      recordRole(rec, conv2d(rec, [x], parameters, options, { variant }), role);
      const labels = rec.dispatches.map(({ label }) => label);
      assert(labels.length > 0 && labels.every((label) => label.includes(role)), `${variant}: ${labels}`);
      assertEquals([...rec.inputs.keys()], role === "forward" ? ["x"] : ["x", "dy"]);
    }
  }
});

Deno.test("ourConvCases() gives the same three results by whatever version is chosen", async () => {
  const shape: Shape4 = [2, 12, 10, 32];
  const results: ArrayLike<number>[][] = [];
  for (const variant of ["naive", "winograd4", "gemm"]) {
    using gpu = await openGpu();
    gpu.choices = new OneChoice(variant);
    using ours = await ourConvCases(gpu, shape, 32);
    results.push(await Array.fromAsync(ours.cases, ({ values }) => values()));
  }
  const [naive, ...others] = results;
  for (const other of others) {
    for (const [i, pass] of PASSES.entries()) {
      const largest = Array.from(naive[i]).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      assertEquals(other[i].length, naive[i].length);
      for (let j = 0; j < naive[i].length; j++) {
        assert(Math.abs(other[i][j] - naive[i][j]) <= 1e-4 * largest, `${pass}, value ${j}`);
      }
    }
  }
});

Deno.test("ourUnetCases() without steps takes images that no training takes", async () => {
  const gpu = await testGpu();
  using forward = await ourUnetCases(gpu, [4, 8], [1, 16, 32, 3], false);
  assertEquals(forward.cases.map(({ name }) => name), ["U-Net 4/8, 1×16×32, forward"]);
  assertEquals((await forward.cases[0].values()).length, 16 * 32 * 3);
  using both = await ourUnetCases(gpu, [4, 8], [1, 16, 16, 3]);
  assertEquals(both.cases.map(({ peakBytes }) => peakBytes !== undefined), [false, true]);
});
