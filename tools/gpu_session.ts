/**
 * All that is worth measuring on a machine with a GPU, in one go:
 * `deno run -A --lock=deno.dev.lock tools/gpu_session.ts --out FOLDER [--tiny] [--only doctor,profile,compare,torch,variants,half,tests,train]
 * [--python python3] [--limit SECONDS] [--total SECONDS] [--train NAME --data PHOTOS --minutes N]`
 *
 * Each part writes `PART.json` (what it prints) and `PART.log` (what it says meanwhile) into the folder; one that fails, or takes longer
 * than `--limit`, leaves what it has measured and costs none of the others. `--total` is for all of them together: on a machine that is lent,
 * half a minute less than it is lent for. Parts run before stay: the folder can be filled in several calls. After each part `results.md` has
 * tables of all that lies there, for docs/KERNELS.md. `--tiny` rehearses it on a software adapter.
 */
import { fileURLToPath } from "node:url";
import { UserError } from "../src/base/errors.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { sessionReport } from "./gpu_session/report.ts";
import { runLimited } from "./gpu_session/run_limited.ts";
import { readArguments, refuse } from "./arguments.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

export const PARTS = ["doctor", "profile", "compare", "torch", "variants", "half", "tests", "train"] as const;
export type Part = typeof PARTS[number];

/** For how long a recipe is trained where nothing is said. */
const MINUTES = "10";

export interface SessionOptions {
  /** Folder of the results. */
  readonly out: string;
  /** A rehearsal over a few pixels. */
  readonly tiny?: boolean;
  /** What runs PyTorch. */
  readonly python?: string;
  /** Recipe to train, with the photos for it and the time that it may take. */
  readonly train?: string;
  readonly data?: string;
  readonly minutes?: string;
}

/** Arguments of `deno` for a part. */
export function partArguments(part: Part, options: SessionOptions): string[] {
  const { out, tiny = false, python = "python3", train = "", data = "", minutes = MINUTES } = options;
  const size = tiny ? "--tiny" : "--full";
  const developer = ["run", "-A", "--lock=deno.dev.lock"];
  switch (part) {
    case "doctor":
      return ["run", "-A", "cli.ts", "doctor", "--json"];
    case "variants":
      return [...developer, "bench/conv2d_variants.ts", ...(tiny ? [] : ["--full"]), "--json"];
    case "half":
      return [...developer, "bench/half.ts", size, "--json"];
    case "compare":
      return [...developer, "bench/compare.ts", size, "--json"];
    case "torch":
      return [...developer, "bench/peers/run.ts", size, "--json", "--python", python];
    case "profile": {
      // The largest recipe's step; enough of them that the speed with the preparation of the patches shows.
      const [batch, patch, steps] = tiny ? ["1", "16", "2"] : ["16", "128", "300"];
      return [
        ...["run", "-A", "cli.ts", "train", "--data", "samples/clean", "--out", `${out}/profile-run`],
        ...["--model-config", "widths=32/64/128/192,blocks=2", "--degrade", "photo", "--held-out", "0"],
        ...["--batch", batch, "--patch", patch, "--steps", steps, "--profile", "--json"],
        // What is found is remembered, and the comparisons after it take it.
        ...(tiny ? [] : ["--tune"]),
      ];
    }
    case "tests":
      return [
        ...["test", "-A", "--no-check", "--lock=deno.dev.lock"],
        ...(tiny ? ["tests/gpu/memory_test.ts"] : ["tests/gpu", "tests/ops", "tests/nn", "tests/train"]),
      ];
    case "train":
      return [
        ...[...developer, "tools/train_model.ts", train, "--data", data, "--out", `${out}/runs`],
        ...["--minutes", minutes, ...(tiny ? ["--rehearse"] : [])],
      ];
  }
}

/** Seconds that a part may take: a training has asked for its own, and has some more to start and to end in. */
export function limitOf(part: Part, { minutes }: SessionOptions, limit: number): number {
  return part === "train" ? Math.max(limit, Number(minutes ?? MINUTES) * 60 + 120) : limit;
}

