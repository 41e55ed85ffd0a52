/** The work of `our_cases.ts`, in its order, by tfjs-backend-webgpu. */
import type { Tensor, Tensor1D, Tensor4D } from "../tests/tfjs/tensorflow.ts";
import type { Tfjs } from "../tests/tfjs/backend.ts";
import { conv2d } from "../tests/tfjs/ops.ts";
import { TfjsUNet } from "../tests/tfjs/unet.ts";
import {
  ADAM,
  type Cases,
  CONV,
  convData,
  STEPS_UNDER_WAY,
  unetData,
  unetModel,
  type Work,
} from "./our_cases.ts";
import type { Shape4 } from "./shapes.ts";
import { finish, type TfjsPeak, tfjsPeak } from "./tfjs_memory.ts";

export interface TfjsCase extends Work {
  /** Bytes that a repetition takes on the GPU at most, where that is asked for. */
  readonly peakBytes?: () => Promise<TfjsPeak>;
}

/** Forward, input gradient and weight gradient (without the bias's) of a 3×3 convolution. */
export function tfjsConvCases(tf: Tfjs, shape: Shape4, outChannels: number): Cases<TfjsCase> {
  const data = convData(shape, outChannels);
  const x = tf.tensor4d(data.x, shape);
  const w = tf.tensor4d(data.w, data.weightShape);
  const b = tf.tensor1d(data.b) as Tensor1D;
  const dy = tf.tensor4d(data.dy, data.outShape);
  const attributes = { strides: [1, 1], pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined };
  const kernel = (name: string, inputs: Record<string, Tensor4D>, more: Record<string, unknown>) =>
    tf.engine().runKernel(name, inputs, { ...attributes, ...more } as never) as Tensor4D;
  const works = [
    () => conv2d(tf, [x], w, b, CONV),
    () => kernel("Conv2DBackpropInput", { dy, filter: w }, { inputShape: shape }),
    () => kernel("Conv2DBackpropFilter", { x, dy }, { filterShape: data.weightShape }),
  ];
  return {
    cases: works.map((work) => ({
      run: repeated(tf, () => work().dispose()),
      values: () => valuesOf(work()),
    })),
    [Symbol.dispose]: () => tf.dispose([x, w, b, dy]),
  };
}

/** Forward pass of a U-Net, and unless `steps` is false its training step. */
export function tfjsUnetCases(
  tf: Tfjs,
  widths: readonly number[],
  shape: Shape4,
  steps = true,
): Cases<TfjsCase> {
  const { topology, parameters } = unetModel(widths);
  const net = new TfjsUNet(tf, topology, parameters);
  const x = tf.tensor4d(unetData(shape).input, shape);
  const step = steps ? tfjsStep(tf, widths, shape) : undefined;
  const forward: TfjsCase = {
    run: repeated(tf, () => net.forward(x).dispose()),
    values: () => valuesOf(net.forward(x)),
  };
  return {
    cases: [forward, ...step?.cases ?? []],
    [Symbol.dispose]: () => {
      net.dispose();
      x.dispose();
      step?.[Symbol.dispose]();
    },
  };
}

function tfjsStep(tf: Tfjs, widths: readonly number[], shape: Shape4): Cases<TfjsCase> {
  const training = trainingOf(tf, widths, shape);
  const measured: TfjsCase = {
    most: STEPS_UNDER_WAY,
    run: repeated(tf, () => training.step().dispose()),
    values: () => valuesOf(training.step()),
    peakBytes: () =>
      tfjsPeak(tf, async () => {
        const measured = trainingOf(tf, widths, shape);
        // The first step makes the moments.
        for (let step = 0; step < 2; step++) await valuesOf(measured.step());
        measured.dispose();
      }),
  };
  return { cases: [measured], [Symbol.dispose]: () => training.dispose() };
}

/** A training from fresh weights, and all that it holds. */
function trainingOf(tf: Tfjs, widths: readonly number[], shape: Shape4) {
  const { topology, parameters } = unetModel(widths);
  const data = unetData(shape);
  const [x, target] = [tf.tensor4d(data.input, shape), tf.tensor4d(data.target, shape)];
  const net = new TfjsUNet(tf, topology, parameters);
  const optimiser = net.adam(ADAM);
  return {
    step: () => net.step(optimiser, x, target, "mse"),
    dispose: () => {
      net.dispose();
      optimiser.dispose();
      tf.dispose([x, target]);
    },
  };
}

function repeated(tf: Tfjs, work: () => void) {
  return async (repeat: number): Promise<void> => {
    for (let i = 0; i < repeat; i++) work();
    await finish(tf);
  };
}

async function valuesOf(result: Tensor): Promise<ArrayLike<number>> {
  const values = await result.data();
  result.dispose();
  return values;
}
