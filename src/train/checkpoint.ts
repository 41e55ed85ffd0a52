/** Checkpoints: a model file that also holds the optimiser's state and all that decides the next step. */
import { type ModelInfo, modelInfo, modelOf } from "../nn/model_file.ts";
import { saveModel } from "../nn/save_model.ts";
import { decodeTensors, type StoredTensor } from "../nn/safetensors.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { systemReason, UserError } from "../base/errors.ts";
import type { TrainerState } from "./trainer.ts";

/** Settings that decide what the next step does; a resumed run must have the same. */
export type TrainingSettings = Readonly<Record<string, string | number | boolean>>;

export interface Checkpoint {
  readonly topology: UNetTopology;
  /** Steps done. */
  readonly step: number;
  readonly settings: TrainingSettings;
  readonly state: TrainerState;
  readonly info: ModelInfo;
}

// The averaged weights are the model; the others are stored beside them.
const EXTRA = ["values", "moment1", "moment2"] as const;

/** Writes a checkpoint under a temporary name and renames it: a kill at any moment leaves the old one or the new one. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { topology, state, settings, step, info } = checkpoint;
  const tensors = new Map<string, StoredTensor>();
  for (const kind of EXTRA) {
    for (const [name, data] of state[kind]) {
      tensors.set(`${kind}/${name}`, { shape: [data.length], data, dtype: "F32" });
    }
  }
  const metadata = { step: String(step), settings: JSON.stringify(settings) };
  await saveModel(path, { topology, parameters: state.average, info }, { tensors, metadata });
}

/** Where there is nothing to go on from. */
export function noCheckpoint(path: string, cause?: Error): UserError {
  return new UserError(`Cannot resume: there is no checkpoint ${path}; start without --resume`, { cause });
}

/**
 * Reads a checkpoint.
 * @throws {UserError} where the file is missing, damaged, or a model without the optimiser's state.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw noCheckpoint(path, error);
    throw new UserError(`Cannot resume: cannot read ${path} (${systemReason(error)})`, { cause: error });
  }
  const file = decodeTensors(bytes, path);
  const model = modelOf(file, path);
  const kind = (prefix: typeof EXTRA[number]) =>
    new Map([...model.parameters.keys()].map((name) => {
      const data = file.tensors.get(`${prefix}/${name}`)?.data;
      if (data?.length !== model.parameters.get(name)!.length) {
        throw new UserError(
          `Cannot resume: ${path} is a model, not a checkpoint (it has no ${prefix}/${name})`,
        );
      }
      return [name, data] as const;
    }));
  const [values, moment1, moment2] = EXTRA.map(kind);
  const step = Number(file.metadata.step);
  const settings = parseSettings(file.metadata.settings);
  if (!Number.isInteger(step) || step < 0 || !settings) {
    throw new UserError(
      `Cannot resume: ${path} does not say at which step and with which settings it was written`,
    );
  }
  return {
    topology: model.topology,
    step,
    settings,
    state: { values, moment1, moment2, average: model.parameters },
    info: modelInfo(model.info),
  };
}

function parseSettings(text = ""): TrainingSettings | undefined {
  try {
    const settings = JSON.parse(text);
    return typeof settings === "object" && settings !== null ? settings : undefined;
  } catch {
    return undefined;
  }
}
