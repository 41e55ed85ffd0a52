/** A folder with what the command line works on: photos, and a model of our own where none is shipped. */
import sharp from "sharp";
import { heInitialise } from "../../src/nn/initialise.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { saveModel } from "../../src/nn/save_model.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";

/** Runs with a fresh folder that holds `model.safetensors`: a tiny network that changes every photo. */
export async function withModel(run: (dir: string, model: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    const topology = unetTopology({ base: 4, depth: 1, blocks: 1, activation: "relu" });
    const info = modelInfo({
      ...{ name: "tiny", recipe: "gaussian:10-20", seed: 12, steps: 345, loss: "l1", license: "CC0-1.0" },
      ...{ data: "nothing at all", metrics: { "held-out psnr": 31.25 } },
    });
    const parameters = heInitialise(topology, 12);
    parameters.set("out.bias", Float32Array.of(0.1, -0.1, 0.05));
    await saveModel(`${dir}/model.safetensors`, { topology, parameters, info });
    await run(dir, `${dir}/model.safetensors`);
  });
}

/** Writes a photo made from a seed; the extension says how. */
export async function writePhoto(path: string, seed: number, width = 50, height = 37): Promise<void> {
  await writeTestPhoto(path, width, height, testPixels(width, height, seed));
}

/** 8-bit RGB samples of a photo file, with its size and format. */
export async function pixelsOf(
  photo: string | Uint8Array,
): Promise<{ width: number; height: number; format: string; rgb: Uint8Array }> {
  const { format } = await sharp(photo).metadata();
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, format, rgb: new Uint8Array(data) };
}

/** Names of the files in a folder and below it, sorted. */
export function filesIn(dir: string, prefix = ""): string[] {
  return [...Deno.readDirSync(`${dir}/${prefix}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(dir, `${prefix}${name}/`) : [prefix + name]
  ).sort();
}
