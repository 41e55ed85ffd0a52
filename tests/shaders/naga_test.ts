import { openGpu } from "../../src/gpu/device.ts";
import { assert, assertEquals } from "../assert.ts";
import { recordedKernels, unusedShaders } from "./recorded_kernels.ts";

Deno.test("Deno's naga accepts every kernel with the constants that the ops give it", async () => {
  using gpu = await openGpu();
  for (const { kernel, constants } of recordedKernels(gpu)) await gpu.kernel(kernel, constants);
});

Deno.test("every file in shaders/ is compiled by one of the recorded kernels", async () => {
  using gpu = await openGpu();
  const uses = recordedKernels(gpu);
  assertEquals(unusedShaders(uses), []);
  assert(unusedShaders(uses.filter(({ kernel }) => kernel.name !== "adam")).includes("adam"));
});
