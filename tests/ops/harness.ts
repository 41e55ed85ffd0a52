/** Runs one op forward and backward on the device, and says what its gradients have to be. */
import type { Gpu } from "../../src/gpu/device.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder, vec4sOf } from "../../src/gpu/recorder.ts";
import type { ElementType, Tensor } from "../../src/gpu/tensor.ts";
import type { Activation } from "../../src/nn/topology.ts";
import { markActivated } from "../../src/ops/activation.ts";
import { addGrad, writeAddGradient } from "../../src/ops/add.ts";
import { activate, activationSlope } from "../../src/reference/activation.ts";
import { type Tensor64, tensor64 } from "../../src/reference/tensor64.ts";
import { normalTensor } from "../cases/inputs.ts";

/** An input of an op. */
export interface OpInput {
  readonly values: Tensor64;
  /** What the values came out of: their gradient is to be that before this activation. */
  readonly activation?: Activation;
  /** A gradient that another consumer has written already: the op has to add to it. */
  readonly prior?: Tensor64;
  /** True for an input to which the op gives no gradient. */
  readonly constant?: boolean;
  /** How it, and its gradient, are stored; f32 if not given. */
  readonly type?: ElementType;
}

export interface OpResult {
  readonly y: Float32Array;
  /** Of each input but the constant ones. */
  readonly gradients: Float32Array[];
}

/** Writes the input `name` as the gradient of y, as a consumer whose own slope is one would. */
export function seedGradient(rec: Recorder, y: Tensor, name: string): void {
  writeAddGradient(rec, y, rec.input(name, y.shape));
}

/** Float32 copy, for upload. */
export function float32(values: Tensor64): Float32Array {
  return Float32Array.from(values.data);
}

/**
 * Records `record` over the inputs as part of a training step, gives its output the gradient `dy` and runs it twice:
 * what the first run leaves in shared memory must not reach the second.
 */
export async function runOp(
  gpu: Gpu,
  inputs: readonly OpInput[],
  dy: Tensor64,
  record: (rec: Recorder, xs: Tensor[]) => Tensor,
): Promise<OpResult> {
  const rec = new Recorder({ training: true });
  const xs = inputs.map(({ values, activation = "none", type }, i) => {
    const x = rec.input(`x${i}`, values.shape, type);
    markActivated(x, activation);
    return x;
  });
  const y = record(rec, xs);
  rec.output("y", y);
  inputs.forEach(({ prior }, i) => {
    // The gradient of what was there before is that before the activation already.
    if (prior) seedPrior(rec, xs[i], `prior${i}`);
  });
  seedGradient(rec, y, "dy");
  rec.backward();
  const learnt = xs.flatMap((_, i) => inputs[i].constant ? [] : [i]);
  learnt.forEach((i) => rec.output(`dx${i}`, rec.gradientOf(xs[i]).gradient));
  using plan = await buildPlan(gpu, rec);
  plan.write("dy", float32(dy));
  inputs.forEach(({ values, prior }, i) => {
    plan.write(`x${i}`, float32(values));
    if (prior) plan.write(`prior${i}`, float32(prior));
  });
  plan.run();
  plan.run();
  const gradients: Float32Array[] = [];
  for (const i of learnt) gradients.push(await plan.read(`dx${i}`));
  return { y: await plan.read("y"), gradients };
}

function seedPrior(rec: Recorder, x: Tensor, name: string): void {
  const dy = rec.input(name, x.shape);
  const count = vec4sOf(x);
  rec.dispatch(addGrad, { dy, activated: dy, dx: rec.gradientOf(x).gradient }, {
    params: { count, accumulate: 0 },
    constants: { ACTIVATION: 0 },
    invocations: count,
  });
}

/** What the device has to find for an input, given the op's own gradient of it: dx·slope + prior. */
export function expectedGradient(
  { values, activation = "none", prior }: OpInput,
  dx: Tensor64,
): Float64Array {
  return dx.data.map((value, i) =>
    value * activationSlope(values.data[i], activation) + (prior?.data[i] ?? 0)
  );
}

/** The same values as an activation's output whose gradient somebody has written to: the hardest case for an op. */
export function sharedInput(values: Tensor64, activation: Activation, seed: number): OpInput {
  const activated = tensor64(
    values.shape,
    Float32Array.from(values.data, (value) => activate(value, activation)),
  );
  return { values: activated, activation, prior: normalTensor(values.shape, seed) };
}
