/** Model files: safetensors whose metadata says which U-Net the tensors belong to and how they were trained. */
import { UserError } from "../base/errors.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { unetGraph } from "./graph.ts";
import {
  decodeTensors,
  encodeTensors,
  type StoredTensor,
  type StoredType,
  type TensorFile,
} from "./safetensors.ts";
import { type UNetTopology, unetTopology } from "./topology.ts";

/** Where a model comes from; all of it is written into the file and printed by `models info`. */
export interface ModelInfo {
  /** Short name, e.g. `photo`. */
  readonly name: string;
  /** Degradation recipe that it was trained on, e.g. `blur:0.5-2,salt-pepper:0.01`. */
  readonly recipe: string;
  /** Seed of initialisation, patches and degradations: a whole number from 0 on, in a file. */
  readonly seed: number;
  /** Optimiser steps taken. */
  readonly steps: number;
  /** Loss that was minimised: `mse`, `l1`, `charbonnier`, `psnr`; `mse + 100 colour` with a colour term of that weight. */
  readonly loss: string;
  /** Training data in words: which photos, how many, their licence. */
  readonly data: string;
  /** Figures by name, e.g. `{ "psnr blur:1.5 set14": 27.1 }`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** When it was written, ISO 8601; empty if unknown. */
  readonly created: string;
  /** Version of Clairnet that wrote it. */
  readonly version: string;
  /** Licence of the weights; empty if not said. */
  readonly license: string;
  /** Further remarks, one line. */
  readonly note: string;
}

/** A trained (or fresh) U-Net: everything that enhancing needs. */
export interface Model {
  /** What the network looks like. */
  readonly topology: UNetTopology;
  /** Values of each parameter of `unetGraph(topology).parameters`, by name, in that order. */
  readonly parameters: Map<string, Float32Array>;
  /** Where it comes from. */
  readonly info: ModelInfo;
}

/** What a checkpoint stores beside the model. */
export interface ModelExtras {
  /** Storage of the parameters: F32 (default) or F16, half the size. */
  readonly dtype?: StoredType;
  /** Further tensors, always as given; each name must hold a `/`, e.g. `adam.m/enc0.0.weight`. Ignored by {@link decodeModel}. */
  readonly tensors?: ReadonlyMap<string, StoredTensor>;
  /** Further metadata; must not take a model's own keys. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Marks our files and the version of their metadata. */
export const FORMAT = "clairnet-1";
/** What PyTorch's own writer puts in its place. */
export const PYTORCH_FORMAT = "pt";
const TEXT_FIELDS = ["name", "recipe", "loss", "data", "created", "version", "license", "note"] as const;
const COUNT_FIELDS = ["seed", "steps"] as const;

/** A {@link ModelInfo} with what is not said left empty or 0. */
export function modelInfo(known: Partial<ModelInfo> = {}): ModelInfo {
  const text = Object.fromEntries(TEXT_FIELDS.map((field) => [field, ""])) as Record<
    typeof TEXT_FIELDS[number],
    string
  >;
  return { ...text, seed: 0, steps: 0, metrics: {}, ...known };
}

/**
 * Writes a model (or, with extras, a checkpoint that is a model at the same time).
 * @throws {UserError} when a weight is not finite or does not fit into F16.
 * @throws {RangeError} when parameters and topology disagree, or `seed` or `steps` is no whole number from 0 on (mistakes of the calling code).
 *
 * @example Half the size, for a page
 * ```ts
 * import { encodeModel, loadModel } from "@clairnet/clairnet";
 *
 * const bytes = encodeModel(await loadModel("photo"), { dtype: "F16" });
 * console.log(`${bytes.length} bytes`);
 * ```
 */
export function encodeModel(model: Model, extras: ModelExtras = {}): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensorsToStore(model)) {
    tensors.set(name, { ...tensor, dtype: extras.dtype ?? "F32" });
  }
  for (const [name, tensor] of extras.tensors ?? []) {
    if (!name.includes("/")) {
      throw new RangeError(`Cannot store extra tensor "${name}": its name must hold a "/"`);
    }
    tensors.set(name, tensor);
  }
  return encodeTensors({ tensors, metadata: { ...extras.metadata, ...modelMetadata(model) } });
}

/**
 * The weights of a model that is to be written, by name, in the topology's order.
 * @throws {UserError} when a weight is not finite.
 * @throws {RangeError} when parameters and topology disagree.
 */
export function tensorsToStore({ topology, parameters }: Model): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  const specs = unetGraph(topology).parameters;
  for (const { name, shape } of specs) {
    const data = parameters.get(name);
    if (!data) throw new RangeError(`Cannot store the model: parameter "${name}" is missing`);
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(
        `Cannot store the model: parameter "${name}" is ${formatShape(shape)}, got ${data.length} values`,
      );
    }
    refuseNonFinite(data, `Cannot store the model: parameter "${name}"`);
    tensors.set(name, { shape, data });
  }
  if (parameters.size !== specs.length) {
    throw new RangeError(
      `Cannot store the model: it has ${parameters.size} parameters, its topology ${specs.length}`,
    );
  }
  return tensors;
}

/**
 * What a file says of a model beside its weights.
 * @throws {RangeError} for a count that no reader of the file would take.
 */
