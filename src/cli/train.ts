/** `clairnet train`. */
import { counted } from "../base/counted.ts";
import { openPhotos, surveyPhotos } from "../data/open.ts";
import { parseRecipe } from "../degrade/recipe.ts";
import { openGpu } from "../gpu/device.ts";
import { growModel } from "../nn/grow_model.ts";
import type { Model } from "../nn/model_file.ts";
import { loadModel } from "../nn/models.ts";
import type { LossKind } from "../ops/loss.ts";
import { UserError } from "../base/errors.ts";
import { tuningTasks } from "../tune/conv_layers.ts";
import { type Precision, type PrecisionChoice, settledPrecision } from "../enhance/precision.ts";
import type { Optimiser } from "../train/optimiser.ts";
import { profileStep } from "../train/profile_step.ts";
import { checkpointOf, checkRequest } from "../train/check_request.ts";
import { train as runTraining } from "../train/train.ts";
import { DEFAULT_STEPS, modelConfig, readNames, topologyOptions } from "./options.ts";
import { complainOfAllSkipped } from "./skipped_files.ts";
import { stepProfileLines } from "./step_profile.ts";
import { duration, interruptible, printJson, progressBar } from "./terminal.ts";
import { tuneKernels, tuningMode } from "./tuning.ts";
import { VERSION } from "./version.ts";

