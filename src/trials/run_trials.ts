/** Runs the four trials: trains what is not yet trained, tests every network on every damage, and gathers the figures. */
import { counted } from "../base/counted.ts";
import type { OpenedPhotos } from "../data/open.ts";
import { parseRecipe } from "../degrade/recipe.ts";
import { CpuNetwork } from "../enhance/cpu_network.ts";
import { GpuNetwork } from "../enhance/gpu_network.ts";
import type { TileNetwork } from "../enhance/network.ts";
import {
  evaluatePairs,
  type Failure,
  type PhotoResult,
  type Pictures,
  type Scores,
  scoresOf,
} from "../evaluate/evaluate.ts";
import { networkRestorer } from "../evaluate/network_restorer.ts";
import type { Restorer } from "../evaluate/restorer.ts";
import { UserError } from "../base/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { macsPerPixel, unetGraph } from "../nn/graph.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { TrainProgress } from "../train/train_options.ts";
import { library } from "./manifold_library.ts";
import { PATCH_SIZE, type PatchMethod, type PatchMethods, preparePatchMethods } from "./patch_methods.ts";
import { type MethodResult, summaryOf, type TrialResult, type TrialsReport } from "./results.ts";
import { type Preset, stepsOf, topologyOf, type TrialDefinition, TRIALS } from "./settings.ts";
import { splitForTrials, type TrialSplit } from "./split.ts";
import { testPairs } from "./test_pairs.ts";
import { type TrainedTrial, trainTrial } from "./train_trial.ts";
import { claimFolder, settingsOf } from "./trials_folder.ts";

export interface RunTrialsOptions {
  readonly gpu: Gpu;
  readonly source: OpenedPhotos;
  /** What to call the photos in the report. */
  readonly data: string;
  readonly out: string;
  readonly preset: Preset;
  readonly seed: number;
  readonly version: string;
  /** Compare with nearest neighbours, PCA and Isomap. */
  readonly patchMethods: boolean;
  readonly signal?: AbortSignal;
  readonly onTraining?: (trial: TrialDefinition, progress: TrainProgress) => void;
  /** One line for each part of the work that begins. */
  readonly onStage?: (line: string) => void;
}

/** One test photo of a trial, with its pixels; `restored` in the order of the trial's methods. */
export interface TestedPhoto {
  readonly result: PhotoResult;
  readonly pictures: Pictures;
}

export interface TrialsOutcome {
  readonly report: TrialsReport;
  /** By trial, the pixels behind `report.trials[i].photos`. */
  readonly pictures: readonly (readonly TestedPhoto[])[];
}

/** Photos below this many pixels on a side are not tested on. */
const SMALLEST_TEST = 32;

/**
 * @returns undefined where the signal stopped the training, which the same call goes on with.
 * @throws the signal's reason where it stopped the testing.
 * @throws {UserError} where the photos do not suffice, the folder holds trials of other settings, or the library of Isomap cannot be fetched.
 */
export async function runTrials(options: RunTrialsOptions): Promise<TrialsOutcome | undefined> {
  const { gpu, source, out, preset, seed, signal, onTraining, onStage = () => {} } = options;
  const split = splitForTrials(source.photos, {
    ...{ seed, most: preset.testPhotos, smallest: SMALLEST_TEST, held: source.split?.validation },
  });
  if (options.patchMethods) await library();
  const names = (indices: readonly number[]) => indices.map((index) => source.photos[index].name);
  await claimFolder(out, {
    ...settingsOf(options, source),
    ...{ train: names(split.train), validation: names(split.validation), test: names(split.test) },
  });

  const trained: TrainedTrial[] = [];
  for (const trial of TRIALS) {
    onStage(`trial ${trial.number}, ${trial.title}: ${counted(stepsOf(trial, preset), "step")}`);
    const done = await trainTrial(trial, {
      ...{ gpu, source, split, preset, seed, out, signal, version: options.version },
      onProgress: (progress) => onTraining?.(trial, progress),
    });
    if (!done) return undefined;
    trained.push(done);
  }

  const networks: TileNetwork[] = [];
  try {
    for (const { model: { topology, parameters } } of trained) {
      // On a software adapter the CPU library is many times quicker, and gives the same to rounding.
      networks.push(
        gpu.adapter.software
          ? await CpuNetwork.create(topology, parameters)
          : new GpuNetwork(gpu, topology, parameters),
      );
    }
    const tested: TestedTrial[] = [];
    for (const trial of TRIALS) {
      tested.push(await testTrial(trial, trained, networks, split, options));
    }
    return gather(options, split, networks[0].device, tested);
  } finally {
    for (const network of networks) network[Symbol.dispose]();
  }
}

interface TestedTrial {
  readonly result: TrialResult;
  readonly pictures: readonly TestedPhoto[];
  /** Mean PSNR of each trial's network on this trial's damage. */
  readonly networks: readonly number[];
  readonly failures: readonly Failure[];
}

