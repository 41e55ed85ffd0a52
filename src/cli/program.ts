/** Commands and their options. What a command does is loaded when it is called, so that `--help` stays quick. */
import { Command, CommanderError, Option } from "commander";
import { oneLine, UserError } from "../base/errors.ts";
import { exampleText } from "./examples.ts";
import { complain, complainOf, hasColours, styled } from "./messages.ts";
import {
  DEFAULT_STEPS,
  enlargement,
  folderPath,
  numberBetween,
  positiveNumber,
  shard,
  tileSize,
  wholeNumber,
} from "./options.ts";
import { VERSION } from "./version.ts";

/** Columns that help is set in, on terminals of any width. */
const HELP_WIDTH = 80;
const COMPARE_KINDS = ["sheet", "gif"];

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
  const verbose = () => new Option("--verbose", "show where an error came from");
  // A command's options, as commander parses them, are the argument of its function.
  // deno-lint-ignore no-explicit-any
  const action = (load: () => Promise<(...args: any[]) => Promise<number>>) => async (...args: unknown[]) => {
    exit(await (await load())(...args.slice(0, -1)));
  };
  const seed = () =>
    new Option("--seed <n>", "seed of all that is random").argParser(wholeNumber("--seed", 0)).default(1);
  const device = () =>
    new Option("--device <which>", "auto: a real GPU, else the CPU; gpu: the shaders on any adapter")
      .choices(["auto", "gpu", "cpu"]).default("auto");

  const precision = () =>
    new Option(
      "--precision <type>",
      "store values on the GPU as f32, or as f16 in half the memory; auto: f32",
    )
      .choices(["auto", "f32", "f16"]).default("auto");

  const tune = () =>
    new Option(
      "--tune",
      "measure the kernels on this GPU first, for a minute at most, and remember the fastest",
    );
  const noTune = () =>
    new Option("--no-tune", "take the default kernels, not those remembered").default(undefined);

  program.command("enhance").description("make photos better")
    .argument("<input...>", "photos, folders, or - for standard input")
    .option(
      "-o, --output <path>",
      "file or folder to write to (default: NAME-enhanced.EXT beside the source, NAME-enhanced-2x.EXT if enlarged)",
    )
    .option(
      "-m, --model <name|file>",
      "shipped model (models list) or .safetensors file, or several in order: A+B (default: photo)",
    )
    .addOption(
      new Option("--scale <n>", "1, 2 or 4: enlarge so many times each way (default: what the model does)")
        .argParser(enlargement),
    )
    .addOption(
      new Option("--strength <x>", "0 leaves the photo as it is, 1 is the full effect")
        .argParser(numberBetween("--strength", 0, 1)).default(1),
    )
    .addOption(
      new Option("--tile <n>", "side of a tile in pixels, or auto").argParser(tileSize).default("auto"),
    )
    .addOption(device())
    .addOption(precision())
    .addOption(
      new Option("--format <name>", "format to write; the source's if not given").choices([
        "png",
        "jpg",
        "jpeg",
        "webp",
        "tiff",
        "avif",
      ]),
    )
    .addOption(
      new Option("--quality <n>", "1..100, for jpg, webp and avif (default: 95, avif 80)").argParser(
        wholeNumber("--quality", 1, 100),
      ),
    )
    .option("-r, --recursive", "take in folders below folders")
    .option("--overwrite", "replace files that exist, the source included")
    .option(
      "--self-ensemble",
      "average over the eight flips and turns: a little better, eight times the work",
    )
    .addOption(
      new Option("--compare [kind]", "also write a before/after sheet, or an animation").choices(
        COMPARE_KINDS,
      ),
    )
    .option("--strip", "leave out EXIF (place, date, camera), XMP and IPTC")
    .addOption(new Option("--shard <i/n>", "do the i-th of n parts of the photos").argParser(shard))
    .addOption(
      new Option("--max-megapixels <n>", "refuse larger photos (default: 120)").argParser(
        positiveNumber("--max-megapixels", 1e6),
      ),
    )
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "print errors only")
    .option("--profile", "say where the time went: decode, network, encode …")
    .addOption(tune())
    .addOption(noTune())
    .addOption(verbose())
    .action(action(async () => (await import("./enhance.ts")).enhance));

  const dataset = program.command("dataset").description("data sets for training").exitOverride();
  dataset.command("build").description("bring photos to one size and structure, with degraded twins")
    .requiredOption("--from <path...>", "folders and zip archives as downloaded, or two of these as LOW:HIGH")
    .requiredOption("--out <dir>", "folder to write to", folderPath)
    .addOption(
      new Option("--size <n>", "side of the pictures").argParser(wholeNumber("--size", 8, 4096)).default(256),
    )
    .addOption(
      new Option("--fit <how>", "resize: reduce and cut off the longer side's ends; crop: cut out the middle")
        .choices(["resize", "crop"]).default("resize"),
    )
    .option("--keep-low", "use the low side that the data has (the default where all of it has one)")
    .option("--low-side <words>", 'use this one of several low sides, e.g. "bicubic x2"')
    .option(
      "--degrade <recipe>",
      "what to do to the kept low side, or else to the high side (default there: photo)",
    )
    .addOption(seed())
    .addOption(
      new Option("--held-out <x>", "share of the photos marked as held out").argParser(
        numberBetween("--held-out", 0, 0.9),
      ).default(0.05),
    )
    .option("--keep-duplicates", "take in photos that are in already")
    .addOption(new Option("--format <name>", "files to write").choices(["npy", "png"]).default("npy"))
    .addOption(new Option("--limit <n>", "at most so many photos").argParser(wholeNumber("--limit", 1)))
    .option("--json", "one JSON document on standard output")
    .addOption(verbose())
    .action(action(async () => (await import("./dataset.ts")).build));
  dataset.command("info").description("counts, sizes and recipe of a data set, and a contact sheet")
    .argument("<dir>", "a built data set")
    .option("--sheet <file>", "write the contact sheet to this .jpg file")
    .option("--json", "as JSON")
    .addOption(verbose())
    .action(action(async () => (await import("./dataset.ts")).info));

  program.command("train").description("train a model on photos")
    .requiredOption("--data <dir>", "folder of photos, or a built data set")
    .requiredOption("--out <dir>", "folder for checkpoint, model and history", folderPath)
    .option("--only <file>", "use only the photos named in this file, one a line")
    .option("--degrade <recipe>", "damage to learn to undo; a built data set has its own (default: photo)")
    .addOption(
      new Option("--model-config <text>", "the network, e.g. widths=16/32/64/96,blocks=2,scale=2")
        .default("", "base=16,depth=3,blocks=2"),
    )
    .addOption(
      new Option("--steps <n>", `optimiser steps (default: ${DEFAULT_STEPS})`).argParser(
        wholeNumber("--steps", 1),
      ),
    )
    .addOption(
      new Option("--epochs <n>", "in place of --steps: passes over the photos' area").argParser(
        positiveNumber("--epochs", 1e6),
      ),
    )
    .addOption(
      new Option("--batch <n>", "patches a step").argParser(wholeNumber("--batch", 1, 4096)).default(8),
    )
    .addOption(
      new Option("--patch <n>", "side of a patch in pixels").argParser(wholeNumber("--patch", 8, 1024))
        .default(64),
    )
    .addOption(
      new Option("--lr <x>", "peak learning rate").argParser(numberBetween("--lr", 0, 1)).default(1e-3),
    )
    .addOption(
      new Option("--decay <x>", "decoupled weight decay").argParser(numberBetween("--decay", 0, 1)).default(
        0,
      ),
    )
    .addOption(
      new Option("--balance <x>", "0..1: keeps strongly damaged patches from outweighing the others")
        .argParser(numberBetween("--balance", 0, 1)).default(0),
    )
    .addOption(
      new Option("--loss <name>", "what to minimise").choices(["mse", "l1", "charbonnier"]).default("l1"),
    )
    .addOption(
      new Option("--colour-weight <x>", "weight of a term that keeps each patch's mean colour, e.g. 30")
        .argParser(numberBetween("--colour-weight", 0, 1e6)).default(0),
    )
    .addOption(seed())
    .addOption(
      new Option("--held-out <x>", "share of the photos to measure on").argParser(
        numberBetween("--held-out", 0, 0.9),
      ).default(0.05),
    )
    .addOption(
      new Option("--checkpoint-every <n>", "steps between checkpoints").argParser(
        wholeNumber("--checkpoint-every", 1),
      ).default(500),
    )
    .option("--resume", "go on from the checkpoint in --out")
    .option("--init <model>", "start from the weights of this model")
    .option("--name <text>", "name written into the model file")
    .option("--about-data <text>", "description of the photos written into the model file")
    .option("--license <text>", "licence of the weights written into the model file")
    .addOption(tune())
    .addOption(noTune())
    .option(
      "--profile",
      "say first where the time of a step goes: by kernel and layer, with the share of the limit",
    )
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "print errors only")
    .addOption(verbose())
    .action(action(async () => (await import("./train.ts")).train));

  program.command("evaluate").description("measure restored photos against their originals")
    .requiredOption(
      "--data <dir>",
      "photos (with --degrade), a folder with high/ and low/, DEGRADED:ORIGINAL, or a built data set",
    )
    .option(
      "-m, --model <name|file>",
      "shipped model or .safetensors file, or several in order: A+B; none: classical filters only",
      "photo",
    )
    .option("--degrade <recipe>", "damage to do to the photos")
    .option("--against <filters>", "classical filters to compare with, e.g. median,switching-mean,nlm")
    .addOption(seed())
    .option("--self-ensemble", "average over the eight flips and turns")
    .addOption(device())
    .addOption(precision())
    .addOption(new Option("--limit <n>", "at most so many photos").argParser(wholeNumber("--limit", 1)))
    .option("--report <file>", "also write a self-contained HTML report")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "no progress bar")
    .addOption(verbose())
    .action(action(async () => (await import("./evaluate.ts")).evaluate));

  program.command("trials").description(
    "four trials of a small U-Net and older methods, as one illustrated report",
  )
    .requiredOption("--data <dir>", "folder of photos, or a built data set")
    .requiredOption("--out <dir>", "folder for report.html, trials.json and the trained models", folderPath)
    .option("--only <file>", "use only the photos named in this file, one a line")
    .addOption(
      new Option("--preset <name>", "how much work: cpu for a software adapter, gpu for a real one")
        .choices(["cpu", "gpu"]).default("cpu"),
    )
    .addOption(
      new Option(
        "--steps <n>",
        "optimiser steps of trials 1 to 3, the fourth takes twice as many (default: the preset's)",
      ).argParser(
        wholeNumber("--steps", 1),
      ),
    )
    .addOption(seed())
    .option("--no-isomap", "leave out Isomap, PCA and nearest neighbours (they need a library of their own)")
    .option("--json", "trials.json on standard output as well")
    .option("-q, --quiet", "print errors only")
    .addOption(verbose())
    .action(action(async () => (await import("./trials.ts")).trials));

  const models = program.command("models").description("trained models").exitOverride();
  models.command("list").description("models that are shipped").option("--json", "as JSON").addOption(
    verbose(),
  )
    .action(action(async () => (await import("./models.ts")).list));
  models.command("info").description("what a model is and how it was trained")
    .argument("<name|file>", "shipped model or .safetensors file").option("--json", "as JSON").addOption(
      verbose(),
    )
    .action(action(async () => (await import("./models.ts")).info));

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
    .action(action(async () => (await import("./serve.ts")).serve));

  models.command("import").description("a model from PyTorch's layout, as export --to safetensors writes it")
    .argument("<file>", "safetensors file")
    .requiredOption("--out <file>", "model file to write")
    .option("--model-config <text>", "what the network looks like, where the file does not say")
    .option("--overwrite", "replace a file that exists")
    .option("--json", "as JSON")
    .addOption(verbose())
    .action(action(async () => (await import("./export.ts")).importModel));

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
    .action(action(async () => (await import("./export.ts")).exportModel));

  program.command("doctor").description("what this machine offers, and what --device auto picks")
    .addOption(tune())
    .option("--json", "as JSON").addOption(verbose())
    .action(action(async () => (await import("./doctor.ts")).doctor));

  program.command("completion").description("print a script that completes commands and options")
    .argument("<shell>", "bash, zsh or fish")
    .option("--json", "as JSON").addOption(verbose())
    .action(action(async () => {
      const { completion } = await import("./completion.ts");
      return (shell, options) => completion(program, shell, options);
    }));
  for (const command of allCommands(program)) {
    command.addHelpText("after", () => exampleText(pathOf(command)));
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
