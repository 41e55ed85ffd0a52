/** What a person sees on standard error: notices, and a progress bar where it is a terminal. */
import process from "node:process";
import cliProgress from "cli-progress";
import { systemReason, UserError } from "../base/errors.ts";
import { toJson } from "../base/json.ts";

export interface Bar {
  /** @param fields shown by the format's `{name}` places. */
  update(done: number, total: number, fields?: Record<string, string>): void;
  stop(): void;
}

const SILENT: Bar = { update() {}, stop() {} };

/** A bar on standard error; nothing where that is no terminal or `quiet` is set. `format` has `{bar}`, `{value}`, `{total}` and fields of its own. */
export function progressBar(format: string, quiet = false): Bar {
  if (quiet || !Deno.stderr.isTerminal()) return SILENT;
  const bar = new cliProgress.SingleBar({
    ...{ format, stream: process.stderr, hideCursor: true, clearOnComplete: true, stopOnComplete: false },
    ...{ barCompleteChar: "█", barIncompleteChar: "░", barsize: 24, fps: 5 },
  });
  let running = false;
  return {
    update(done, total, fields = {}) {
      if (!running) {
        bar.start(total, done, fields);
        running = true;
      } else {
        bar.setTotal(total);
        bar.update(done, fields);
      }
    },
    stop() {
      if (running) bar.stop();
      running = false;
    },
  };
}

/** Seconds as `1 h 05 min`, `3 min 20 s` or `12 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  if (whole >= 3600) {
    return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole % 3600 / 60)).padStart(2, "0")} min`;
  }
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${whole} s`;
}

/** Aborts at the first Ctrl-C (or SIGTERM); a second one ends the process as usual. Dispose it to stop listening. */
export function interruptible(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const stop = () => {
    controller.abort(new Interrupted());
    release();
  };
  const release = () => signals.forEach((name) => Deno.removeSignalListener(name, stop));
  signals.forEach((name) => Deno.addSignalListener(name, stop));
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      if (!controller.signal.aborted) release();
    },
  };
}

/** The person asked to stop. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Prints a JSON document on standard output. Infinite numbers, which JSON has not, become strings. */
export function printJson(value: unknown): void {
  printLine(toJson(value, 2));
}

/** Prints a result on standard output. @throws {UserError} where it does not take it, such as a file on a disk that is full. */
export function printLine(text: string): void {
  try {
    console.log(text);
  } catch (error) {
    throw new UserError(`Cannot write standard output: ${systemReason(error)}`, { cause: error });
  }
}
