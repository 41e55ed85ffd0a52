/** `clairnet serve`, `doctor` and `completion`: their options. */
import { type Command, Option } from "commander";
import { wholeNumber } from "./options.ts";
import { type Caller, tune, verbose } from "./shared_options.ts";

/** Adds the commands. @param call runs what is loaded. */
export function defineOthers(program: Command, call: Caller): void {
  program.command("serve").description(
    "the web page, where photos are restored and models trained in the browser",
  )
    .addOption(
      new Option("--port <n>", "port to listen on; 0 takes any free one").argParser(
        wholeNumber("--port", 0, 65535),
      )
        .default(8787),
    )
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--export <dir>", "write the page to a folder, for any web server, and end")
    .option("--overwrite", "with --export: replace files that exist")
    .option("--json", "one JSON document on standard output: the address, or the files")
    .addOption(verbose())
    .action(call(async () => (await import("./serve.ts")).serve));

  program.command("doctor").description("what this machine offers, and what --device auto picks")
    .addOption(tune())
    .option("--json", "as JSON").addOption(verbose())
    .action(call(async () => (await import("./doctor.ts")).doctor));

  program.command("completion").description("print a script that completes commands and options")
    .argument("<shell>", "bash, zsh or fish")
    .option("--json", "as JSON").addOption(verbose())
    .action(call(async () => {
      const { completion } = await import("./completion.ts");
      return (shell, options) => completion(program, shell, options);
    }));
}