async function testTrial(
  trial: TrialDefinition,
  trained: readonly TrainedTrial[],
  networks: readonly TileNetwork[],
  split: TrialSplit,
  { source, preset, seed, signal, patchMethods, onStage = () => {} }: RunTrialsOptions,
): Promise<TestedTrial> {
  const checkStop = async () => {
    await new Promise((wake) => setTimeout(wake)); // lets the signal's handler run between long computations
    signal?.throwIfAborted();
  };
  let patches: PatchMethods | undefined;
  if (patchMethods) {
    onStage(`trial ${trial.number}: embedding ${preset.patches} patches`);
    patches = await preparePatchMethods(source, {
      ...{ count: preset.patches, seed, indices: split.train, recipe: parseRecipe(trial.recipe), checkStop },
    });
  }
  onStage(`trial ${trial.number}: testing on ${counted(split.test.length, "photo")}`);
  const own = trial.number - 1;
  const others = networks.map((_, number) => number).filter((number) => number !== own);
  const seconds = new Map<Restorer, number>();
  const timed = ({ name, restore }: Restorer): Restorer => {
    const restorer: Restorer = {
      name,
      restore: async (rgb, width, height) => {
        await checkStop();
        const started = performance.now();
        const result = await restore(rgb, width, height);
        seconds.set(restorer, (seconds.get(restorer) ?? 0) + (performance.now() - started) / 1000);
        return result;
      },
    };
    return restorer;
  };
  const network = (number: number) => timed(networkRestorer("U-Net", networks[number]));
  const methods = [network(own), ...(patches?.methods ?? []).map(timed)];
  const pictures: TestedPhoto[] = [];
  const foreign: PhotoResult[] = [];
  const informed: Scores[] = [];
  const { failures } = await evaluatePairs(
    testPairs(source, split.test, { recipe: trial.recipe, seed, size: preset.testSize }),
    {
      restorers: [...methods, ...others.map(network)],
      onPictures: async (result, all) => {
        const { width, height, original, degraded } = all;
        pictures.push({
          result: { ...result, restored: result.restored.slice(0, methods.length) },
          pictures: { ...all, restored: all.restored.slice(0, methods.length) },
        });
        foreign.push({ ...result, restored: result.restored.slice(methods.length) });
        if (!patches) return;
        await checkStop();
        informed.push(scoresOf(patches.informed(degraded, original, width, height), original, width, height));
      },
    },
  );
  if (pictures.length === 0) {
    throw new UserError(
      `None of the ${failures.length} test photos could be used; the first: ${failures[0].reason}`,
    );
  }
  const photos = pictures.map(({ result }) => result);
  const summary = (of: readonly PhotoResult[], place: number) =>
    summaryOf(of, of.map(({ restored }) => restored[place]));
  const megapixels = photos.reduce((sum, { width, height }) => sum + width * height, 0) / 1e6;
  const macs = macsPerPixel(networks[own].topology);
  const trainingCost = {
    prepareSeconds: trained[own].seconds,
    // A backward pass takes about twice the multiply-adds of a forward one.
    trainingMacs: 3 * macs * stepsOf(trial, preset) * preset.batch * preset.patch ** 2,
    macsPerPixel: macs,
  };
  const patchCost = ({ prepareSeconds, macsPerPixel }: PatchMethod) => ({ prepareSeconds, macsPerPixel });
  const results = methods.map((method, place): MethodResult => ({
    name: method.name,
    summary: summary(photos, place),
    cost: {
      secondsPerMegapixel: (seconds.get(method) ?? 0) / megapixels,
      ...(place === 0 ? trainingCost : patchCost(patches!.methods[place - 1])),
    },
  }));
  const psnr = new Map([[own, results[0].summary.psnr.mean]]);
  others.forEach((number, place) => psnr.set(number, summary(foreign, place).psnr.mean));
  return {
    pictures,
    failures,
    networks: networks.map((_, number) => psnr.get(number)!),
    result: {
      ...{ number: trial.number, title: trial.title, recipe: parseRecipe(trial.recipe).text },
      ...{ residual: trial.residual, steps: stepsOf(trial, preset), history: trained[own].history },
      low: summaryOf(photos, photos.map(({ degraded }) => degraded)),
      methods: results,
      ...(patches ? { informed: summaryOf(photos, informed), isomap: patches.isomap } : {}),
      photos,
    },
  };
}

function gather(
  { gpu, source, data, preset, seed, patchMethods }: RunTrialsOptions,
  split: TrialSplit,
  device: string,
  tested: readonly TestedTrial[],
): TrialsOutcome {
  const names = (indices: readonly number[]) => indices.map((index) => source.photos[index].name);
  const { parameters } = unetGraph(topologyOf(TRIALS[0], preset));
  return {
    report: {
      version: 1,
      created: new Date().toISOString(),
      ...{ data, seed, preset: preset.name, adapter: gpu.adapter.name, device },
      network: {
        widths: preset.widths,
        parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      },
      ...{ batch: preset.batch, patch: preset.patch, testSize: preset.testSize, paired: source.paired },
      ...{ patches: patchMethods ? preset.patches : 0, patchSize: patchMethods ? PATCH_SIZE : 0 },
      split: { train: names(split.train), validation: names(split.validation), test: names(split.test) },
      trials: tested.map(({ result }) => result),
      transfer: tested.map((_, number) => tested.map(({ networks }) => networks[number])),
      failures: tested[0].failures,
    },
    pictures: tested.map(({ pictures }) => pictures),
  };
}
