/**
 * UpscalerJS's ESRGAN models on the cases: `deno run -A --lock=deno.dev.lock bench/peers/photos/upscalerjs.ts FOLDER`,
 * or on one photo, by its smallest model: `... upscalerjs.ts INPUT OUTPUT.png`.
 *
 * The models are those of the npm packages `@upscalerjs/esrgan-*` (MIT) with their own layers, run by TensorFlow.js on its WebAssembly back
 * end, the whole picture at once and its answer clipped, as `upscaler` does without `patchSize`. `upscaler` itself takes pages, or Node with
 * a native TensorFlow.
 */
// deno-lint-ignore-file no-import-prefix
import { createRequire } from "node:module";
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import { decodeRgb, type RgbImage } from "../../../src/data/decode.ts";
import { toBytes, writePng } from "./files.ts";
import { runScript } from "../../../tools/run_script.ts";
import { npmPackage } from "./npm_package.ts";
import { folderArgument, onEach, runSettings, type Setting } from "./runner.ts";

/** What such a package tells of a model. */
interface Definition {
  readonly setup?: (library: typeof tf) => void;
  readonly inputRange: readonly [number, number];
}

/** `thick` takes some ten minutes on Set14: only the smallest set. */
const MODELS = [["slim"], ["medium"], ["thick", "set5 x2"]] as const;

/** A model that doubles each side. @returns what makes height·width·3 samples, 0..255, of a photo. */
export async function upscalerJs(size: string): Promise<(photo: RgbImage) => Promise<ArrayLike<number>>> {
  await tf.setBackend("wasm");
  const folder = await npmPackage(`@upscalerjs/esrgan-${size}`, "1.0.0");
  const require = createRequire(import.meta.url);
  const { setup, inputRange: [, range] }: Definition = require(
    `${folder}/dist/cjs/models/esrgan-${size}/src/x2/cjs.js`,
  );
  setup?.(tf);
  const model = await tf.loadLayersModel({ load: () => artifacts(`${folder}/models/x2`) });
  return async ({ rgb, width, height }) => {
    const answer = tf.tidy(() => {
      const input = tf.tensor4d(Float32Array.from(rgb), [1, height, width, 3]).mul(range / 255);
      return (model.predict(input) as tf.Tensor).mul(255 / range);
    });
    try {
      return await answer.data();
    } finally {
      answer.dispose();
    }
  };
}

/** A model's files as TensorFlow.js wants them. */
async function artifacts(folder: string): Promise<tf.io.ModelArtifacts> {
  const { modelTopology, weightsManifest } = JSON.parse(await Deno.readTextFile(`${folder}/model.json`));
  const groups: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[] = weightsManifest;
  const parts = await Promise.all(
    groups.flatMap(({ paths }) => paths).map((path) => Deno.readFile(`${folder}/${path}`)),
  );
  return {
    modelTopology,
    weightSpecs: groups.flatMap(({ weights }) => weights),
    weightData: await new Blob(parts).arrayBuffer(),
  };
}

const SETTINGS = MODELS.map(([size, only]): Setting => ({
  name: `UpscalerJS esrgan-${size}`,
  scale: 2,
  fits: ({ name }) => only === undefined || name === only,
  run: async (input, output) => await onEach(2, await upscalerJs(size))(input, output),
}));

async function main(): Promise<void> {
  const [input, output] = Deno.args;
  if (output === undefined) return await runSettings(folderArgument("upscalerjs.ts"), SETTINGS);
  const photo = await decodeRgb(input);
  const answer = await (await upscalerJs("slim"))(photo);
  await writePng(output, toBytes(answer), 2 * photo.width, 2 * photo.height);
}

if (import.meta.main) await runScript(main);
