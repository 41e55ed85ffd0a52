/** How a tool or a bench ends. */
import { UserError } from "../src/base/errors.ts";

/** Runs a script; a person's mistake is one line, not a stack trace. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    Deno.exit(error.exitCode);
  }
}
