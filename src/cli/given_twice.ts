/** Options that a person may give twice. */
import type { Option } from "commander";
import { UserError } from "../base/errors.ts";

/** Attributes of options that name the one thing to work on, with or into: a second one would silently stand for the first. */
const NAMES_ONE: ReadonlySet<string> = new Set([
  "data",
  "degrade",
  "export",
  "init",
  "lowSide",
  "model",
  "modelConfig",
  "only",
  "out",
  "output",
  "report",
]);

/**
 * Lets an option that names one thing refuse another (exit code 2). Of settings such as `--steps` the last one counts, so that a script's can
 * be overridden.
 */
export function refuseSecond(option: Option): void {
  if (!NAMES_ONE.has(option.attributeName())) return;
  const parse = option.parseArg ?? ((text: string) => text);
  let given: string | undefined;
  option.argParser((text: string, before: unknown) => {
    if (given !== undefined && given !== text) {
      throw new UserError(`${option.long} is given twice, as '${given}' and as '${text}': give it once`, {
        exitCode: 2,
      });
    }
    given = text;
    return parse(text, before);
  });
}

/** Joins lists given one by one: `--against median --against nlm` means `median,nlm`. */
export function joinLists(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}
