import { hasHalf } from "../../src/gpu/adapter.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { assert, assertEquals } from "../assert.ts";
import { recordedKernels, unusedShaders, usesHalf } from "./recorded_kernels.ts";

Deno.test("Deno's naga accepts every kernel with the constants that the ops give it", async () => {
  using gpu = await openGpu({ half: true });
  const half = hasHalf(gpu.adapter);
  for (const use of recordedKernels(gpu)) {
    if (half || !usesHalf(use)) await gpu.kernel(use.kernel, use.constants, use.types);
  }
});

Deno.test("every file in shaders/ is compiled by one of the recorded kernels", async () => {
  using gpu = await openGpu();
  const uses = recordedKernels(gpu);
  assertEquals(unusedShaders(uses), []);
  assert(unusedShaders(uses.filter(({ kernel }) => kernel.name !== "adam")).includes("adam"));
});
