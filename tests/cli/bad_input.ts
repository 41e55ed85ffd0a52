/** What the tests of bad input share. */
import { assert } from "../assert.ts";
import { type CommandOptions, type CommandResult, linesOf, runCommand } from "./command.ts";
import { withModel } from "./folder.ts";

/** Runs `enhance` in a folder with a tiny model on the CPU. Whatever happens, nothing it prints may be a stack trace. */
export type Run = (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

export async function inFolder(test: (dir: string, run: Run) => Promise<void>) {
  await withModel(async (dir, model) => {
    await test(dir, async (args, options) => {
      const result = await runCommand(["enhance", "--model", model, "--device", "cpu", ...args], {
        cwd: dir,
        ...options,
      });
      assert(!/^ +at |\bfile:\/\/|\.ts:\d+/m.test(result.stderr), `a stack trace:\n${result.stderr}`);
      return result;
    });
  });
}

export const complaints = ({ stderr }: CommandResult) =>
  linesOf(stderr).filter((line) => line.startsWith("clairnet: "));
