/** Compiles WGSL with Tint, in a headless Chromium. */
// Not in deno.json: Deno would fetch it for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import { chromium } from "npm:playwright-core@1.65.1";

/** What goes to the browser for one pipeline. */
export interface PipelineRequest {
  readonly name: string;
  readonly code: string;
  /** Features that it takes, and what is compiled in its place where the adapter lacks one. */
  readonly needs?: { readonly features: readonly GPUFeatureName[]; readonly otherwise: string };
  readonly overrides: Readonly<Record<string, number>>;
  /** Buffer type of each binding, from 0. */
  readonly bindings: readonly GPUBufferBindingType[];
  /** False stops at the shader module: Tint has then parsed and checked all, and no driver has to translate it. */
  readonly pipeline: boolean;
}

/**
 * Makes a shader module and, where asked, a compute pipeline (entry point `main`, explicit layout) of each request.
 * @param executable path of Chromium.
 * @returns one message for each fault, `NAME:LINE: what Tint says` and that line's text (lines count
 * from the top of the composed source, where an include comes before the kernel's own file); empty when it accepts them all.
 * @throws {Error} if Chromium does not start or has no WebGPU adapter.
 */
export async function compileWithTint(
  executable: string,
  requests: readonly PipelineRequest[],
): Promise<string[]> {
  // WebGPU is there in secure contexts only: on a page from the loopback, not on about:blank.
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<!doctype html><title>Tint</title>", { headers: { "content-type": "text/html" } }),
  );
  const browser = await chromium.launch({
    executablePath: executable,
    // Chromium's own sandbox does not work for root.
    args: [
      "--enable-unsafe-webgpu",
      ...(Deno.build.os === "linux" && Deno.uid() === 0 ? ["--no-sandbox"] : []),
    ],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    return await page.evaluate(compileAll, requests);
  } finally {
    await browser.close();
  }
}

/** Runs in the page: uses nothing from outside itself. */
async function compileAll(requests: readonly PipelineRequest[]): Promise<string[]> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error("Chromium has no WebGPU adapter");
  const device = await adapter.requestDevice({
    requiredFeatures: (["shader-f16", "subgroups"] as const).filter((name) => adapter.features.has(name)),
    requiredLimits: { maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage },
  });
  const faults: string[] = [];
  for (const { name, code: wanted, needs, overrides, bindings, pipeline } of requests) {
    const code = needs?.features.some((feature) => !device.features.has(feature)) ? needs.otherwise : wanted;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: name, code });
    const { messages } = await module.getCompilationInfo();
    const errors = messages.filter(({ type }) => type === "error");
    for (const { lineNum, message } of errors) {
      faults.push(`${name}:${lineNum}: ${message}\n    ${code.split("\n")[lineNum - 1]?.trim()}`);
    }
    await device.popErrorScope();
    if (errors.length > 0 || !pipeline) continue;
    device.pushErrorScope("validation");
    const layout = device.createBindGroupLayout({
      entries: bindings.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    device.createComputePipeline({
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main", constants: overrides },
    });
    const error = await device.popErrorScope();
    if (error) faults.push(`${name}: ${error.message}`);
  }
  return faults;
}
