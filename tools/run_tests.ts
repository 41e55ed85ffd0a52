/**
 * `deno task test [FILE|OPTION]...`: runs the tests with `deno test`, and first brings what they need: a WebGPU
 * adapter, and Chromium, whose compiler (Tint) must accept the shaders too. On Debian and Ubuntu, as root, it installs
 * the missing packages; elsewhere it says what to install. All tests together run in two processes at a time, each
 * with some of the files. The last line printed is `N passed, N failed`.
 */
import { type Run, runProcess } from "./run_tests/process.ts";
import { prepare, webgpuEnvironment } from "./run_tests/prepare.ts";
import { closingLine } from "./run_tests/summary.ts";

/** Where examples stand in the documentation: they are run too. */
const DOCUMENTED = ["mod.ts", "native.ts", "src/", "README.md"];

/** Processes at a time: compiling kernels and the float64 reference keep one core busy each, kernels that run all of them. */
const PROCESSES = Math.min(2, navigator.hardwareConcurrency);

/** Files that one process takes. Few, so that none is left with much when the others are through. */
const GROUP = 6;

/** A lock file of its own: what only tests and tools need is not to be fetched by whoever runs the command line. */
const LOCK = "--lock=deno.dev.lock";

/** A process that prints nothing for so long is stuck: the slowest test takes a minute or two on a slow machine. */
const SILENCE_MINUTES = 10;

/** Runs `deno` with these arguments. @param live whether its output is passed on as it comes, or in one piece at the end. */
function deno(args: readonly string[], env: Record<string, string>, live: boolean): Promise<Run> {
  return runProcess(Deno.execPath(), args, { env, live, silence: SILENCE_MINUTES * 60_000 });
}

/** Files in groups of about that size, neighbours apart: files of one folder often take alike long. */
export function dealt(files: readonly string[], size: number): string[][] {
  const groups = Array.from({ length: Math.ceil(files.length / size) }, (): string[] => []);
  files.forEach((file, i) => groups[i % groups.length].push(file));
  return groups;
}

function testFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? testFiles(path) : name.endsWith("_test.ts") ? [path] : [];
  }).sort();
}

/** All tests, with these options of `deno test`. */
async function runAll(options: readonly string[], env: Record<string, string>): Promise<Run[]> {
  const files = testFiles("tests");
  // Types are checked once, and not once again by each process.
  const checked = await deno(["check", "--quiet", LOCK, ...files], env, true);
  if (checked.code !== 0) return [checked];
  const queue = [
    ["--doc", ...DOCUMENTED],
    ...dealt(files, GROUP).map((group) => ["--no-check", ...group]),
  ];
  const runs: Run[] = [];
  await Promise.all(Array.from({ length: PROCESSES }, async () => {
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      runs.push(await deno(["test", "-A", LOCK, ...options, ...group], env, PROCESSES === 1));
    }
  }));
  return runs;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const runtimeDirectory = await Deno.makeTempDir({ prefix: "clairnet-tests-" });
  let exitCode = 1;
  try {
    const env = webgpuEnvironment(runtimeDirectory);
    if (await prepare(env)) {
      const named = Deno.args.some((arg) => !arg.startsWith("-") && exists(arg));
      const runs = named
        ? [await deno(["test", "-A", LOCK, ...Deno.args], env, true)]
        : await runAll(Deno.args, env);
      exitCode = runs.find(({ code }) => code !== 0)?.code ?? 0;
      const line = closingLine(runs.map(({ summary }) => summary));
      if (line !== undefined) console.log(line);
      else console.error("Not all tests ran.");
    }
  } finally {
    await Deno.remove(runtimeDirectory, { recursive: true });
  }
  Deno.exit(exitCode);
}
