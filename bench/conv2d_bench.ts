/**
 * One 3×3 convolution, forward (with relu) and with its gradients (without): the tuned kernels, the readable ones, tfjs.
 * `deno bench … bench/conv2d_bench.ts -- --variant NAME` takes a version of the kernels in place of `auto`.
 */
import { parseArgs } from "node:util";
import type { Tensor1D, Tensor4D } from "../tests/tfjs/tensorflow.ts";
import { buildPlan } from "../src/gpu/plan.ts";
import { Recorder } from "../src/gpu/recorder.ts";
import { conv2d, CONV_VARIANTS, type ConvVariant } from "../src/ops/conv2d.ts";
import { loss } from "../src/ops/loss.ts";
import { ParameterSet } from "../src/ops/parameter.ts";
import { conv2d as tfjsConv2d } from "../tests/tfjs/ops.ts";
import { finish } from "./tfjs_memory.ts";
import { gpu, REPEAT, SLOW, tensor4d, tf, uniform } from "./measure.ts";

const { values } = parseArgs({ args: Deno.args, options: { variant: { type: "string" } }, strict: false });
const tuned = (values.variant ?? "auto") as ConvVariant;
if (!CONV_VARIANTS.includes(tuned)) {
  throw new Error(`--variant takes ${CONV_VARIANTS.join(", ")}, got ${tuned}`);
}

console.log(`each iteration is ${REPEAT} repetitions and one wait`);

const CASES = [
  { shape: [1, 128, 128, 3], outChannels: 16 },
  { shape: [1, 128, 128, 32], outChannels: 32 },
  { shape: [1, 64, 64, 64], outChannels: 64 },
];

for (const { shape, outChannels } of CASES) {
  const optionsOf = (training: boolean) =>
    ({ name: "conv", kernel: 3, stride: 1, outChannels, activation: training ? "none" : "relu" }) as const;
  const weightShape = [3, 3, shape[3], outChannels] as const;
  const parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: weightShape },
    { name: "conv.bias", shape: [outChannels] },
  ]);
  parameters.upload(new Map([["conv.weight", uniform(weightShape)], ["conv.bias", uniform([outChannels])]]));
  const label = `${shape.slice(1).join("×")}→${outChannels}`;

  const plan = async (training: boolean, variant: ConvVariant) => {
    const rec = new Recorder({ training });
    const x = rec.input("x", shape);
    const y = conv2d(rec, [x], parameters, optionsOf(training), { variant });
    if (training) {
      rec.output("loss", loss(rec, y, rec.input("target", y.shape), "mse"));
      rec.backward();
    } else rec.output("y", y);
    const built = await buildPlan(gpu, rec);
    built.write("x", uniform(shape));
    return built;
  };
  for (const training of [false, true]) {
    const group = `${label} ${training ? "forward and gradients" : "forward"}`;
    for (const variant of new Set([tuned, "naive"] as const)) {
      const built = await plan(training, variant);
      Deno.bench(`${variant === "auto" ? "tuned" : variant} ${group}`, {
        group,
        baseline: variant === tuned,
      }, async () => {
        for (let i = 0; i < REPEAT; i++) built.run();
        await gpu.device.queue.onSubmittedWorkDone();
      });
    }
    const x = tensor4d(shape);
    const w = tensor4d(weightShape) as Tensor4D;
    const b = tf.tensor1d(uniform([outChannels])) as Tensor1D;
    const forward = (...[x, w, b]: [Tensor4D, Tensor4D, Tensor1D]) =>
      tfjsConv2d(tf, [x], w, b, optionsOf(training));
    Deno.bench(`tfjs  ${group}`, { group, ...SLOW }, async () => {
      for (let i = 0; i < REPEAT; i++) {
        tf.dispose(
          training
            ? tf.grads((...inputs) =>
              tf.mean(tf.square(forward(...inputs as [Tensor4D, Tensor4D, Tensor1D])))
            )(
              [x, w, b],
            )
            : [forward(x, w, b)],
        );
      }
      // Nothing is read back, here or above: of three gradients that would be three waits and an image.
      await finish(tf);
    });
  }
}
