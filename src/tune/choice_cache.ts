/** Remembers choices of kernels from run to run: a JSON file in the user's cache folder, keyed by adapter and kernels. */
import { dirname, isAbsolute, join } from "node:path";
import { systemReason } from "../base/errors.ts";
import { writeFileAtomically } from "../base/write_file.ts";
import type { AdapterSummary } from "../gpu/adapter.ts";
import { shaders } from "../gpu/shaders.gen.ts";
import { isSettled, parseChoiceKey } from "../ops/conv2d_choices.ts";
import type { TunedChoice } from "./tune_convolution.ts";

const FORMAT = "clairnet kernel choices 1";

/** What is remembered of one adapter with the present kernels. */
export interface CachedChoices {
  /** When it was measured last, ISO 8601. */
  readonly tuned: string;
  /** By the layers' names. */
  readonly choices: ReadonlyMap<string, TunedChoice>;
}

/** One adapter in the file. */
interface Entry {
  readonly name: string;
  readonly vendor: string;
  /** Version of the kernels, see `kernelVersion`. */
  readonly kernels: string;
  readonly tuned: string;
  readonly choices: Readonly<Record<string, TunedChoice>>;
}

/** A hash of all shader sources: choices that were measured with others do not count. */
export async function kernelVersion(): Promise<string> {
  const text = Object.entries(shaders).map(([name, code]) => `${name}\n${code}\n`).join("");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest).subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/**
 * Path of the file: below XDG_CACHE_HOME or ~/.cache on Linux, ~/Library/Caches on macOS, LOCALAPPDATA on Windows. Undefined where
 * there is no such folder, or no permission to know; never asks for one.
 */
export function choiceCachePath(): string | undefined {
  const { os } = Deno.build;
  const folder = os === "windows"
    ? variable("LOCALAPPDATA")
    : os === "darwin"
    ? below(variable("HOME"), "Library/Caches")
    : absolute(variable("XDG_CACHE_HOME")) ?? below(variable("HOME"), ".cache");
  return below(folder, "clairnet/tuning.json");
}

/**
 * The choices that are remembered for an adapter and the present kernels; undefined where there are none, or where the file may not be read.
 * @param onNotice receives one line where there is a file that cannot be used.
 */
export async function readChoices(
  path: string,
  adapter: AdapterSummary,
  onNotice: (line: string) => void,
): Promise<CachedChoices | undefined> {
  const entry = (await readEntries(path, onNotice)).find(matches(adapter, await kernelVersion()));
  return entry && { tuned: entry.tuned, choices: new Map(Object.entries(entry.choices)) };
}

/**
 * Adds choices to what is remembered for an adapter, and forgets those that were made with other kernels on it.
 * @returns one line where that failed: what was chosen can be used all the same.
 */
export async function writeChoices(
  path: string,
  adapter: AdapterSummary,
  choices: ReadonlyMap<string, TunedChoice>,
): Promise<string | undefined> {
  if (await state("write", path) !== "granted") {
    return `The choices are not kept: there is no permission to write ${path}`;
  }
  try {
    const { name, vendor } = adapter;
    const kernels = await kernelVersion();
    const entries = await readEntries(path, () => {});
    const before = entries.find(matches(adapter, kernels))?.choices ?? {};
    const entry: Entry = {
      ...{ name, vendor, kernels, tuned: new Date().toISOString() },
      choices: { ...before, ...Object.fromEntries(choices) },
    };
    const others = entries.filter((other) => other.name !== name || other.vendor !== vendor);
    await Deno.mkdir(dirname(path), { recursive: true });
    const text = JSON.stringify({ format: FORMAT, adapters: [...others, entry] }, null, 1);
    await writeFileAtomically(path, new TextEncoder().encode(`${text}\n`));
  } catch (error) {
    return `The choices are not kept: cannot write ${path}: ${systemReason(error)}`;
  }
}

function matches(adapter: AdapterSummary, kernels: string): (entry: Entry) => boolean {
  return (entry) =>
    entry.name === adapter.name && entry.vendor === adapter.vendor && entry.kernels === kernels;
}

/** The file's entries; none where it is missing, may not be read, or is not what we wrote. */
async function readEntries(path: string, onNotice: (line: string) => void): Promise<readonly Entry[]> {
  if (await state("read", path) !== "granted") return [];
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      onNotice(`The kernel choices in ${path} are not used: ${systemReason(error)}`);
    }
    return [];
  }
  try {
    const { format, adapters } = JSON.parse(text) as { format?: unknown; adapters?: unknown };
    if (format === FORMAT && Array.isArray(adapters) && adapters.every(isEntry)) return adapters;
  } catch {
    // Not JSON, or null.
  }
  onNotice(`The kernel choices in ${path} are not used: the file is damaged or not of this program`);
  return [];
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { name, vendor, kernels, tuned, choices } = value as Record<string, unknown>;
  return [name, vendor, kernels, tuned].every((text) => typeof text === "string") &&
    typeof choices === "object" && choices !== null && Object.entries(choices).every(isChoice);
}

function isChoice([key, value]: [string, unknown]): boolean {
  if (typeof value !== "object" || value === null || !parseChoiceKey(key)) return false;
  const { variant, milliseconds } = value as Record<string, unknown>;
  return isSettled(variant) && typeof milliseconds === "object" && milliseconds !== null &&
    Object.values(milliseconds).every((time) => typeof time === "number");
}

async function state(name: "read" | "write", path: string): Promise<Deno.PermissionState> {
  return (await Deno.permissions.query({ name, path })).state;
}

function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

/** The XDG specification has relative paths ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function below(folder: string | undefined, path: string): string | undefined {
  return folder === undefined ? undefined : join(folder, path);
}
