import { openGpu } from "../../src/gpu/device.ts";
import { type Access, kernelSource } from "../../src/gpu/kernel.ts";
import { findChromium } from "../../tools/chromium.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { type KernelUse, recordedKernels } from "./recorded_kernels.ts";
import { compileWithTint, type PipelineRequest } from "./tint.ts";

const executable = await findChromium();
// A plain user may do without Chromium (`deno task test` prints a note then); continuous integration may not.
const ignore = executable === undefined && !Deno.env.get("CI");

const BUFFER_TYPES: Record<Access, GPUBufferBindingType> = {
  read: "read-only-storage",
  read_write: "storage",
  uniform: "uniform",
};

function request({ kernel, constants }: KernelUse): PipelineRequest {
  return {
    name: `${kernel.name} ${JSON.stringify(constants)}`,
    ...kernelSource(kernel, constants),
    // Only lavapipe runs these, and Chromium's own software adapter takes minutes for so much straight code.
    pipeline: kernel.name !== "conv2d_tile8x4" && kernel.name !== "winograd_product",
    bindings: ["uniform", ...Object.values(kernel.bindings).map((access) => BUFFER_TYPES[access])],
  };
}

function chromium(): string {
  if (executable === undefined) {
    throw new Error("Chromium is missing: install chromium, or set CHROMIUM to its path");
  }
  return executable;
}

Deno.test({
  name: "Chromium's Tint accepts every kernel with the constants that the ops give it",
  ignore,
  async fn() {
    using gpu = await openGpu();
    const faults = await compileWithTint(chromium(), recordedKernels(gpu).map(request));
    assertEquals(faults, [], faults.join("\n"));
  },
});

Deno.test({
  name: "compileWithTint() names kernel and line of what naga lets pass, and what does not fit the layout",
  ignore,
  async fn() {
    const head = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;\n";
    const main = "@compute @workgroup_size(4)\nfn main(@builtin(local_invocation_id) id: vec3u) {\n";
    const faults = await compileWithTint(chromium(), [
      {
        name: "sound",
        code: `${head}${main}x[id.x] = 1.0; }`,
        overrides: {},
        bindings: ["storage"],
        pipeline: true,
      },
      {
        name: "barrier",
        code: `${head}${main}  if (x[id.x] > 0.0) { workgroupBarrier(); }\n}`,
        overrides: {},
        bindings: ["storage"],
        pipeline: true,
      },
      {
        name: "layout",
        code: `${head}${main}x[id.x] = 1.0; }`,
        overrides: {},
        bindings: ["read-only-storage"],
        pipeline: true,
      },
    ]);
    assertEquals(faults.length, 2, faults.join("\n"));
    assertMatch(faults[0], /^barrier:4: .*workgroupBarrier.*uniform control flow/);
    assertMatch(faults[1], /^layout: /);
  },
});
