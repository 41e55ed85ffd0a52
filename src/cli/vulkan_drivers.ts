/** Which Vulkan drivers a Linux machine has: what WebGPU can find there at most. */
import { basename, delimiter, join } from "node:path";

/** Where the Vulkan loader looks for manifests (LoaderDriverInterface.md of Vulkan-Loader). */
const MANIFEST_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/** Variables that name the manifests to take in place of these, files or folders; the second is the older one. */
const OVERRIDES = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

/** One installed driver. */
export interface VulkanDriver {
  /** Name of its manifest without `.json`: `nvidia_icd`, `lvp_icd.x86_64`. */
  readonly name: string;
  /** Version of Vulkan that it speaks. */
  readonly api: string;
}

/** The variable that says where the drivers are, where one is set and may be read. */
export function driverOverride():
  | { readonly variable: string; readonly paths: readonly string[] }
  | undefined {
  for (const variable of OVERRIDES) {
    const { state } = Deno.permissions.querySync({ name: "env", variable });
    const value = state === "granted" ? Deno.env.get(variable) : undefined;
    if (value) return { variable, paths: value.split(delimiter) };
  }
  return undefined;
}

/**
 * The drivers by name; undefined where this process may not look, or the system is no Linux.
 * @param places manifests and folders of manifests.
 */
export async function vulkanDrivers(
  places: readonly string[] = driverOverride()?.paths ?? MANIFEST_FOLDERS,
): Promise<VulkanDriver[] | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const drivers: VulkanDriver[] = [];
  // A place that is missing, or a manifest that is none: the loader passes over these as well.
  const passOver = (error: unknown) => {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  };
  try {
    for (const place of places) {
      for (const path of await manifestsOf(place).catch(passOver) ?? []) {
        const api = await apiOf(path).catch(passOver);
        if (api !== undefined) drivers.push({ name: basename(path, ".json"), api });
      }
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
  return drivers.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Version of Vulkan that a manifest names. */
async function apiOf(path: string): Promise<string> {
  const { ICD } = JSON.parse(await Deno.readTextFile(path));
  return String(ICD?.api_version ?? "unknown");
}

async function manifestsOf(place: string): Promise<string[]> {
  if ((await Deno.stat(place)).isFile) return [place];
  const names: string[] = [];
  for await (const { name } of Deno.readDir(place)) if (name.endsWith(".json")) names.push(name);
  return names.map((name) => join(place, name));
}
