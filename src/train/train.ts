/** Trains a U-Net on photos: the loop around `Trainer`, with checkpoints, history, validation and a clean stop. */
import { Prefetch } from "../data/prefetch.ts";
import { splitPhotos } from "../data/photo_source.ts";
import { GpuOutOfMemoryError } from "../gpu/errors.ts";
import { lockFolder } from "../base/lock_folder.ts";
import { heInitialise } from "../nn/initialise.ts";
import { type ModelInfo, modelInfo } from "../nn/model_file.ts";
import { saveModel } from "../nn/save_model.ts";
import { systemReason, UserError } from "../base/errors.ts";
import { checkpointOf, checkRequest, photoSettingsOf, settingsOf } from "./check_request.ts";
import { saveCheckpoint } from "./checkpoint.ts";
import { type HistoryRow, parseHistory } from "./history.ts";
import { saveHistory } from "./save_history.ts";
import { optimiserAt } from "./optimiser.ts";
import { pathsIn } from "./run_folder.ts";
import type { TrainOptions, TrainResult } from "./train_options.ts";
import { lossName, type LossReport, Trainer } from "./trainer.ts";
import { Validation } from "./validation.ts";

/** Steps that are submitted while a look at the loss is on its way: enough work for the 10 ms that some runtimes take to notice an answer. */
const STEPS_MEANWHILE = 2;

