/** The shipped U-Net: forward, and a whole training step (forward, backward, Adam), against tfjs with the same weights. */
import { buildPlan } from "../src/gpu/plan.ts";
import { Recorder } from "../src/gpu/recorder.ts";
import { heInitialise } from "../src/nn/initialise.ts";
import { unetTopology } from "../src/nn/topology.ts";
import { unet, unetParameters } from "../src/nn/unet.ts";
import { Trainer } from "../src/train/trainer.ts";
import { loss as tfjsLoss } from "../tests/tfjs/ops.ts";
import { TfjsUNet } from "../tests/tfjs/unet.ts";
import { gpu, SLOW, tensor4d, tf, uniform } from "./measure.ts";

// Small enough for a software adapter, on which tfjs takes seconds for a step.
const SHAPE = [2, 64, 64, 3] as const;
const topology = unetTopology({ widths: [16, 32, 64, 96] });
const weights = heInitialise(topology, 1);

{
  const parameters = unetParameters(gpu, topology);
  parameters.upload(weights);
  const rec = new Recorder({ training: false });
  rec.output("y", unet(rec, rec.input("x", SHAPE), topology, parameters));
  const plan = await buildPlan(gpu, rec);
  plan.write("x", uniform(SHAPE));
  const group = `U-Net forward, ${SHAPE.join("×")}`;
  Deno.bench(`clairnet ${group}`, { group, baseline: true }, async () => {
    plan.run();
    await plan.read("y");
  });
  const net = new TfjsUNet(tf, topology, weights);
  const x = tensor4d(SHAPE);
  Deno.bench(`tfjs ${group}`, { group, ...SLOW }, async () => {
    const y = net.forward(x);
    await y.data();
    y.dispose();
  });
}

{
  const trainer = await Trainer.create(gpu, { topology, batch: SHAPE[0], patch: SHAPE[1], loss: "mse" });
  trainer.start(weights);
  const batch = { input: uniform(SHAPE), target: uniform(SHAPE, 2) };
  const group = `training step, ${SHAPE.join("×")}`;
  let step = 0;
  Deno.bench(`clairnet ${group}`, { group, baseline: true }, async () => {
    trainer.step(batch, { learningRate: 1e-4, step: ++step });
    await trainer.look();
  });
  const net = new TfjsUNet(tf, topology, weights);
  const optimiser = net.adam({ learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
  const [x, target] = [tensor4d(SHAPE), tensor4d(SHAPE, 2)];
  Deno.bench(`tfjs ${group}`, { group, ...SLOW }, async () => {
    const value = optimiser.minimize(() => tfjsLoss(tf, "mse", net.forward(x), target), true)!;
    await value.data();
    value.dispose();
  });
}
