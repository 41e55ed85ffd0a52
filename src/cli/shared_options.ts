/** Options that several commands take. */
import { Option } from "commander";
import { wholeNumber } from "./options.ts";

/** Makes the action of a command: it loads what the command does when that is called, so that `--help` stays quick. */
export type Caller = (
  // A command's arguments and its options, as commander parses them, are those of its function.
  // deno-lint-ignore no-explicit-any
  load: () => Promise<(...args: any[]) => Promise<number>>,
) => (...args: unknown[]) => Promise<void>;

/** What `--compare` makes; the first where none is named. */
export const COMPARE_KINDS: readonly string[] = ["sheet", "gif"];

export function verbose(): Option {
  return new Option("--verbose", "show where an error came from");
}

export function seed(): Option {
  return new Option("--seed <n>", "seed of all that is random").argParser(wholeNumber("--seed", 0)).default(
    1,
  );
}

export function device(): Option {
  return new Option("--device <which>", "auto: a real GPU, else the CPU; gpu: the shaders on any adapter")
    .choices(["auto", "gpu", "cpu"]).default("auto");
}

export function precision(): Option {
  const text = "store values on the GPU as f32, or as f16 in half the memory; auto: f32";
  return new Option("--precision <type>", text).choices(["auto", "f32", "f16"]).default("auto");
}

export function tune(): Option {
  const text = "measure the kernels on this GPU first, for a minute at most, and remember the fastest";
  return new Option("--tune", text);
}

export function noTune(): Option {
  return new Option("--no-tune", "take the default kernels, not those remembered").default(undefined);
}
