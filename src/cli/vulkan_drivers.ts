/** Which Vulkan drivers a Linux machine has: what WebGPU can find there at most. */
import { join } from "node:path";

/** Where the Vulkan loader looks for manifests (LoaderDriverInterface.md of Vulkan-Loader). */
const MANIFEST_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/** One installed driver. */
export interface VulkanDriver {
  /** Name of its manifest without `.json`: `nvidia_icd`, `lvp_icd.x86_64`. */
  readonly name: string;
  /** Version of Vulkan that it speaks. */
  readonly api: string;
}

/** The drivers by name; undefined where this process may not look, or the system is no Linux. */
export async function vulkanDrivers(
  folders: readonly string[] = MANIFEST_FOLDERS,
): Promise<VulkanDriver[] | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const drivers: VulkanDriver[] = [];
  for (const folder of folders) {
    try {
      for await (const { name } of Deno.readDir(folder)) {
        if (!name.endsWith(".json")) continue;
        const { ICD } = JSON.parse(await Deno.readTextFile(join(folder, name)));
        drivers.push({ name: name.slice(0, -".json".length), api: String(ICD?.api_version ?? "unknown") });
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return undefined;
      // A folder that is missing, or a manifest that is none: the loader passes over these as well.
    }
  }
  return drivers.sort((a, b) => (a.name < b.name ? -1 : 1));
}
