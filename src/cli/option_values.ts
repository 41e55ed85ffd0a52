/** Values that no option takes, whichever it is: none at all, and a second one where one thing is to be named. */
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
/** Attributes of options for which an empty text is a value, or which say themselves what they want. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(["name", "aboutData", "license", "modelConfig", "output"]);

/**
 * Lets an option refuse an empty value, which a shell's variable that is not set gives, and which as a folder would be the root of the disk; and,
 * where it names one thing, another value. Of settings such as `--steps` the last one counts, so that a script's can be overridden.
 */
export function guardValues(option: Option): void {
  if (option.variadic || !(option.required || option.optional)) return;
  const { long, parseArg = (text: string) => text } = option;
  const attribute = option.attributeName();
  let given: string | undefined;
  option.argParser((text: string, before: unknown) => {
    if (text.trim() === "" && !MAY_BE_EMPTY.has(attribute)) {
      throw new UserError(`${long} is empty: give it a value`, { exitCode: 2 });
    }
    if (given !== undefined && given !== text && NAMES_ONE.has(attribute)) {
      throw new UserError(`${long} is given twice, as '${given}' and as '${text}': give it once`, {
        exitCode: 2,
      });
    }
    given = text;
    return parseArg(text, before);
  });
}

/** Joins lists given one by one: `--against median --against nlm` means `median,nlm`. */
export function joinLists(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}
