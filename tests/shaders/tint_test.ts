import { openGpu } from "../../src/gpu/device.ts";
import { bufferTypesOf, kernelSource } from "../../src/gpu/kernel.ts";
import { findChromium } from "../../tools/chromium.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { type KernelUse, recordedKernels, usesHalf } from "./recorded_kernels.ts";
import { compileWithTint, type PipelineRequest } from "./tint.ts";

const executable = await findChromium();
// A plain user may do without Chromium (`deno task test` prints a note then); continuous integration may not.
const ignore = executable === undefined && !Deno.env.get("CI");

function request(use: KernelUse): PipelineRequest {
  const { kernel, constants, types } = use;
  const { code, overrides } = kernelSource(kernel, constants, types);
  const [half, subgroups] = [usesHalf(use), SUBGROUP_CALL.test(code)];
  const features: GPUFeatureName[] = [
    ...(half ? ["shader-f16" as const] : []),
    ...(subgroups ? ["subgroups" as const] : []),
  ];
  return {
    name: `${kernel.name} ${JSON.stringify({ ...constants, ...types })}`,
    // Deno takes it without the directive, and would not take it with it.
    code: subgroups ? `enable subgroups;\n${code}` : code,
    overrides,
    ...(features.length > 0 ? { needs: { features, otherwise: withoutSubgroups(withIntegers(code)) } } : {}),
    // Only lavapipe runs these, and Chromium's own software adapter takes minutes for so much straight code.
    pipeline: kernel.name !== "conv2d_tile8x4" && !half && !subgroups,
    bindings: bufferTypesOf(kernel),
  };
}

const SUBGROUP_CALL = /\b(?:subgroup|quad)Broadcast\(/;

/** Each lane keeps what it has: of the same types. */
function withoutSubgroups(code: string): string {
  if (!SUBGROUP_CALL.test(code)) return code;
  const handedOn = "fn handed_on(value: vec4f, lane: u32) -> vec4f { return value; }\n";
  return `${code.replace(new RegExp(SUBGROUP_CALL, "g"), "handed_on(")}${handedOn}`;
}

/**
 * Chromium's own software adapter has no f16. Integers stand in for it there, which mix with f32 as little: Tint then names each place that takes
 * the one for the other. Products, which only floats can be, stay f32.
 */
function withIntegers(code: string): string {
  return code.replace("enable f16;\n", "")
    .replace(/^(alias product4 = vec4)<f16>/m, "$1<f32>")
    .replace(/^(alias \w+ = .*)f16/gm, "$1i32");
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
