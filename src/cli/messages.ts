/** Lines on standard error, and colour where it is wanted. Light: `--help` loads this. */
import { withoutCommands } from "../base/display_name.ts";
import { oneLine } from "../base/errors.ts";

type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** Escape sequences that switch a style on and off (ECMA-48, SGR). */
const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Whether a stream shows colours: it is a terminal, and NO_COLOR (https://no-color.org) is not set. */
export function hasColours(stream: "stdout" | "stderr"): boolean {
  return !Deno.noColor && Deno[stream].isTerminal();
}

/** The text in a style where the stream shows colours, else as it is. */
export function styled(style: Style, text: string, stream: "stdout" | "stderr" = "stderr"): string {
  if (!hasColours(stream)) return text;
  const [on, off] = CODES[style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/** Prints what is wrong, as one line that begins with the program's name. */
export function complain(message: string): void {
  console.error(`${styled("red", "clairnet:")} ${withoutCommands(message)}`);
}

/** Prints an error: one line, or with `verbose` all that is known about where it came from. */
export function complainOf(error: unknown, verbose = false): void {
  if (!verbose || !(error instanceof Error)) return complain(oneLine(error));
  for (let each: unknown = error, first = true; each instanceof Error; each = each.cause, first = false) {
    complain(`${first ? "" : "caused by "}${each.stack ?? oneLine(each)}`);
  }
}