function writeAll(file: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Runs a part. @returns its exit code; 124 where it took longer than `limit` seconds. */
async function runPart(part: Part, options: SessionOptions, limit: number): Promise<number> {
  const { out } = options;
  if (part === "profile") {
    // A run that is there would want --resume, which has nothing left to do.
    await Deno.remove(`${out}/profile-run`, { recursive: true }).catch(() => {});
  }
  using log = await Deno.open(`${out}/${part}.log`, { write: true, create: true, truncate: true });
  let printed = "";
  const decoder = new TextDecoder();
  const code = await runLimited(Deno.execPath(), {
    args: partArguments(part, options),
    cwd: root,
    env: { NO_COLOR: "1" },
    limit: limit * 1000,
    onStdout: (bytes) => {
      // What prints no JSON prints lines to read: they belong to the log, and are there if all this is killed.
      if (part === "tests" || part === "train") writeAll(log, bytes);
      else printed += decoder.decode(bytes, { stream: true });
    },
    onStderr: (bytes) => {
      writeAll(log, bytes);
      writeAll(Deno.stderr, bytes);
    },
  });
  // One that fails may print something else, which is not to take the place of an earlier result.
  if (isJson(printed)) await writeFileAtomically(`${out}/${part}.json`, new TextEncoder().encode(printed));
  else writeAll(log, new TextEncoder().encode(printed));
  return code;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Seconds that each part may take, and that all may take together. */
export interface SessionLimits {
  readonly each?: number;
  readonly total?: number;
}

/**
 * Runs parts one after the other; after each the report has all that the folder holds, so that nothing is lost where the session is killed.
 * @returns the parts that did not end well, or did not begin because the time was over.
 */
export async function gpuSession(
  parts: readonly Part[],
  options: SessionOptions,
  { each = 540, total = Infinity }: SessionLimits = {},
): Promise<Part[]> {
  const { out } = options;
  await Deno.mkdir(out, { recursive: true });
  const failed: Part[] = [];
  const start = performance.now();
  for (const part of parts) {
    const began = performance.now();
    const left = total - (began - start) / 1000;
    if (left <= 0) {
      console.error(`${part}: left out, the time is over`);
      failed.push(part);
      continue;
    }
    console.error(`${part}: deno ${partArguments(part, options).join(" ")}`);
    const code = await runPart(part, options, Math.min(limitOf(part, options, each), left));
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.error(
      code === 0
        ? `${part}: done in ${seconds} s`
        : `${part}: failed with exit code ${code} after ${seconds} s, see ${out}/${part}.log`,
    );
    if (code !== 0) failed.push(part);
    await writeFileAtomically(`${out}/results.md`, new TextEncoder().encode(await sessionReport(out)));
  }
  console.error(`${out}/results.md has the tables`);
  return failed;
}

/** @throws {UserError} where an option is not a number above 0. */
function above0(option: string, text: string | undefined): number | undefined {
  if (text === undefined || Number(text) > 0) return text === undefined ? undefined : Number(text);
  throw new UserError(`${option} must be a number above 0, got ${text}`, { exitCode: 2 });
}

const USAGE =
  "deno run -A tools/gpu_session.ts --out FOLDER [--tiny] [--only PARTS] [--python PYTHON] [--limit N] [--total N] [--train NAME --data PHOTOS [--minutes N]]";

if (import.meta.main) {
  const { values } = readArguments(USAGE, {
    options: {
      out: { type: "string" },
      tiny: { type: "boolean" },
      only: { type: "string" },
      python: { type: "string" },
      limit: { type: "string" },
      total: { type: "string" },
      train: { type: "string" },
      data: { type: "string" },
      minutes: { type: "string" },
    },
  });
  try {
    if (values.out === undefined || (values.train === undefined) !== (values.data === undefined)) {
      refuse(USAGE);
    }
    const usual = PARTS.filter((part) => part !== "train" || values.train !== undefined);
    const wanted = values.only?.split(",") ?? usual;
    const unknown = wanted.find((part) => !(PARTS as readonly string[]).includes(part));
    if (unknown !== undefined || (wanted.includes("train") && values.train === undefined)) {
      throw new UserError(
        unknown === undefined
          ? "The part train needs --train NAME --data PHOTOS"
          : `--only takes ${PARTS.join(", ")}, got ${unknown}`,
        { exitCode: 2 },
      );
    }
    const limits = { each: above0("--limit", values.limit), total: above0("--total", values.total) };
    above0("--minutes", values.minutes);
    const out = await Deno.mkdir(values.out, { recursive: true }).then(() => Deno.realPath(values.out!));
    Deno.exitCode = (await gpuSession(wanted as Part[], { ...values, out }, limits)).length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    Deno.exitCode = error.exitCode;
  }
}
