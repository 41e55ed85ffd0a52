/**
 * The command line: parses, calls, prints. The only file that ends the process.
 * Exit codes: 0 all done, 1 something failed (the rest was still done), 2 the call was wrong, 130 interrupted.
 */
import { fail, run } from "./src/cli/program.ts";

if (import.meta.main) {
  // What a library throws outside of any call still ends in one line and an exit code.
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    Deno.exit(fail(event.error ?? event.message, Deno.args));
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    Deno.exit(fail(event.reason, Deno.args));
  });
  Deno.exit(await run(Deno.args));
}