/**
 * Trains until `steps` are done. The same options give the same weights, bit for bit, on the same adapter, whether or not
 * the run was interrupted and resumed.
 * @throws {UserError} where options are out of range or do not fit the checkpoint, or the loss is no longer finite.
 *
 * @example Two steps of a tiny network; a real one takes thousands
 * ```ts
 * import { freshModel, openGpu } from "@clairnet/clairnet";
 * import { openPhotos, parseRecipe, train } from "@clairnet/clairnet/native";
 *
 * using gpu = await openGpu();
 * const out = await Deno.makeTempDir();
 * const { topology } = freshModel({ base: 4, depth: 1, blocks: 1 });
 * const { modelPath } = await train({
 *   gpu, topology, out,
 *   source: await openPhotos("samples/clean", { files: ["raccoon.jpg"] }),
 *   recipe: parseRecipe("gaussian:25"),
 *   steps: 2, batch: 2, patch: 16, learningRate: 1e-3, loss: "l1", seed: 1,
 * });
 * console.log(modelPath);
 * await Deno.remove(out, { recursive: true });
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { gpu, source, recipe, out, topology, steps, batch, patch, seed } = options;
  await checkRequest(options);
  await Deno.mkdir(out, { recursive: true }).catch((error) => {
    throw new UserError(`Cannot train into ${out}: ${systemReason(error, "folder")}`, { cause: error });
  });
  using lock = await lockFolder(out);
  if (!lock) {
    throw new UserError(
      `Cannot train into ${out}: another training is at work there; wait for its end, or choose another --out`,
      { exitCode: 2 },
    );
  }
  const checkpoint = await checkpointOf(options);
  const paths = pathsIn(out);
  const settings = { steps, ...settingsOf(options), ...photoSettingsOf(source, options.split) };
  const { lookEvery, checkpointEvery, heldOut } = settings;
  const schedule = { peak: options.learningRate, steps, decay: options.decay };
  const split = options.split ?? splitPhotos(source.photos, heldOut, seed);
  const validation = new Validation(options, split.validation);

  using trainer = await Trainer.create(gpu, {
    topology,
    batch,
    patch,
    loss: options.loss,
    balance: options.balance,
    colourWeight: options.colourWeight,
    chromaWeight: options.chromaWeight,
    optimiser: options.optimiser,
    precision: options.precision,
  }).catch((error) => {
    if (!(error instanceof GpuOutOfMemoryError)) throw error;
    const side = `${patch}×${patch}`;
    const what = batch === 1 ? `a patch of ${side} does` : `${batch} patches of ${side} do`;
    throw new UserError(
      `Cannot train: ${what} not fit into the GPU's memory; try a smaller --batch, --patch or --model-config`,
      { cause: error },
    );
  });
  let done = 0;
  let history: HistoryRow[] = [];
  if (checkpoint) {
    trainer.load(checkpoint.state);
    done = checkpoint.step;
    history = parseHistory(await Deno.readTextFile(paths.history).catch(() => "")).filter((row) =>
      row.step <= done
    );
  } else trainer.start(options.init ?? heInitialise(topology, seed));

  const info = (step: number, psnr: number | undefined): ModelInfo =>
    modelInfo({
      ...{ seed, loss: lossName(options), created: new Date().toISOString() },
      ...options.info,
      recipe: settings.recipe,
      steps: step,
      metrics: psnr === undefined ? {} : { "held-out psnr": Number(psnr.toFixed(3)) },
    });
  const save = async (step: number, psnr: number | undefined): Promise<void> => {
    const state = await trainer.state();
    // The history first: rows past the checkpoint are dropped on resuming, but missing ones would be lost for good.
    await saveHistory(out, history);
    await saveCheckpoint(paths.checkpoint, { topology, step, settings, state, info: info(step, psnr) });
  };

  await using batches = new Prefetch(source, {
    patch,
    batch,
    seed,
    indices: split.train,
    recipe,
    onto: options.onto,
  });
  let psnr = history.findLast((row) => row.psnr !== undefined)?.psnr;
  let saved = done;
  const started = performance.now();
  const startedAt = done;
  let stopping = options.signal?.aborted ?? false;
  /** A look at the loss on its way: the steps after it are submitted meanwhile, or the GPU would run dry at each look. */
  let looking: { step: number; learningRate: number; report: Promise<LossReport> } | undefined;
  const settle = async (milestone: boolean): Promise<{ step: number; loss: number }> => {
    const { step, learningRate, report } = looking!;
    looking = undefined;
    const { loss, gradientNorm } = await report;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      const last = saved > 0
        ? `the last good checkpoint is ${paths.checkpoint} at step ${saved}`
        : "no checkpoint was written yet";
      throw new UserError(
        `Training stopped: the loss is not finite at step ${step}; ${last}. Try a smaller --lr`,
      );
    }
    const row = { step, loss, learningRate, gradientNorm };
    if (milestone) {
      psnr = await validation.psnr(trainer).catch(async (error) => {
        // The weights are good, whatever became of the photos that they are measured on. What is wrong with those is what there is to say.
        history.push(row);
        await save(step, undefined).catch(() => {});
        throw error;
      });
    }
    history.push({ ...row, ...(milestone ? { psnr } : {}) });
    return { step, loss };
  };
  const tell = ({ step, loss }: { step: number; loss: number }): void => {
    const stepsPerSecond = (done - startedAt) / (performance.now() - started) * 1000;
    const secondsLeft = (steps - done) / stepsPerSecond;
    options.onProgress?.({ step, steps, loss, psnr, stepsPerSecond, secondsLeft });
  };
  while (done < steps && !stopping) {
    const step = done + 1;
    const optimiser = optimiserAt(step, schedule);
    trainer.step(await batches.next(done), optimiser);
    done = step;
    stopping = options.signal?.aborted ?? false;
    const milestone = done % checkpointEvery === 0 || done === steps;
    const due = done % lookEvery === 0 || milestone || stopping;
    if (looking && (due || done === looking.step + STEPS_MEANWHILE)) tell(await settle(false));
    if (!due) continue;

    looking = { step: done, learningRate: optimiser.learningRate, report: trainer.look() };
    looking.report.catch(() => {}); // thrown where it is waited for
    if (!milestone && !stopping) continue;
    const looked = await settle(milestone);
    await save(done, psnr);
    saved = done;
    tell(looked);
  }

  const stopped = done < steps;
  if (!stopped) {
    const { average } = await trainer.state();
    await saveModel(paths.model, { topology, parameters: average, info: info(done, psnr) });
  }
  return {
    status: stopped ? "stopped" : "done",
    step: done,
    psnr,
    damaged: validation.damaged,
    modelPath: paths.model,
    checkpointPath: paths.checkpoint,
  };
}
