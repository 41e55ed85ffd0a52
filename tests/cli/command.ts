/** Runs the command line as a person does: in a process of its own. */
import { fileURLToPath } from "node:url";

export const PROGRAM = fileURLToPath(new URL("../../cli.ts", import.meta.url));

const WAIT_IN_WRITE = fileURLToPath(new URL("./wait_in_write.ts", import.meta.url));

/** `serve` fetches onnxruntime-web, which the users' lock file leaves out, and which Deno would add to it. */
const SERVE_LOCK = `--lock=${fileURLToPath(new URL("../../deno.dev.lock", import.meta.url))}`;

export interface CommandOptions {
  readonly cwd?: string;
  readonly stdin?: Uint8Array;
  /** Variables to set; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Permissions in place of `-A`. */
  readonly permissions?: readonly string[];
  /** Waits in the midst of its Nth write until there is a file `go-on`, see wait_in_write.ts. */
  readonly waitInWrite?: number;
  /** A command that runs the program, such as `setpriv …`. */
  readonly through?: readonly string[];
}

export interface CommandResult {
  readonly code: number;
  readonly bytes: Uint8Array;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `clairnet ARGS…`; its output is piped. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): Deno.ChildProcess {
  const { cwd, stdin, permissions = ["-A"], through = [] } = options;
  const { waitInWrite } = options;
  const env = {
    ...Deno.env.toObject(),
    ...(waitInWrite !== undefined && { WAIT_IN_WRITE: `${waitInWrite}` }),
    ...options.env,
  };
  const preload = waitInWrite !== undefined ? [`--preload=${WAIT_IN_WRITE}`] : [];
  const lock = args[0] === "serve" ? [SERVE_LOCK] : [];
  // Quiet: on a fresh machine Deno reports downloads on standard error.
  const line = [
    ...through,
    Deno.execPath(),
    "run",
    "--quiet",
    ...lock,
    ...preload,
    ...permissions,
    PROGRAM,
    ...args,
  ];
  return new Deno.Command(line[0], {
    args: line.slice(1),
    cwd,
    clearEnv: true,
    env: Object.fromEntries(
      Object.entries(env).flatMap(([key, value]) => value === undefined ? [] : [[key, value]]),
    ),
    stdin: stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `clairnet ARGS…` to its end. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = startCommand(args, options);
  const feed = async () => {
    if (!options.stdin) return;
    const writer = child.stdin.getWriter();
    await writer.write(options.stdin);
    await writer.close();
  };
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), feed()]);
  const decoder = new TextDecoder();
  return { code, bytes: stdout, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Asks again and again while a process runs. A process that has ended changes nothing any more, so no test waits for
 * ever for a moment that it has missed.
 * @param ended the process's end, such as `child.status` or `child.output()`.
 * @param probe gives undefined until there is something to tell.
 * @returns what the probe told, or undefined if the process ended before.
 */
export async function whileRunning<T>(
  ended: Promise<unknown>,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  let over = false;
  const end = () => {
    over = true;
  };
  ended.then(end, end);
  for (;;) {
    const last = over;
    const told = await probe();
    if (told !== undefined || last) return told;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * Starts `clairnet ARGS…` and resolves when it waits in the midst of its Nth write.
 * @returns the process and its end. It goes on when there is a file `go-on` in the folder.
 */
export async function startWriting(args: readonly string[], cwd: string, waitInWrite: number) {
  const child = startCommand(args, { cwd, waitInWrite });
  const ended = child.output();
  const waiting = await whileRunning(ended, () => Deno.stat(`${cwd}/waiting`).catch(() => undefined));
  if (!waiting) throw new Error(`no write ${waitInWrite}: ${new TextDecoder().decode((await ended).stderr)}`);
  await Deno.remove(`${cwd}/waiting`);
  return { child, ended };
}

/** Lines of an output, without the end of the last one. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