export function modelMetadata({ topology, info }: Model): Record<string, string> {
  for (const field of COUNT_FIELDS) {
    if (!isCount(info[field])) {
      throw new RangeError(
        `Cannot store the model: ${field} must be a whole number from 0 on, got ${info[field]}`,
      );
    }
  }
  const metadata: Record<string, string> = { format: FORMAT, topology: JSON.stringify(topology) };
  for (const field of TEXT_FIELDS) metadata[field] = info[field];
  for (const field of COUNT_FIELDS) metadata[field] = String(info[field]);
  // JSON has no Infinity and NaN, and a metric can be either (the PSNR of two equal images).
  metadata.metrics = JSON.stringify(
    info.metrics,
    (_, value) => Number.isFinite(value) ? value : typeof value === "number" ? String(value) : value,
  );
  return metadata;
}

/**
 * Reads a model file.
 * @param name what to call the file in messages.
 * @throws {UserError} in one line when the file is damaged, is no model, or its tensors are of another topology.
 *
 * @example
 * ```ts
 * import { decodeModel, encodeModel, freshModel } from "@clairnet/clairnet";
 *
 * const bytes = encodeModel(freshModel({ base: 4, depth: 1 }));
 * console.log(decodeModel(bytes, "fresh.safetensors").topology.widths.join()); // 4,8
 * ```
 */
export function decodeModel(bytes: Uint8Array, name = "the given bytes"): Model {
  return modelOf(decodeTensors(bytes, name), name);
}

/**
 * The model in an already decoded file; tensors with a `/` in their name (a checkpoint's) are passed over.
 * @throws {UserError} as {@link decodeModel}.
 */
export function modelOf(file: TensorFile, name: string): Model {
  const where = `Cannot use ${JSON.stringify(name)} as a model`;
  const { metadata, tensors } = file;
  if (metadata.format !== FORMAT || metadata.topology === undefined) {
    const found = metadata.format === undefined
      ? "no format"
      : `the format ${JSON.stringify(metadata.format)}`;
    // What `export --to safetensors` wrote is one as well, and has the very name that invites this.
    const hint = metadata.format === PYTORCH_FORMAT
      ? "; if it is one in PyTorch's layout, 'clairnet models import' turns it back"
      : "";
    throw new UserError(
      `${where}: its metadata has ${found}, where Clairnet's models have "${FORMAT}"${hint}`,
    );
  }
  const topology = parseTopology(metadata.topology, where);
  const parameters = new Map<string, Float32Array>();
  for (const { name: parameter, shape } of unetGraph(topology).parameters) {
    const tensor = tensors.get(parameter);
    if (!tensor) throw new UserError(`${where}: tensor "${parameter}" (${formatShape(shape)}) is missing`);
    if (formatShape(tensor.shape) !== formatShape(shape)) {
      throw new UserError(
        `${where}: tensor "${parameter}" has shape ${formatShape(tensor.shape)}, but its topology wants ${
          formatShape(shape)
        }`,
      );
    }
    refuseNonFinite(tensor.data, `${where}: tensor "${parameter}"`);
    parameters.set(parameter, tensor.data);
  }
  for (const tensor of tensors.keys()) {
    if (!parameters.has(tensor) && !tensor.includes("/")) {
      throw new UserError(`${where}: tensor ${JSON.stringify(tensor)} is not part of its topology`);
    }
  }
  return { topology, parameters, info: parseInfo(metadata, where) };
}

function refuseNonFinite(data: Float32Array, what: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new UserError(`${what} holds ${data[at]} at ${at}: the training diverged or the file is damaged`);
  }
}

function parseTopology(text: string, where: string): UNetTopology {
  try {
    const {
      channels,
      widths,
      encoderBlocks,
      decoderBlocks,
      activation,
      down,
      up,
      residual,
      // Files from before there was a choice do not say.
      corrects = "all",
      filled = false,
      residualBlocks,
      unshuffle = 1,
      scale,
    } = JSON.parse(text);
    for (const [field, value] of Object.entries({ widths, encoderBlocks, decoderBlocks })) {
      if (!Array.isArray(value)) throw new RangeError(`${field} is no list`);
    }
    if (typeof channels !== "number") throw new RangeError("channels is no number");
    for (const [field, value] of Object.entries({ residual, filled, residualBlocks })) {
      if (typeof value !== "boolean") throw new RangeError(`${field} is neither true nor false`);
    }
    for (const [field, value] of Object.entries({ activation, down, up, corrects })) {
      if (typeof value !== "string") throw new RangeError(`${field} is no word`);
    }
    return unetTopology({
      channels,
      widths,
      encoderBlocks,
      decoderBlocks,
      activation,
      down,
      up,
      residual,
      corrects,
      filled,
      residualBlocks,
      unshuffle,
      // Files from before there were models that enlarge do not say.
      scale: scale ?? 1,
    });
  } catch (error) {
    const why = error instanceof RangeError ? error.message.replaceAll(/\s+/g, " ") : "it is no JSON object";
    throw new UserError(`${where}: the topology in its metadata is damaged (${why})`, { cause: error });
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function parseInfo(metadata: Readonly<Record<string, string>>, where: string): ModelInfo {
  const info: Record<string, unknown> = {};
  for (const field of TEXT_FIELDS) info[field] = metadata[field] ?? "";
  for (const field of COUNT_FIELDS) {
    const value = Number(metadata[field] ?? 0);
    if (!isCount(value)) {
      throw new UserError(`${where}: ${field} in its metadata is no whole number`);
    }
    info[field] = value;
  }
  try {
    const metrics = Object.entries(JSON.parse(metadata.metrics ?? "{}")).map((
      [key, value],
    ) => [key, Number(value)]);
    info.metrics = Object.fromEntries(metrics);
  } catch (error) {
    throw new UserError(`${where}: the metrics in its metadata are damaged`, { cause: error });
  }
  return info as unknown as ModelInfo;
}
