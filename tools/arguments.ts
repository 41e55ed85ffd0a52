/** Options of a tool or a bench from its command line. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** What is missing or wrong in a call: one line, then how it is meant; exit code 2. */
export function refuse(usage: string, what?: string): never {
  if (what !== undefined) console.error(what);
  console.error(`Usage: ${usage}`);
  Deno.exit(2);
}

/** What an option that takes a whole number from `least` on has; refuses all else, which would pass for NaN or 0. */
export function wholeNumber(usage: string, option: string, text: string, least = 1): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && Number.isSafeInteger(value)) return value;
  refuse(usage, `${option} takes a whole number from ${least} on, got ${text}`);
}

/**
 * `parseArgs` of node:util, with `--help`, and with a line in place of a stack for an option that there is not.
 * @param usage the call in one line, as the tool's own comment has it.
 */
export function readArguments<T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(`Usage: ${usage}`);
    Deno.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    refuse(usage, error.message.split(". ")[0]);
  }
}
