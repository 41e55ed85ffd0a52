/** Runs a process of tests, whose output is passed on, and ends it where it is stuck. */
import { readSummary, type Summary } from "./summary.ts";

/** How a process ended, and what it summed up. */
export interface Run {
  readonly code: number;
  readonly summary?: Summary;
}

/** How to run it. */
export interface RunOptions {
  readonly env: Record<string, string>;
  /** Whether its output is passed on as it comes, or in one piece at the end. */
  readonly live: boolean;
  /** Milliseconds without any output, but for Deno's remark that a test takes long, after which it is ended. */
  readonly silence: number;
}

/** What Deno says again and again of a test that does not end: no sign of life. */
const WAITING = /' has been running for over /;

/** Exit code of a process that was ended, as of `timeout`. */
const STUCK = 124;

/** For so many milliseconds its output is read on when it has ended: what it has started may hold the pipes open. */
const GRACE = 5000;

/** A piece of output, and where it belongs. */
type Piece = readonly [to: typeof Deno.stdout | typeof Deno.stderr, bytes: Uint8Array];

function print([to, bytes]: Piece): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}

/** Runs a command to its end; one that prints nothing for too long is killed, and that is said after what it printed. */
export async function runProcess(
  command: string,
  args: readonly string[],
  { env, live, silence }: RunOptions,
): Promise<Run> {
  const child = new Deno.Command(command, { args: [...args], env, stdout: "piped", stderr: "piped" }).spawn();
  const held: Piece[] = [];
  let output = "";
  const decoder = new TextDecoder();
  let stuck = false;
  const kill = () => {
    stuck = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
  };
  let timer = setTimeout(kill, silence);
  const readers = [child.stdout.getReader(), child.stderr.getReader()] as const;
  const pass = async (
    reader: ReadableStreamDefaultReader<Uint8Array>,
    to: Piece[0],
    read?: (chunk: Uint8Array) => void,
  ) => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (!WAITING.test(new TextDecoder().decode(next.value))) {
        clearTimeout(timer);
        timer = setTimeout(kill, silence);
      }
      if (live) print([to, next.value]);
      else held.push([to, next.value]);
      read?.(next.value);
    }
  };
  const passed = Promise.all([
    // The summary comes last, so the rest need not be kept.
    pass(readers[0], Deno.stdout, (chunk) => {
      output = (output + decoder.decode(chunk, { stream: true })).slice(-100_000);
    }),
    pass(readers[1], Deno.stderr),
  ]);
  const { code } = await child.status;
  clearTimeout(timer);
  const grace = setTimeout(() => readers.forEach((reader) => reader.cancel()), GRACE);
  await passed;
  clearTimeout(grace);
  clearTimeout(timer);
  held.forEach(print);
  if (!stuck) return { code, summary: readSummary(output) };
  console.error(`\nStopped: it printed nothing for ${silence / 60_000} minutes.`);
  return { code: STUCK };
}
