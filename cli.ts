/**
 * The command line: parses, calls, prints. The only file that ends the process.
 * Exit codes: 0 all done, 1 something failed (the rest was still done), 2 the call was wrong, 130 interrupted.
 */
import { run } from "./src/cli/program.ts";

if (import.meta.main) Deno.exit(await run(Deno.args));
