/**
 * All that is worth measuring on a machine with a GPU, in one go:
 * `deno run -A --lock=deno.dev.lock tools/gpu_session.ts --out FOLDER [--tiny] [--only doctor,profile,compare,torch,variants,half,tests,train]
 * [--python python3] [--limit SECONDS] [--train NAME --data PHOTOS --minutes N]`
 *
 * Each part writes `PART.json` (what it prints) and `PART.log` (what it says meanwhile) into the folder; one that fails, or takes longer
 * than `--limit`, costs none of the others. Parts run before stay: the folder can be filled in several calls. At the end `results.md` has
 * tables of all that lies there, for docs/KERNELS.md. `--tiny` rehearses it on a software adapter.
 */
import { fileURLToPath } from "node:url";
import { UserError } from "../src/base/errors.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { sessionReport } from "./gpu_session/report.ts";
import { readArguments, refuse } from "./arguments.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

export const PARTS = ["doctor", "profile", "compare", "torch", "variants", "half", "tests", "train"] as const;
export type Part = typeof PARTS[number];

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
  const { out, tiny = false, python = "python3", train = "", data = "", minutes = "10" } = options;
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

/** Runs a part. @returns its exit code; 124 where it took longer than `limit` seconds. */
async function runPart(part: Part, options: SessionOptions, limit: number): Promise<number> {
  const { out } = options;
  if (part === "profile") {
    // A run that is there would want --resume, which has nothing left to do.
    await Deno.remove(`${out}/profile-run`, { recursive: true }).catch(() => {});
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: partArguments(part, options),
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const tooLong = setTimeout(() => child.kill("SIGTERM"), limit * 1000);
  const log = await Deno.open(`${out}/${part}.log`, { write: true, create: true, truncate: true });
  const [said, shown] = child.stderr.tee();
  const [printed] = await Promise.all([
    new Response(child.stdout).text(),
    said.pipeTo(log.writable),
    shown.pipeTo(Deno.stderr.writable, { preventClose: true }),
  ]);
  const { code, signal } = await child.status;
  clearTimeout(tooLong);
  // What prints no JSON prints lines to read: they belong to the log.
  const isJson = part !== "tests" && part !== "train";
  if (isJson && printed) await writeFileAtomically(`${out}/${part}.json`, new TextEncoder().encode(printed));
  else await Deno.writeTextFile(`${out}/${part}.log`, printed, { append: true });
  return signal === "SIGTERM" ? 124 : code;
}

/** Runs parts one after the other and writes the report of all that the folder holds. @returns the parts that did not end well. */
export async function gpuSession(
  parts: readonly Part[],
  options: SessionOptions,
  limit = 540,
): Promise<Part[]> {
  const { out } = options;
  await Deno.mkdir(out, { recursive: true });
  const failed: Part[] = [];
  for (const part of parts) {
    console.error(`${part}: deno ${partArguments(part, options).join(" ")}`);
    const began = performance.now();
    const code = await runPart(part, options, limit);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.error(
      code === 0
        ? `${part}: done in ${seconds} s`
        : `${part}: failed with exit code ${code} after ${seconds} s, see ${out}/${part}.log`,
    );
    if (code !== 0) failed.push(part);
  }
  await writeFileAtomically(`${out}/results.md`, new TextEncoder().encode(await sessionReport(out)));
  console.error(`${out}/results.md has the tables`);
  return failed;
}

const USAGE =
  "deno run -A tools/gpu_session.ts --out FOLDER [--tiny] [--only PARTS] [--python PYTHON] [--limit N] [--train NAME --data PHOTOS [--minutes N]]";

if (import.meta.main) {
  const { values } = readArguments(USAGE, {
    options: {
      out: { type: "string" },
      tiny: { type: "boolean" },
      only: { type: "string" },
      python: { type: "string" },
      limit: { type: "string" },
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
    const limit = values.limit === undefined ? undefined : Number(values.limit);
    if (limit !== undefined && !(limit > 0)) {
      throw new UserError("--limit is a number of seconds above 0", { exitCode: 2 });
    }
    const out = await Deno.mkdir(values.out, { recursive: true }).then(() => Deno.realPath(values.out!));
    Deno.exitCode = (await gpuSession(wanted as Part[], { ...values, out }, limit)).length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    Deno.exitCode = error.exitCode;
  }
}
