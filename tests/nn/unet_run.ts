/** A U-Net of the tests on the device: forward, gradients, training steps. */
import type { Gpu } from "../../src/gpu/device.ts";
import { buildPlan, type Plan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import type { ElementType } from "../../src/gpu/tensor.ts";
import { unet, unetParameters as parameterRoom } from "../../src/nn/unet.ts";
import { adam, adamScalars } from "../../src/ops/adam.ts";
import type { ConvVariant } from "../../src/ops/conv2d.ts";
import { gradientScaleOf, unscaleGradients } from "../../src/ops/gradient_scale.ts";
import { loss, type LossKind } from "../../src/ops/loss.ts";
import type { ParameterSet } from "../../src/ops/parameter.ts";
import type { Tensor64 } from "../../src/reference/tensor64.ts";
import { targetShape, type UNetCase, unetParameters } from "../cases/unet.ts";
import { float32 } from "../ops/harness.ts";

export interface Trainer extends Disposable {
  readonly parameters: ParameterSet;
  readonly plan: Plan;
  /** One step; waits for it and returns the loss before it. */
  step(image: Tensor64, target: Tensor64): Promise<number>;
}

export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 };

/** Uploads the seeded parameters of a case. */
export function uploadParameters(gpu: Gpu, { topology }: UNetCase): ParameterSet {
  const parameters = parameterRoom(gpu, topology);
  parameters.upload(unetParameters(topology));
  return parameters;
}

/** So few workgroups to a row that those of small tensors have to be folded, as of large photos those of 65,535 are. */
export const SHORT_ROW = 3;

/** Records an inference plan; input `image`, output `restored`. */
export async function inferencePlan(
  gpu: Gpu,
  item: UNetCase,
  parameters: ParameterSet,
  variant: ConvVariant = "auto",
  longestRow?: number,
): Promise<Plan> {
  const rec = new Recorder({ training: false, longestRow });
  rec.output("restored", unet(rec, rec.input("image", item.shape), item.topology, parameters, { variant }));
  return await buildPlan(gpu, rec);
}

/** Records a training step; `learningRate` 0 leaves the parameters as they are, for their gradients. */
export async function trainer(
  gpu: Gpu,
  item: UNetCase,
  options: {
    learningRate?: number;
    kind?: LossKind;
    variant?: ConvVariant;
    values?: ElementType;
    longestRow?: number;
  } = {},
): Promise<Trainer> {
  const { learningRate = ADAM.learningRate, kind = "mse", variant = "auto", values, longestRow } = options;
  const parameters = uploadParameters(gpu, item);
  const rec = new Recorder({ training: true, longestRow });
  const image = rec.input("image", item.shape);
  const target = rec.input("target", targetShape(item.shape, item.topology));
  const restored = unet(rec, image, item.topology, parameters, { variant, values });
  rec.output("restored", restored);
  const gradientScale = values === "f16" ? gradientScaleOf(restored) : 1;
  rec.output("loss", loss(rec, restored, target, kind, { gradientScale }));
  rec.backward();
  unscaleGradients(rec, parameters, gradientScale);
  adam(rec, parameters);
  const plan = await buildPlan(gpu, rec);
  let step = 0;
  return {
    parameters,
    plan,
    async step(image, target) {
      plan.write("image", float32(image));
      plan.write("target", float32(target));
      plan.write("adam", adamScalars({ ...ADAM, learningRate, step: ++step }));
      plan.run();
      return (await plan.read("loss"))[0];
    },
    [Symbol.dispose]() {
      plan[Symbol.dispose]();
      parameters[Symbol.dispose]();
    },
  };
}
