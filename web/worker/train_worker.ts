/** Trains a network on a person's own photos: the page's loop around `Trainer`. */
import { UserError } from "../../src/base/errors.ts";
import { VERSION } from "../../src/cli/version.ts";
import { PatchStream } from "../../src/data/patches.ts";
import { splitPhotos } from "../../src/data/photo_source.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { GpuOutOfMemoryError } from "../../src/gpu/errors.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { encodeModel, type Model, modelInfo } from "../../src/nn/model_file.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { optimiserAt } from "../../src/train/optimiser.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { FilePhotos } from "./file_photos.ts";
import { HeldOut } from "./held_out.ts";
import { loadModelFrom } from "./load_model.ts";
import type { TrainingRequest, TrainReply, TrainRequest } from "./protocol.ts";
import { messageOf, workerScope } from "./scope.ts";

const LOSS = "l1";
/** Share of the photos that is not trained on. */
const HELD_OUT_SHARE = 0.05;
/** Milliseconds between previews, and how many times longer than a preview itself takes. */
const PREVIEW_PAUSE = 2500;
const PREVIEW_SHARE = 8;

const scope = workerScope<TrainRequest, TrainReply>();
let stopping = false;

scope.onmessage = ({ data }) => {
  if (data.kind === "stop") {
    stopping = true;
    return;
  }
  stopping = false;
  train(data.training).catch((error) => scope.postMessage({ kind: "failed", message: messageOf(error) }));
};

async function train(request: TrainingRequest): Promise<void> {
  const { steps, batch, patch, seed, lookEvery } = request;
  const recipe = parseRecipe(request.recipe);
  const start = await startingModel(request);
  const { topology } = start;
  using gpu = await openGpu();
  const photos = await FilePhotos.open(
    request.files,
    (done, total) => scope.postMessage({ kind: "decoding", done, total }),
  );
  const split = splitPhotos(photos.photos, HELD_OUT_SHARE, seed);
  const stream = new PatchStream(photos, { patch, batch, seed, recipe, indices: split.train });
  const heldOut = await HeldOut.draw(photos, { indices: split.validation, recipe, seed, topology });
  using trainer = await Trainer.create(gpu, { topology, batch, patch, loss: LOSS }).catch((error) => {
    if (!(error instanceof GpuOutOfMemoryError)) throw error;
    throw new UserError(
      `${batch} patches of ${patch}×${patch} do not fit into the GPU's memory: choose less`,
    );
  });
  trainer.start(start.parameters);
  scope.postMessage({
    kind: "ready",
    device: gpu.adapter.name,
    photos: photos.photos.length,
    skipped: photos.skipped,
    parameters: [...start.parameters.values()].reduce((sum, { length }) => sum + length, 0),
  });

  const began = performance.now();
  let step = 0;
  let nextPreview = 0;
  while (step < steps && !stopping) {
    trainer.step(await stream.batch(step), optimiserAt(step + 1, { peak: request.learningRate, steps }));
    step++;
    // Lets the message that stops in; without a look at the loss nothing here waits.
    await new Promise((resolve) => setTimeout(resolve));
    if (step % lookEvery !== 0 && step < steps && !stopping) continue;
    const { loss } = await trainer.look();
    if (!Number.isFinite(loss)) {
      throw new UserError(`The loss is no longer finite at step ${step}: try a smaller learning rate`);
    }
    const now = performance.now();
    const stepsPerSecond = step / (now - began) * 1000;
    if (now < nextPreview && step < steps && !stopping) {
      scope.postMessage({ kind: "progress", step, loss, stepsPerSecond });
      continue;
    }
    const { average } = await trainer.state();
    const { psnr, preview } = await heldOut.measure(gpu, average);
    scope.postMessage({ kind: "progress", step, loss, stepsPerSecond, psnr, preview }, [
      preview.restored.buffer,
    ]);
    const took = performance.now() - now;
    nextPreview = performance.now() + Math.max(PREVIEW_PAUSE, PREVIEW_SHARE * took);
  }

  const { average } = await trainer.state();
  const { psnr } = await heldOut.measure(gpu, average);
  const info = modelInfo({
    name: "own",
    recipe: recipe.text,
    seed,
    steps: step,
    loss: LOSS,
    data: `${photos.photos.length} photos of one's own`,
    metrics: { "held-out psnr": Number(psnr.restored.toFixed(3)) },
    created: new Date().toISOString(),
    version: VERSION,
    note: request.init
      ? `trained in a web page, from the weights of ${request.init.name}`
      : "trained in a web page",
  });
  const file = encodeModel({ topology, parameters: average, info });
  scope.postMessage({ kind: "done", step, stopped: step < steps, file }, [file.buffer]);
}

async function startingModel(request: TrainingRequest): Promise<Pick<Model, "topology" | "parameters">> {
  if (request.init) return await loadModelFrom(request.init);
  const topology = unetTopology({ base: request.base, depth: request.depth });
  return { topology, parameters: heInitialise(topology, request.seed) };
}
