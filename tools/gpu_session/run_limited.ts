/** Runs a process for a limited time, and passes its output on as it comes. */

/** Milliseconds in which one that is told to end may write what it has; then it is killed. */
const GRACE = 20_000;
/** For so many milliseconds its output is read on when it has ended: what it has started may hold the pipes open. */
const DRAIN = 2000;
/** The longest that a timer waits, milliseconds. */
const LONGEST = 2 ** 31 - 1;
/** Exit code of one that took too long, as of `timeout`. */
const TOO_LONG = 124;

export interface Limited {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Milliseconds that it may take. */
  readonly limit: number;
  /** Milliseconds from SIGTERM to SIGKILL; 20 seconds if not given. */
  readonly grace?: number;
  readonly onStdout: (bytes: Uint8Array) => void;
  readonly onStderr: (bytes: Uint8Array) => void;
}

/** @returns its exit code; 124 where it took too long. */
export async function runLimited(command: string, options: Limited): Promise<number> {
  const { args, cwd, env, limit, grace = GRACE } = options;
  const child = new Deno.Command(command, { args: [...args], cwd, env, stdout: "piped", stderr: "piped" })
    .spawn();
  let tooLong = false;
  const end = (signal: Deno.Signal) => {
    tooLong = true;
    try {
      child.kill(signal);
    } catch {
      // It has just ended.
    }
  };
  const timers = [
    setTimeout(() => end("SIGTERM"), Math.min(limit, LONGEST)),
    setTimeout(() => end("SIGKILL"), Math.min(limit + grace, LONGEST)),
  ];
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  const passed = Promise.all(readers.map(async (reader, i) => {
    const pass = i === 0 ? options.onStdout : options.onStderr;
    for (let next = await reader.read(); !next.done; next = await reader.read()) pass(next.value);
  }));
  const { code } = await child.status;
  timers.forEach(clearTimeout);
  const drain = setTimeout(() => readers.forEach((reader) => reader.cancel()), DRAIN);
  await passed;
  clearTimeout(drain);
  return tooLong ? TOO_LONG : code;
}
