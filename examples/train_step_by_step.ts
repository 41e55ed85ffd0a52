/** The trainer on batches of one's own: `deno run -A examples/train_step_by_step.ts`. */
import { freshModel, openGpu, Trainer } from "@clairnet/clairnet";

const target = Float32Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 90));
const input = target.map((value, i) => value + (i % 7 ? 0 : 0.3)); // [batch, patch, patch, 3], 0..1
using gpu = await openGpu();
const { topology, parameters } = freshModel({ base: 4, depth: 1 }, 1);
using trainer = await Trainer.create(gpu, { topology, batch: 2, patch: 32, loss: "mse" });
trainer.start(parameters);
for (let step = 1; step <= 40; step++) {
  trainer.step({ input, target }, { step, learningRate: 2e-3 });
  if (step % 20 === 0) console.log(`step ${step}: loss ${(await trainer.look()).loss.toExponential(2)}`);
}
