/** `clairnet doctor`. */
import { findAdapter } from "../gpu/adapter.ts";
import { type Gpu, openGpu } from "../gpu/device.ts";
import { probeAdapter } from "../gpu/probe.ts";
import type { AdapterPeak } from "../gpu/profile.ts";
import { listModels, loadModel } from "../nn/models.ts";
import { oneLine } from "../base/errors.ts";
import { type TuningTask, tuningTasks } from "../tune/conv_layers.ts";
import type { TunedChoice } from "../tune/tune_convolution.ts";
import { styled } from "./messages.ts";
import { printJson, printLine } from "./terminal.ts";
import { choiceLine, tileTasks, tuneKernels } from "./tuning.ts";
import { driverOverride, type VulkanDriver, vulkanDrivers } from "./vulkan_drivers.ts";

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxUniformBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

export async function doctor(options: { json?: boolean; tune?: boolean }): Promise<number> {
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
    ...await tryGpu(found !== undefined, options.tune ?? false),
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
    [
      "peak",
      facts.peak
        ? `${facts.peak.gflops.toFixed(0)} GFLOP/s of multiply-adds, ${
          facts.peak.gigabytesPerSecond.toFixed(1)
        } GB/s of copying, measured`
        : undefined,
    ],
    ["kernels", tuningSummary(facts.tuning)],
    ...(facts.tuning?.choices ?? []).map(({ layer, ...choice }): [string, string] => [
      "",
      choiceLine(layer, choice),
    ]),
    ["models", facts.models.join(", ") || "none"],
    ["advice", facts.advice ?? undefined],
  ];
  for (const [key, value] of rows) {
    if (value !== undefined) printLine(`${styled("bold", key.padEnd(10), "stdout")}${value.trimEnd()}`);
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
  const override = driverOverride();
  if (Deno.build.os === "linux" && override && !drivers?.length) {
    return `${override.variable} is set to ${
      override.paths.join(", ")
    }, where there is no Vulkan driver: unset it`;
  }
  // What is installed and finds no adapter is for other hardware, or is not let at it.
  const none = drivers?.length === 0
    ? "no Vulkan driver is installed: "
    : drivers
    ? "none of the drivers finds an adapter; in a container or over SSH the GPU may be hidden (/dev/dri, --gpus all), else "
    : "";
  const fallback = Deno.build.os === "linux"
    ? "; without a GPU, apt-get install mesa-vulkan-drivers gives a software adapter, which train and --device gpu need"
    : "";
  return `${none}install ${gpu}${fallback}`;
}

/** What is known of the fastest kernels on the adapter. */
interface TuningFacts {
  readonly path: string | null;
  readonly tuned: string | null;
  readonly choices: readonly ({ readonly layer: string } & TunedChoice)[];
}

/** Opens the adapter, and looks up what is remembered of its kernels; with `tune` it measures them, and what the adapter can do at most. */
async function tryGpu(
  found: boolean,
  tune: boolean,
): Promise<{ opens: string | null; tuning: TuningFacts | null; peak: AdapterPeak | null }> {
  if (!found) return { opens: null, tuning: null, peak: null };
  const say = (line: string) => console.error(line);
  try {
    using gpu = await openGpu();
    const peak = tune ? await probeAdapter(gpu) : null;
    const tasks = tune ? await shippedTasks(gpu) : [];
    const { path, tuned, choices } = await tuneKernels(gpu, tune ? "now" : "cache", () => tasks, { say });
    const tuning = path === undefined && choices.size === 0 ? null : {
      path: path ?? null,
      tuned: tuned ?? null,
      choices: [...choices].map(([layer, choice]) => ({ layer, ...choice })),
    };
    return { opens: "yes", tuning, peak };
  } catch (error) {
    return { opens: `no: ${oneLine(error)}`, tuning: null, peak: null };
  }
}

/** What the shipped model does: enhancing a tile, and the step that `train` takes where nothing else is asked for. */
async function shippedTasks(gpu: Gpu): Promise<TuningTask[]> {
  const { topology } = await loadModel("photo");
  const step = { batch: 8, height: 64, width: 64, training: true };
  return [...tileTasks(topology, gpu.adapter, "auto"), ...tuningTasks(topology, step)];
}

function tuningSummary(tuning: TuningFacts | null): string {
  if (!tuning || tuning.choices.length === 0) return "the defaults; doctor --tune measures which are fastest";
  const when = tuning.tuned ? ` on ${tuning.tuned.slice(0, 10)}` : "";
  return `measured${when} for ${tuning.choices.length} convolutions${
    tuning.path ? `, kept in ${tuning.path}` : ""
  }`;
}
