/** `clairnet enhance`: its options. */
import { type Command, Option } from "commander";
import { parseFormat } from "../image/formats.ts";
import { enlargement, numberBetween, positiveNumber, shard, tileSize, wholeNumber } from "./options.ts";
import { type Caller, COMPARE_KINDS, device, noTune, precision, tune, verbose } from "./shared_options.ts";

/** Adds the command. @param call runs what is loaded. */
export function defineEnhance(program: Command, call: Caller): void {
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
      // The words are for help and completion; what a person types may also be TIF or .jpg.
      new Option("--format <name>", "format to write; the source's if not given")
        .choices(["png", "jpg", "jpeg", "webp", "tiff", "avif"]).argParser(parseFormat),
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
    .action(call(async () => (await import("./enhance.ts")).enhance));
}
