/** Finds the WebGPU adapter, says what it is, and handles the runtime's traps once. */
// Deno has these types itself; users of the npm package get them with it.
/// <reference types="npm:@webgpu/types@0.1.74" />

/** What `doctor` prints of an adapter. */
export interface AdapterSummary {
  /** What the driver calls the adapter. */
  readonly name: string;
  /** Its maker, as far as the runtime tells. */
  readonly vendor: string;
  /** Its family, as far as the runtime tells. */
  readonly architecture: string;
  /** True where the "GPU" is the processor (lavapipe, SwiftShader, WARP). */
  readonly software: boolean;
  /** Of Mesa's software adapter (lavapipe), the major version of the LLVM that compiles for it: older ones have kernels of their own. */
  readonly llvm?: number;
  /**
   * Of an open device whose kernels may hand values from lane to lane (WebGPU's subgroups): how many lanes a subgroup has, where that is
   * always the same. Asked for on lavapipe alone, in Deno.
   */
  readonly subgroup?: number;
  /** WebGPU's optional features that it has, sorted. */
  readonly features: readonly string[];
}

/** WebGPU's name for f16 in kernels. */
export const HALF_FEATURE: GPUFeatureName = "shader-f16";

/** WebGPU's name for operations between the lanes of a subgroup. Deno grants it and does not list it (2.9). */
export const SUBGROUP_FEATURE: GPUFeatureName = "subgroups";

/** Whether an adapter can run kernels over f16. */
export function hasHalf(adapter: AdapterSummary): boolean {
  return adapter.features.includes(HALF_FEATURE);
}

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;

/** 15 of `llvmpipe (LLVM 15.0.6, 256 bits)`; undefined for other adapters. */
export function llvmVersion(name: string): number | undefined {
  const found = /llvmpipe \(LLVM (\d+)/i.exec(name);
  return found ? Number(found[1]) : undefined;
}

/** Must be set before the first look at `navigator.gpu`: without it Deno may take OpenGL, and Vulkan loaders print to standard error. */
function prepareRuntime(): void {
  // Browsers and Node have neither Deno nor these traps.
  const deno = (globalThis as { Deno?: typeof Deno }).Deno;
  if (!deno) return;
  try {
    if (deno.build.os === "linux" && !deno.env.get("DENO_WEBGPU_BACKEND")) {
      deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
    }
    if (deno.build.os === "linux" && !deno.env.get("XDG_RUNTIME_DIR")) {
      deno.env.set("XDG_RUNTIME_DIR", "/tmp");
    }
  } catch {
    // No permission for the environment: the adapter may still be the right one.
  }
}

/** The adapter that `openGpu` would take, or undefined where there is none. */
export async function findAdapter(): Promise<{ adapter: GPUAdapter; summary: AdapterSummary } | undefined> {
  prepareRuntime();
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" }) ??
    undefined;
  if (!adapter) return undefined;
  const { description, device, vendor, architecture } = adapter.info;
  const name = description || device || `${vendor} ${architecture}`.trim() || "unnamed adapter";
  return {
    adapter,
    summary: {
      name,
      vendor,
      architecture,
      software: SOFTWARE.test(`${name} ${vendor} ${architecture}`),
      llvm: llvmVersion(name),
      features: [...adapter.features].sort(),
    },
  };
}

/** How many lanes the subgroups of an adapter have; undefined where that differs, or is not said. */
export function subgroupOf({ info }: GPUAdapter): number | undefined {
  return info.subgroupMinSize === info.subgroupMaxSize ? info.subgroupMinSize : undefined;
}
