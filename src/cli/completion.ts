/** `clairnet completion`: scripts that complete commands, options and their values in three shells. */
import type { Command, Option } from "commander";
import { UserError } from "../base/errors.ts";
import { SHIPPED_MODELS } from "../nn/shipped.ts";
import { bashScript } from "./completion_bash.ts";
import type { CommandWords, OptionWords } from "./completion_words.ts";
import { fishScript } from "./completion_fish.ts";
import { zshScript } from "./completion_zsh.ts";
import { printJson, printLine } from "./terminal.ts";

const SHELLS: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints the script for a shell. */
export function completion(program: Command, shell: string, options: { json?: boolean }): Promise<number> {
  if (!Object.hasOwn(SHELLS, shell)) {
    throw new UserError(`completion takes ${Object.keys(SHELLS).join(", ")}, got ${shell}`, { exitCode: 2 });
  }
  const script = SHELLS[shell](wordsOf(program, ""));
  if (options.json) printJson({ shell, script });
  else printLine(script);
  return Promise.resolve(0);
}

function wordsOf(command: Command, path: string): CommandWords[] {
  const own: CommandWords = {
    path,
    description: command.description(),
    commands: command.commands.map((each) => [each.name(), each.description()]),
    options: [...command.options.map(optionWords), HELP],
    values: path === "completion"
      ? Object.keys(SHELLS)
      : path === "models info"
      ? [...SHIPPED_MODELS]
      : undefined,
  };
  return [own, ...command.commands.flatMap((each) => wordsOf(each, `${path} ${each.name()}`.trim()))];
}

const HELP: OptionWords = {
  flags: ["-h", "--help"],
  description: "display help for command",
  takesValue: false,
  optional: false,
  values: [],
  files: false,
};

function optionWords(option: Option): OptionWords {
  const isModel = option.long === "--model" || option.long === "--init";
  const values = option.argChoices ?? (isModel ? [...SHIPPED_MODELS] : []);
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    optional: option.optional,
    values,
    files: /file|dir|path|model/.test(/<.*>|$/.exec(option.flags)![0]),
  };
}
