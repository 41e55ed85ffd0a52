/** `clairnet dataset`, `train`, `evaluate` and `trials`: their options. */
import { type Command, Option } from "commander";
import { joinLists } from "./option_values.ts";
import { DEFAULT_STEPS, folderPath, numberBetween, positiveNumber, wholeNumber } from "./options.ts";
import { type Caller, device, noTune, precision, seed, tune, verbose } from "./shared_options.ts";

/** Adds the commands. @param call runs what is loaded. */
export function defineTraining(program: Command, call: Caller): void {
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
    .action(call(async () => (await import("./dataset.ts")).build));
  dataset.command("info").description("counts, sizes and recipe of a data set, and a contact sheet")
    .argument("<dir>", "a built data set")
    .option("--sheet <file>", "write the contact sheet to this .jpg file")
    .option("--json", "as JSON")
    .addOption(verbose())
    .action(call(async () => (await import("./dataset.ts")).info));

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
      new Option("--epochs <n>", "in place of --steps: passes over the photos' area, held-out ones included")
        .argParser(
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
      new Option("--loss <name>", "what to minimise").choices(["mse", "l1", "charbonnier", "psnr"]).default(
        "l1",
      ),
    )
    .addOption(
      new Option("--colour-weight <x>", "weight of a term that keeps each patch's mean colour, e.g. 30")
        .argParser(numberBetween("--colour-weight", 0, 1e6)).default(0),
    )
    .addOption(
      new Option("--chroma-weight <x>", "weight of a term that makes errors of colour count, e.g. 2")
        .argParser(numberBetween("--chroma-weight", 0, 1e6)).default(0),
    )
    .addOption(
      new Option("--optimiser <name>", "what makes steps of gradients").choices(["muon", "adam"]).default(
        "muon",
      ),
    )
    .addOption(precision())
    .addOption(seed())
    .addOption(
      new Option(
        "--held-out <x>",
        "share of the photos to measure on (default: 0.05); a built data set has its own",
      )
        .argParser(
          numberBetween("--held-out", 0, 0.9),
        ),
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
    .action(call(async () => (await import("./train.ts")).train));

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
    .option(
      "--against <filters>",
      "classical filters to compare with, e.g. median,switching-mean,nlm",
      joinLists,
    )
    .addOption(seed())
    .option("--self-ensemble", "average over the eight flips and turns")
    .addOption(device())
    .addOption(precision())
    .addOption(new Option("--limit <n>", "at most so many photos").argParser(wholeNumber("--limit", 1)))
    .option("--report <file>", "also write a self-contained HTML report")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "no progress bar")
    .addOption(verbose())
    .action(call(async () => (await import("./evaluate.ts")).evaluate));

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
    .action(call(async () => (await import("./trials.ts")).trials));
}
