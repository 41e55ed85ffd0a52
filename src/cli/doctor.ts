/** `clairnet doctor`. */
import { findAdapter, openGpu } from "../gpu/device.ts";
import { listModels } from "../nn/models.ts";
import { oneLine } from "../base/errors.ts";
import { styled } from "./messages.ts";
import { printJson } from "./terminal.ts";
import { type VulkanDriver, vulkanDrivers } from "./vulkan_drivers.ts";

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxUniformBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

export async function doctor(options: { json?: boolean }): Promise<number> {
  const found = await findAdapter();
  const others = await adapterNames();
  const drivers = await vulkanDrivers();
  const facts = {
    runtime: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    system: `${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} logical cores`,
    backend: backend(),
    drivers: drivers ?? null,
    adapter: found?.summary ?? null,
    why: found ? why(found.summary.name, others) : null,
    limits: found ? Object.fromEntries(LIMITS.map((name) => [name, found.adapter.limits[name]])) : null,
    opens: found ? await tryGpu() : null,
    auto: found && !found.summary.software
      ? `gpu: ${found.summary.name}`
      : `cpu: onnxruntime, because ${found ? "the only adapter is software" : "there is no WebGPU adapter"}`,
    advice: advice(found?.summary.software, drivers),
    models: await listModels(),
  };
  if (options.json) {
    printJson(facts);
    return 0;
  }
  const { adapter, limits } = facts;
  const rows: [string, string | undefined][] = [
    ["runtime", facts.runtime],
    ["system", facts.system],
    ["backend", facts.backend],
    ["drivers", drivers?.map(({ name, api }) => `${name} (Vulkan ${api})`).join(", ") || undefined],
    [
      "adapter",
      adapter
        ? `${adapter.name}${adapter.software ? " (software)" : ""} ${adapter.vendor} ${adapter.architecture}`
        : "none",
    ],
    ["why", facts.why ?? undefined],
    ["opens", facts.opens ?? undefined],
    ["features", adapter?.features.join(", ")],
    ...Object.entries(limits ?? {}).map(([name, value]): [string, string] => ["limit", `${name} ${value}`]),
    ["auto", facts.auto],
    ["models", facts.models.join(", ") || "none"],
    ["advice", facts.advice ?? undefined],
  ];
  for (const [key, value] of rows) {
    if (value !== undefined) console.log(`${styled("bold", key.padEnd(10), "stdout")}${value.trimEnd()}`);
  }
  return 0;
}

/** Names of the adapters that the system offers for speed, for saving power, and in software. */
async function adapterNames(): Promise<string[]> {
  const requests: GPURequestAdapterOptions[] = [
    { powerPreference: "high-performance" },
    { powerPreference: "low-power" },
    { forceFallbackAdapter: true },
  ];
  const names = new Set<string>();
  for (const request of requests) {
    const adapter = await navigator.gpu?.requestAdapter(request);
    if (adapter) names.add(adapter.info.description || adapter.info.device || adapter.info.vendor);
  }
  return [...names];
}

function why(name: string, all: readonly string[]): string {
  const others = all.filter((other) => other !== name);
  return others.length === 0
    ? "it is the only one that the drivers offer"
    : `the system names it for high performance; it also has ${others.join(", ")}`;
}

/** What WebGPU goes through. */
function backend(): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "DENO_WEBGPU_BACKEND" });
  const chosen = state === "granted" ? Deno.env.get("DENO_WEBGPU_BACKEND") : undefined;
  return chosen ??
    ({ darwin: "metal", windows: "dx12 or vulkan" } as Record<string, string>)[Deno.build.os] ??
    "chosen by Deno";
}

/** What to install, where there is no adapter or a software one alone. */
function advice(software: boolean | undefined, drivers: readonly VulkanDriver[] | undefined): string | null {
  if (software === false) return null;
  const linux = "for NVIDIA the vendor's driver with its Vulkan part " +
    "(in containers: NVIDIA_DRIVER_CAPABILITIES=all), for AMD and Intel mesa-vulkan-drivers";
  const gpu = Deno.build.os === "linux"
    ? linux
    : "your GPU's current driver from its maker or through the system's updates";
  if (software) {
    return `if this machine has a GPU, install ${gpu}; without one enhance uses the CPU, and train is slow`;
  }
  const none = drivers?.length === 0 ? "no Vulkan driver is installed: " : "";
  const fallback = Deno.build.os === "linux"
    ? "; without a GPU, apt-get install mesa-vulkan-drivers gives a software adapter, which train and --device gpu need"
    : "";
  return `${none}install ${gpu}${fallback}`;
}

async function tryGpu(): Promise<string> {
  try {
    using _gpu = await openGpu();
    return "yes";
  } catch (error) {
    return `no: ${oneLine(error)}`;
  }
}
