/** Ours on the cases, through the command line as users run it, on the processor: `deno run -A bench/peers/photos/ours.ts FOLDER`. */
import { fileURLToPath } from "node:url";
import { UserError } from "../../../src/base/errors.ts";
import { runScript } from "../../../tools/run_script.ts";
import { folderArgument, runSettings, type Setting } from "./runner.ts";

const cli = fileURLToPath(new URL("../../../cli.ts", import.meta.url));

/** Arguments of `deno` that enhance a photo or a folder on the processor. */
export function ourArguments(model: string, scale: number, input: string, output: string): string[] {
  return [
    ...["run", "-A", cli, "enhance", input, "-o", output, "--device", "cpu", "--model", model],
    ...["--format", "png", "--overwrite", "--quiet"],
    ...(scale === 2 ? ["--scale", "2"] : []),
  ];
}

const SETTINGS: readonly Setting[] = (
  [["upscale2x", 2], ["photo", 1], ["fast", 1], ["denoise", 1], ["jpeg", 1]] as const
).map(([model, scale]) => ({
  ...{ name: `Clairnet ${model}`, scale },
  run: async (input, output) => {
    const args = ourArguments(model, scale, input, output);
    const { code } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "inherit" })
      .output();
    if (code !== 0) throw new UserError(`Clairnet failed on '${input}'`);
  },
}));

if (import.meta.main) await runScript(() => runSettings(folderArgument("ours.ts"), SETTINGS));