interface Options {
  readonly data: string;
  readonly out: string;
  readonly only?: string;
  readonly degrade?: string;
  readonly modelConfig: string;
  readonly steps?: number;
  readonly epochs?: number;
  readonly batch: number;
  readonly patch: number;
  readonly lr: number;
  readonly decay: number;
  readonly loss: LossKind;
  readonly balance: number;
  readonly colourWeight: number;
  readonly chromaWeight: number;
  readonly optimiser: Optimiser;
  readonly precision: PrecisionChoice;
  readonly seed: number;
  readonly heldOut?: number;
  readonly checkpointEvery: number;
  readonly resume?: boolean;
  readonly init?: string;
  readonly name?: string;
  readonly aboutData?: string;
  readonly license?: string;
  readonly profile?: boolean;
  readonly tune?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function train(options: Options): Promise<number> {
  const { out, batch, patch, loss, balance, colourWeight, chromaWeight, optimiser, seed } = options;
  const { quiet = false } = options;
  const precision: Precision = options.precision === "f16" ? "f16" : "f32";
  if (options.steps !== undefined && options.epochs !== undefined) {
    throw new UserError("--steps and --epochs say the same in two ways: give one of them", { exitCode: 2 });
  }
  const initial = options.init ? grown(await loadModel(options.init), options) : undefined;
  const topology = initial?.topology ?? modelConfig(options.modelConfig);
  const { scale } = topology;
  const degrade = options.degrade !== undefined
    ? parseRecipe(options.degrade)
    : scale > 1
    ? parseRecipe(`shrink:${scale}`)
    : undefined;
  // What is wrong with the call, the data or the folder is said before a GPU is opened and photos are read, which take their time.
  const asked = {
    ...{ out, topology, recipe: degrade, batch, patch, loss, balance, colourWeight, chromaWeight },
    ...{ optimiser, seed, precision },
    learningRate: options.lr,
    decay: options.decay,
    heldOut: options.heldOut,
    checkpointEvery: options.checkpointEvery,
    resume: options.resume,
    init: initial?.parameters,
  };
  await checkRequest(asked);
  const files = options.only ? await readNames(options.only) : undefined;
  const survey = await surveyPhotos(options.data, files);
  const { split } = survey;
  if (split && options.heldOut !== undefined) {
    throw new UserError(
      `'${options.data}' is a built data set, which has its own held-out photos: leave out --held-out, or build the set with it`,
      { exitCode: 2 },
    );
  }
  const request = { ...asked, split, recipe: degrade ?? (survey.paired ? undefined : parseRecipe("photo")) };
  await checkpointOf({ ...request, steps: options.steps, info: { recipe: survey.recipe } });
  const say = (line: string) => quiet || console.error(line);
  using gpu = await openGpu({ half: precision === "f16" });
  settledPrecision(precision, gpu.adapter);
  say(
    `Training on ${gpu.adapter.name}${
      gpu.adapter.software ? ", a software adapter: a GPU is many times faster" : ""
    }${precision === "f16" ? ", with values stored as f16" : ""}`,
  );
  const loading = progressBar("{bar} reading photos {value}/{total}", quiet);
  const source = await openPhotos(options.data, {
    files,
    onProgress: (done, total) => loading.update(done, total),
  }).finally(() => loading.stop());
  complainOfAllSkipped(source.skipped);
  const area = source.photos.reduce((sum, { width, height }) => sum + width * height, 0);
  const perEpoch = Math.max(1, area / (batch * (patch * scale) ** 2));
  const steps = options.steps ??
    (options.epochs !== undefined ? Math.max(1, Math.round(options.epochs * perEpoch)) : DEFAULT_STEPS);
  say(
    `${counted(source.photos.length, "photo")}, ${(area / 1e6).toFixed(1)} megapixels; ${
      counted(steps, "step")
    } of ${counted(batch, "patch", "patches")} of ${patch}×${patch}`,
  );

  const size = { batch, height: patch, width: patch, training: true };
  await tuneKernels(gpu, tuningMode(options.tune), () => tuningTasks(topology, size), { say, quiet });
  const profile = options.profile
    ? await profileStep(gpu, {
      ...{ topology, batch, patch, loss, balance, colourWeight, chromaWeight, optimiser, precision },
    })
    : undefined;
  if (profile) { for (const line of stepProfileLines(profile)) console.error(line); }

  using interrupt = interruptible();
  const bar = progressBar(
    "{bar} {value}/{total} · loss {loss} · held-out {psnr} · {speed} steps/s · {left} left",
    quiet,
  );
  let lastPrinted = 0;
  try {
    const result = await runTraining({
      ...request,
      ...{ gpu, source, steps, signal: interrupt.signal },
      info: {
        name: options.name ?? "",
        data: options.aboutData ?? counted(source.photos.length, "photo"),
        license: options.license ?? "",
        version: VERSION,
        recipe: source.recipe,
      },
      onProgress: (progress) => {
        const { step, loss, psnr, stepsPerSecond, secondsLeft } = progress;
        const fields = {
          loss: loss.toPrecision(4),
          psnr: psnr === undefined ? "–" : `${psnr.toFixed(2)} dB`,
          speed: stepsPerSecond.toPrecision(3),
          left: duration(secondsLeft),
        };
        bar.update(step, steps, fields);
        // Where there is no terminal for a bar, a log wants a line now and then.
        const due = performance.now() - lastPrinted > 60_000 || step === steps;
        if (!Deno.stderr.isTerminal() && due) {
          lastPrinted = performance.now();
          say(
            `step ${step}/${steps}, loss ${fields.loss}, held-out ${fields.psnr}, ${fields.speed} steps/s, ${fields.left} left`,
          );
        }
      },
    });
    bar.stop();
    if (options.json) printJson({ ...result, adapter: gpu.adapter.name, precision, profile });
    if (result.status === "stopped") {
      console.error(
        result.step === 0
          ? "clairnet: stopped before the first step; nothing was written"
          : `clairnet: stopped at step ${result.step} of ${steps}; the same command with --resume goes on from there, ` +
            `and enhance --model ${result.checkpointPath} shows what it does so far`,
      );
      return 130;
    }
    say(
      `Done: ${result.modelPath}${
        result.psnr === undefined ? "" : `, ${result.psnr.toFixed(2)} dB on the held-out photos`
      }${result.damaged === undefined ? "" : ` (${result.damaged.toFixed(2)} before restoration)`}`,
    );
    say(`Use it: clairnet enhance PHOTO --model ${result.modelPath}`);
    return 0;
  } finally {
    bar.stop();
  }
}

/** The model of `--init`, as large as `--model-config` wants it. @throws {UserError} where that is no growth. */
function grown(model: Model, { modelConfig, seed }: Options): Model {
  const larger = topologyOptions(modelConfig);
  try {
    return growModel(model, larger, seed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      `Cannot start from that --init with --model-config ${modelConfig}: ${error.message}`,
      {
        exitCode: 2,
        cause: error,
      },
    );
  }
}
