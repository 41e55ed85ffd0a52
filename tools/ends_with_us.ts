/** A process that was started must not outlive the one that started it: it would hold its pipes open, and the GPU. */

/**
 * Where this process is told to end (SIGTERM, which Windows has not), `child` is sent `signal` in place of that, and this one goes on: it sees the
 * child end. Dispose it when the child has ended.
 */
export function endsWithUs(child: Deno.ChildProcess, signal: Deno.Signal = "SIGTERM"): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]() {} };
  const pass = () => {
    try {
      child.kill(signal);
    } catch {
      // It has just ended.
    }
  };
  Deno.addSignalListener("SIGTERM", pass);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGTERM", pass) };
}
