/** `clairnet doctor`. */
import { findAdapter, openGpu } from "../gpu/device.ts";
import { listModels } from "../nn/models.ts";
import { printJson } from "./terminal.ts";

export async function doctor(options: { json?: boolean }): Promise<number> {
  const found = await findAdapter();
  const auto = found && !found.summary.software
    ? `gpu: ${found.summary.name}`
    : `cpu: onnxruntime, because ${found ? "the only adapter is software" : "there is no WebGPU adapter"}`;
  const limits = found && {
    maxBufferSize: found.adapter.limits.maxBufferSize,
    maxStorageBufferBindingSize: found.adapter.limits.maxStorageBufferBindingSize,
    maxUniformBufferBindingSize: found.adapter.limits.maxUniformBufferBindingSize,
    maxComputeWorkgroupStorageSize: found.adapter.limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: found.adapter.limits.maxComputeInvocationsPerWorkgroup,
  };
  const works = found ? await tryGpu() : undefined;
  const facts = {
    runtime: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    system: `${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} logical cores`,
    adapter: found?.summary ?? null,
    limits: limits ?? null,
    opens: works ?? null,
    auto,
    models: await listModels(),
  };
  if (options.json) {
    printJson(facts);
    return 0;
  }
  console.log(`runtime   ${facts.runtime}\nsystem    ${facts.system}`);
  if (found) {
    const { name, vendor, architecture, software, features } = found.summary;
    console.log(`adapter   ${name}${software ? " (software)" : ""} ${vendor} ${architecture}`.trimEnd());
    console.log(`opens     ${works}`);
    console.log(`features  ${features.join(", ")}`);
    for (const [limit, value] of Object.entries(limits!)) console.log(`limit     ${limit} ${value}`);
  } else {
    console.log(
      "adapter   none (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers gives a software one)",
    );
  }
  console.log(`auto      ${auto}\nmodels    ${facts.models.join(", ") || "none"}`);
  return 0;
}

async function tryGpu(): Promise<string> {
  try {
    using _gpu = await openGpu();
    return "yes";
  } catch (error) {
    return `no: ${error instanceof Error ? error.message : error}`;
  }
}
