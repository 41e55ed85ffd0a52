/** The program: its commands put together, a call's exit code, and what it says of a wrong one. */
import { Command, CommanderError } from "commander";
import { oneLine, UserError } from "../base/errors.ts";
import { defineEnhance } from "./define_enhance.ts";
import { defineModels } from "./define_models.ts";
import { defineOthers } from "./define_others.ts";
import { defineTraining } from "./define_training.ts";
import { exampleText } from "./examples.ts";
import { guardValues } from "./option_values.ts";
import { complain, complainOf, hasColours, styled } from "./messages.ts";
import { type Caller, COMPARE_KINDS } from "./shared_options.ts";
import { VERSION } from "./version.ts";

/** Columns that help is set in, on terminals of any width. */
const HELP_WIDTH = 80;

/** Runs a command line and returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = commands((result) => code = result);
  try {
    await program.parseAsync(withCompareKind(args), { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return fail(error, args);
  }
}

/** Reports an error that ends the program, on one line unless `--verbose` is among the arguments. @returns the exit code. */
export function fail(error: unknown, args: readonly string[]): number {
  complainOf(error, args.includes("--verbose"));
  return error instanceof UserError ? error.exitCode : 1;
}

/** `--compare` may stand alone before a photo, which must not be taken for its kind. */
function withCompareKind(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, i) =>
    arg === "--compare" && (end < 0 || i < end) && !COMPARE_KINDS.includes(args[i + 1])
      ? `--compare=${COMPARE_KINDS[0]}`
      : arg
  );
}

/**
 * Commander's message in our form, with what to do about a file whose name looks like an option, and where to see what is missing.
 * @param path words that call the command.
 */
function complaint(text: string, path: string): string {
  const message = oneLine(text).replace(/^error: /, "");
  const option = /^unknown option '(-[^']*)'/.exec(message)?.[1];
  try {
    if (option && Deno.statSync(option).isFile) {
      return `${message}; for the file of that name write ./${option}`;
    }
  } catch {
    // There is none, or we are not allowed to look.
  }
  return /^(missing|required|option '.*' argument missing)/.test(message)
    ? `${message}: see clairnet ${path} --help`
    : message;
}

/**
 * All commands.
 * @param exit receives the exit code of the one that was called.
 */
export function commands(exit: (code: number) => void): Command {
  const program = new Command("clairnet")
    .description(
      "Makes blurred, noisy or over-compressed photos better with a U-Net whose passes are WGSL compute shaders.",
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      // Asked here and not by the library, which would read variables that it may not be allowed to.
      getOutHasColors: () => hasColours("stdout"),
      getErrHasColors: () => hasColours("stderr"),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .configureHelp({ styleTitle: (title) => styled("bold", title, "stdout") })
    .showHelpAfterError(false);
  const call: Caller = (load) => async (...args) => {
    exit(await (await load())(...args.slice(0, -1)));
  };
  defineEnhance(program, call);
  defineTraining(program, call);
  defineModels(program, call);
  defineOthers(program, call);
  for (const command of allCommands(program)) {
    command.addHelpText("after", () => exampleText(pathOf(command)));
    command.options.forEach(guardValues);
    command.configureOutput({ outputError: (text) => complain(complaint(text, pathOf(command))) });
  }
  return program;
}

/** A command and all below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** The words that call a command, without the program's name: `dataset build`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : "";
}
