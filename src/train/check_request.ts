/** What a training run refuses: before any photo is read, and when it goes on from a checkpoint. */
import { crc32 } from "../base/crc32.ts";
import { UserError } from "../base/errors.ts";
import type { PhotoSource, PhotoSplit } from "../data/photo_source.ts";
import { sizeMultiple, type UNetTopology } from "../nn/topology.ts";
import { folderFault, writingFault } from "../base/folder_fault.ts";
import { type Checkpoint, loadCheckpoint, noCheckpoint, type TrainingSettings } from "./checkpoint.ts";
import { pathsIn } from "./run_folder.ts";
import type { TrainOptions } from "./train_options.ts";

/** What is known of a run before a GPU is opened and the photos are read. */
export type TrainingRequest =
  & Omit<TrainOptions, "gpu" | "source" | "steps">
  & Partial<Pick<TrainOptions, "source" | "steps">>;

/**
 * Refuses what is wrong whatever the photos are: before they are read, which may take a while.
 * @throws {UserError} where a number is out of range, the topology is not one for photos, the patch or the recipe does not fit it, or `out` holds a checkpoint and `resume` does not ask for it,
 *   or the other way round, or takes no files.
 */
export async function checkRequest(
  request: TrainingRequest,
): Promise<void> {
  const { out, topology, patch, resume, recipe, balance } = request;
  requireCounts(request);
  const { channels } = topology;
  if (channels !== 3) {
    throw new UserError(
      `Cannot train: the network takes ${channels} channel${
        channels === 1 ? "" : "s"
      }, photos have 3; start from another --init`,
      { exitCode: 2 },
    );
  }
  const multiple = sizeMultiple(topology);
  if (patch % multiple !== 0) {
    throw new UserError(`Cannot train: --patch ${patch} must be a multiple of ${multiple} for this depth`, {
      exitCode: 2,
    });
  }
  const { scale } = topology;
  const shrinks = recipe?.scale ?? 1;
  if (shrinks !== scale) {
    const want = scale === 1
      ? "leave shrink out of it, or train with --model-config scale=2"
      : `add shrink:${scale} to it`;
    throw new UserError(
      `Cannot train: the model enlarges ×${scale}, but the recipe makes photos ${shrinks} times smaller; ${want}`,
      { exitCode: 2 },
    );
  }
  if (scale !== 1 && balance) {
    throw new UserError("Cannot train: --balance is for models that do not enlarge", { exitCode: 2 });
  }
  // Found out at the first checkpoint, it would cost all steps before that.
  const fault = await folderFault(out) ?? await writingFault(out);
  if (fault) throw new UserError(`Cannot train into ${out}: ${fault}; choose another --out`, { exitCode: 2 });
  const { checkpoint, model } = pathsIn(out);
  const there = await exists(checkpoint);
  if (resume && !there) throw noCheckpoint(checkpoint);
  if (!resume && there) {
    throw new UserError(
      `Cannot train into ${out}: it holds a checkpoint; add --resume to go on, or choose another --out`,
      { exitCode: 2 },
    );
  }
  if (!there && await exists(model)) {
    throw new UserError(
      `Cannot train into ${out}: it holds a model, which the new one would replace; choose another --out`,
      { exitCode: 2 },
    );
  }
}

/**
 * The checkpoint that a run goes on from, where it asks for that.
 * @throws {UserError} where the file cannot be read, or differs from the run in what is known of it.
 */
export async function checkpointOf(request: TrainingRequest): Promise<Checkpoint | undefined> {
  const { out, topology, resume, steps, source, split } = request;
  if (!resume) return undefined;
  const stored = await loadCheckpoint(pathsIn(out).checkpoint);
  const known = {
    ...(steps === undefined ? {} : { steps }),
    ...settingsOf(request),
    ...(source ? photoSettingsOf(source, split) : {}),
  };
  // Where a split is given, the share decides nothing, whatever it was then.
  const settings = split ? { ...stored.settings, heldOut: known.heldOut } : stored.settings;
  requireSame(settings, known, stored.topology, topology);
  return stored;
}

/** With such a seed the files could not be read again, with such steps nothing would be measured or saved. @throws {UserError} */
function requireCounts({ seed, steps = 1, lookEvery = 1, checkpointEvery = 1 }: TrainingRequest): void {
  const counts = { seed, steps, lookEvery, checkpointEvery };
  for (const [name, value] of Object.entries(counts)) {
    const least = name === "seed" ? 0 : 1;
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new UserError(
      `Cannot train: ${name} must be a whole number of ${least} or more, got ${value}`,
      { exitCode: 2 },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Settings that decide what the next step does, with the defaults of those that are left out; steps and photos stand beside them. */
export function settingsOf(options: TrainingRequest) {
  return {
    batch: options.batch,
    patch: options.patch,
    seed: options.seed,
    learningRate: options.learningRate,
    loss: options.loss,
    decay: options.decay ?? 0,
    balance: options.balance ?? 0,
    colourWeight: options.colourWeight ?? 0,
    chromaWeight: options.chromaWeight ?? 0,
    optimiser: options.optimiser ?? "adam",
    precision: options.precision ?? "f32",
    heldOut: options.heldOut ?? 0.05,
    recipe: options.recipe?.text ?? options.info?.recipe ?? "pairs",
    lookEvery: options.lookEvery ?? 20,
    checkpointEvery: options.checkpointEvery ?? 500,
    onto: options.onto ?? "high",
  } satisfies TrainingSettings;
}

/**
 * How many photos there are, and a checksum of what tells them from as many others: their names, their sizes, the source's stamp, and which of them a given split
 * holds out.
 */
export function photoSettingsOf({ photos, stamp }: PhotoSource, split?: PhotoSplit) {
  const facts = [photos.map(({ name, width, height }) => [name, width, height]), stamp, split?.validation];
  const checksum = crc32(new TextEncoder().encode(JSON.stringify(facts)));
  return {
    photos: photos.length,
    photoSet: checksum.toString(16).padStart(8, "0"),
  } satisfies TrainingSettings;
}

/** What a setting was where a checkpoint, older than the setting, does not say it. */
const BEFORE: TrainingSettings = {
  onto: "high",
  colourWeight: 0,
  chromaWeight: 0,
  optimiser: "adam",
  precision: "f32",
};

/** @throws {UserError} naming the first setting in which a checkpoint differs from the run that is to go on from it. */
export function requireSame(
  stored: TrainingSettings,
  now: TrainingSettings,
  topologyThen: UNetTopology,
  topologyNow: UNetTopology,
): void {
  if (JSON.stringify(topologyThen) !== JSON.stringify(topologyNow)) {
    throw new UserError("Cannot resume: the checkpoint has another topology; give the same --model-config", {
      exitCode: 2,
    });
  }
  // A checkpoint that is older than the checksum says nothing of the photos but their number.
  const then: TrainingSettings = { ...BEFORE, photoSet: now.photoSet, ...stored };
  const differs = Object.keys(now).find((key) => then[key] !== now[key]);
  if (differs === "photoSet") {
    throw new UserError(
      "Cannot resume: the checkpoint was trained on other photos, as many, but of other names, sizes or contents, or with others held out; " +
        "give the same --data, or choose another --out to start anew",
      { exitCode: 2 },
    );
  }
  if (differs) {
    throw new UserError(
      `Cannot resume: the checkpoint was trained with ${differs} ${then[differs]}, this run asks for ${
        now[differs]
      }`,
      { exitCode: 2 },
    );
  }
}
