/** What tests need of a machine: a WebGPU adapter, and Chromium, whose compiler (Tint) must accept the shaders too. */
import { findChromium } from "../chromium.ts";

/** What the packages are called where we can install them. */
const ADAPTER_PACKAGE = "mesa-vulkan-drivers";
const CHROMIUM_PACKAGE = "chromium";

/** Environment in which WebGPU finds its adapter; the variables that are set already stay as they are. */
export function webgpuEnvironment(runtimeDirectory: string): Record<string, string> {
  return {
    // Without it Deno may silently take OpenGL. Elsewhere than on Linux it takes the system's own interface.
    ...(Deno.build.os === "linux" && !Deno.env.has("DENO_WEBGPU_BACKEND") &&
      { DENO_WEBGPU_BACKEND: "vulkan" }),
    // Mesa complains on standard error where it is not set.
    ...(!Deno.env.has("XDG_RUNTIME_DIR") && { XDG_RUNTIME_DIR: runtimeDirectory }),
  };
}

/** Asks in a process of its own, because a driver that is installed later is not seen by one that has asked before. */
async function hasAdapter(env: Record<string, string>): Promise<boolean> {
  const script = "Deno.exit(await navigator.gpu?.requestAdapter() ? 0 : 3)";
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", script],
    env,
    stdout: "null",
    stderr: "null",
  }).output();
  return code === 0;
}

/** True on Debian, Ubuntu and their kin, as root. */
async function canInstall(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  return isDebianKin(release);
}

/** Whether the text of /etc/os-release names Debian or one of its descendants. */
export function isDebianKin(osRelease: string): boolean {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/** Installs with apt-get, which stays silent unless it fails. */
async function install(packageName: string): Promise<boolean> {
  console.log(`Installing ${packageName} with apt-get, for the tests (a minute or two) …`);
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", packageName]]) {
    const { code, stdout, stderr } = await new Deno.Command("apt-get", {
      args: ["-qq", ...args],
      env: { DEBIAN_FRONTEND: "noninteractive" },
    }).output();
    if (code !== 0) {
      console.error(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
      console.error(`apt-get ${args[0]} failed with exit code ${code}.`);
      return false;
    }
  }
  return true;
}

/**
 * Brings what is missing, or says what to install. The two packages are installed one by one: Ubuntu has no package of
 * Chromium, and must get its adapter all the same.
 * @returns false if there is no adapter, without which there is nothing to test.
 */
export async function prepare(env: Record<string, string>): Promise<boolean> {
  const mayInstall = await canInstall();
  if (!await hasAdapter(env) && !(mayInstall && await install(ADAPTER_PACKAGE) && await hasAdapter(env))) {
    console.error(
      "There is no WebGPU adapter here: install a Vulkan driver " +
        `(Debian, Ubuntu, Fedora: ${ADAPTER_PACKAGE}; Arch: vulkan-swrast) and run this again.`,
    );
    return false;
  }
  if (!await findChromium() && !(mayInstall && await install(CHROMIUM_PACKAGE) && await findChromium())) {
    console.log(
      "Without Chromium the shaders are not compiled with Tint: install chromium to run that test too.",
    );
  }
  return true;
}
