/** Training on a folder: `deno run -A examples/train_on_folder.ts [FOLDER [OUT [STEPS]]]`; thousands of steps make a good model. */
import { freshModel, openGpu } from "@clairnet/clairnet";
import { openPhotos, parseRecipe, train } from "@clairnet/clairnet/native";

const [folder = "samples/clean", out = "runs/example", steps = "20"] = Deno.args;
using gpu = await openGpu();
const result = await train({
  ...{ gpu, out, source: await openPhotos(folder), topology: freshModel({ base: 8, depth: 2 }).topology },
  ...{
    recipe: parseRecipe("blur:0.5-2,gaussian:10"),
    batch: 2,
    patch: 32,
    learningRate: 1e-3,
    loss: "l1",
    seed: 1,
  },
  ...{
    steps: Number(steps),
    onProgress: ({ step, loss }) => console.log(`step ${step}: loss ${loss.toFixed(4)}`),
  },
});
console.log(`${result.modelPath}, ${result.psnr?.toFixed(2)} dB on the photos held out`);
