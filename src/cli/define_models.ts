/** `clairnet models` and `export`: their options. */
import { type Command, Option } from "commander";
import { type Caller, verbose } from "./shared_options.ts";

/** Adds the commands. @param call runs what is loaded. */
export function defineModels(program: Command, call: Caller): void {
  const models = program.command("models").description("trained models").exitOverride();
  models.command("list").description("models that are shipped").option("--json", "as JSON").addOption(
    verbose(),
  )
    .action(call(async () => (await import("./models.ts")).list));
  models.command("info").description("what a model is and how it was trained")
    .argument("<name|file>", "shipped model or .safetensors file").option("--json", "as JSON").addOption(
      verbose(),
    )
    .action(call(async () => (await import("./models.ts")).info));

  models.command("import").description("a model from PyTorch's layout, as export --to safetensors writes it")
    .argument("<file>", "safetensors file")
    .requiredOption("--out <file>", "model file to write")
    .option("--model-config <text>", "what the network looks like, where the file does not say")
    .option("--overwrite", "replace a file that exists")
    .option("--json", "as JSON")
    .addOption(verbose())
    .action(call(async () => (await import("./export.ts")).importModel));

  program.command("export").description("write a model for other programs")
    .argument("<name|file>", "shipped model or .safetensors file")
    .addOption(
      new Option("--to <format>", "onnx: any runtime of ONNX; safetensors: PyTorch's layout")
        .choices(["onnx", "safetensors"]).makeOptionMandatory(),
    )
    .requiredOption("--out <file>", "file to write")
    .option("--overwrite", "replace a file that exists")
    .option("--json", "as JSON")
    .addOption(verbose())
    .action(call(async () => (await import("./export.ts")).exportModel));
}
