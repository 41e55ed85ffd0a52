/** What was measured is not lost where a limit of time ends a bench. */

/** Prints `report()` where the process is told to end (SIGTERM, which Windows has not), and ends it with exit code 143. */
export function printWhenStopped(report: () => string): void {
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGTERM", () => {
    console.log(report());
    Deno.exit(143);
  });
}
