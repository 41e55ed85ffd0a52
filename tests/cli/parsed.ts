import { allCommands, commands, pathOf } from "../../src/cli/program.ts";

/**
 * Which command a call reaches through the parser, without running it: `dataset build`; empty where it reaches none.
 * @param call without `clairnet`, as one types it into a shell.
 * @throws where an option, a value or an argument is wrong.
 */
export async function commandOf(call: string): Promise<string> {
  // What a shell takes for itself is not the program's.
  const plain = call.replace(/ #.*$/, "").replace(/ (?:[<>|]|&&) .*$/, "").trim();
  const words = [...plain.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const program = commands(() => {});
  let called = "";
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
    if (command.commands.length === 0) command.action(() => void (called = pathOf(command)));
  }
  await program.parseAsync(words, { from: "user" });
  return called;
}
