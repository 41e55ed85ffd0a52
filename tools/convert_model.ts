/**
 * Writes a model with its weights in another type, by default in F16, half the size:
 * `deno run -A tools/convert_model.ts MODEL OUT.safetensors [--type F16|F32] [--photos FOLDER] [--limit N] [--name NAME] [--note TEXT]`.
 * A model without a name gets that of the file, unless `--name` says another. With `--photos` it says how far the two models' answers are apart on the photos of a folder, undamaged and with noise.
 */
import { basename } from "node:path";
import { CpuNetwork } from "../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../src/enhance/enhancer.ts";
import { psnrOfMse } from "../src/evaluate/metrics.ts";
import { degradedFolder } from "../src/evaluate/pairs.ts";
import { networkRestorer } from "../src/evaluate/network_restorer.ts";
import { evaluatePairs, meanOf } from "../src/evaluate/evaluate.ts";
import type { Photo } from "../src/image/photo.ts";
import { decodeModel, encodeModel, type Model, type ModelInfo } from "../src/nn/model_file.ts";
import { loadModel } from "../src/nn/models.ts";
import type { StoredType } from "../src/nn/safetensors.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { readArguments, refuse, wholeNumber } from "./arguments.ts";
import { runScript } from "./run_script.ts";

/** The bytes of a model with its weights stored as `type`; everything else stays, but for what `info` has. */
export function convertModel(
  model: Model,
  type: StoredType,
  info: Partial<Pick<ModelInfo, "name" | "note">> = {},
): Uint8Array<ArrayBuffer> {
  return encodeModel({ ...model, info: { ...model.info, ...info } }, { dtype: type });
}

/** What a model's answers lose when its weights are rounded to `type`. */
export interface ConversionLoss {
  readonly recipe: string;
  /** Mean PSNR of both models' answers against the originals, dB. */
  readonly before: number;
  readonly after: number;
  /** PSNR of the one's answers against the other's, dB, over all photos, from results of 16 bits. */
  readonly apart: number;
}

/** Measures {@link ConversionLoss} on the photos of a folder. */
export async function conversionLoss(
  model: Model,
  converted: Model,
  photos: string,
  recipe: string,
  limit = Infinity,
): Promise<ConversionLoss> {
  const { topology } = model;
  using one = await CpuNetwork.create(topology, model.parameters);
  using other = await CpuNetwork.create(topology, converted.parameters);
  const source = await degradedFolder(photos, recipe, 1);
  const restorers = [networkRestorer("before", one), networkRestorer("after", other)];
  const { restored: [before, after] } = meanOf((await evaluatePairs(source, { restorers, limit })).photos);
  let squares = 0;
  let count = 0;
  for (let index = 0; index < Math.min(source.names.length, limit); index++) {
    const { degraded, width, height } = await source.load(index);
    const photo: Photo = {
      ...{ width: width / (source.scale ?? 1), height: height / (source.scale ?? 1) },
      ...{ rgb: Uint16Array.from(degraded, (value) => value * 257), grey: false, format: "png" },
    };
    const [a, b] = [(await enhancePhoto(photo, one)).rgb, (await enhancePhoto(photo, other)).rgb];
    for (let i = 0; i < a.length; i++) squares += ((a[i] - b[i]) / 257) ** 2;
    count += a.length;
  }
  return { recipe, before: before.psnr, after: after.psnr, apart: psnrOfMse(squares / count) };
}

const USAGE =
  "deno run -A tools/convert_model.ts MODEL OUT.safetensors [--type F16|F32] [--photos FOLDER] [--limit N] [--name NAME] [--note TEXT]";

async function main(): Promise<void> {
  const { positionals: [name, out], values } = readArguments(USAGE, {
    allowPositionals: true,
    options: {
      type: { type: "string", default: "F16" },
      photos: { type: "string" },
      note: { type: "string" },
      name: { type: "string" },
      limit: { type: "string" },
    },
  });
  if (out === undefined || !["F16", "F32"].includes(values.type)) refuse(USAGE);
  const limit = values.limit === undefined ? Infinity : wholeNumber(USAGE, "--limit", values.limit);
  const model = await loadModel(name);
  const bytes = convertModel(model, values.type as StoredType, {
    name: values.name ?? (model.info.name || basename(out, ".safetensors")),
    ...(values.note === undefined ? {} : { note: values.note }),
  });
  await writeFileAtomically(out, bytes);
  console.log(`${out}: ${values.type}, ${(bytes.length / 1e6).toFixed(2)} MB`);
  if (!values.photos) return;
  const { scale } = model.topology;
  for (const recipe of scale > 1 ? [`shrink:${scale}`] : ["none", "gaussian:25", "blur:1.5", "jpeg:30"]) {
    const loss = await conversionLoss(model, decodeModel(bytes, out), values.photos, recipe, limit);
    console.log(
      `${recipe}: ${loss.before.toFixed(3)} dB before, ${loss.after.toFixed(3)} dB after; ` +
        `the answers are ${loss.apart.toFixed(1)} dB apart`,
    );
  }
}

if (import.meta.main) await runScript(main);
