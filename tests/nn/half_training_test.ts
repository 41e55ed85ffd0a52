/** Training steps whose values and gradients between the layers are f16, held against float64. */
import { assert, assertAllClose } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { CONV_VARIANTS } from "../../src/ops/conv2d.ts";
import { gradientScaleOf } from "../../src/ops/gradient_scale.ts";
import { loss } from "../../src/reference/loss.ts";
import { unet } from "../../src/reference/unet.ts";
import { lossKinds } from "../cases/elementwise.ts";
import { type UNetCase, unetCases, unetPair, unetParameters } from "../cases/unet.ts";
import { halfGpu } from "../gpu/half.ts";
import { testGpu } from "../gpu/shared.ts";
import { FLOAT16_ROUNDOFF } from "../tolerance.ts";
import { trainer } from "./unet_run.ts";

const ignore = !await halfGpu();

/** Roundings of some dozen tensors one after the other, relative to the largest value. */
const FORWARD_TOLERANCE = 4 * FLOAT16_ROUNDOFF;
/**
 * Relative to the gradient's norm. A value whose sign rounding changes has another slope: of n values about n · 2⁻¹⁰ do, which changes the gradient by the root of
 * that share, 3 %.
 */
const GRADIENT_TOLERANCE = Math.sqrt(2 * FLOAT16_ROUNDOFF);

/** ‖a − b‖ / ‖b‖. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

async function assertGradients(
  item: UNetCase,
  options: Parameters<typeof trainer>[2] & object,
): Promise<void> {
  const { topology } = item;
  const { image, target } = unetPair(item);
  const parameters = new Map(
    [...unetParameters(topology)].map(([key, values]) => [key, Float64Array.from(values)]),
  );
  const { kind = "mse" } = options;
  const exact = unet(topology, parameters, image);
  const expected = loss(kind, exact.output, target);
  const gradients = exact.backward(expected.gradient).parameters;
  using training = await trainer(await testGpu(), item, { ...options, learningRate: 0, values: "f16" });
  const value = await training.step(image, target);
  const restored = await training.plan.read("restored");
  assertAllClose(restored, exact.output.data, FORWARD_TOLERANCE, "restored");
  assertAllClose([value], [expected.value], 2 * FORWARD_TOLERANCE, "loss");
  for (const [parameter, gradient] of await training.parameters.download("gradients")) {
    const off = distance(gradient, gradients.get(parameter)!);
    assert(off < GRADIENT_TOLERANCE, `${kind} d(${parameter}) is ${off} off`);
  }
}

for (const item of unetCases) {
  for (const kind of lossKinds) {
    Deno.test({
      name: `unet() over f16 gives every parameter the gradient of float64: ${item.name}, ${kind}`,
      ignore,
      fn: () => assertGradients(item, { kind }),
    });
  }
}

const withBlocks = (blocks: number): UNetCase => ({
  name: "max-pool, nearest, residual blocks",
  topology: unetTopology({ base: 6, depth: 1, blocks, activation: "relu", residualBlocks: true }),
  shape: [2, 12, 20, 3],
});
const forced = withBlocks(2);
for (const variant of CONV_VARIANTS.filter((variant) => variant !== "auto" && !variant.endsWith("_f16"))) {
  Deno.test({
    name: `unet() ${variant} over f16 gives every parameter the gradient of float64: ${forced.name}`,
    ignore,
    fn: () => assertGradients(forced, { variant }),
  });
}

Deno.test({
  name: "unet() over f16 keeps gradients finite that no half can hold",
  ignore,
  async fn() {
    // With these weights it is some forty too bright: its gradients, times their scale, go beyond 65,504.
    const item = withBlocks(3);
    const { image, target } = unetPair(item);
    using training = await trainer(await testGpu(), item, { learningRate: 0, values: "f16" });
    assert(await training.step(image, target) > 1000);
    for (const [parameter, gradient] of await training.parameters.download("gradients")) {
      assert(gradient.every(Number.isFinite), `d(${parameter}) is not finite`);
      assert(gradient.some((value) => value !== 0), `d(${parameter}) is zero`);
    }
  },
});

Deno.test("gradientScaleOf() brings the gradient of small errors into the range of normal halves", () => {
  for (const [batch, size] of [[1, 16], [4, 64], [32, 256]]) {
    const y = new Recorder({ training: true }).tensor([batch, size, size, 3], "y");
    const scale = gradientScaleOf(y);
    assert(Number.isInteger(Math.log2(scale)), `${scale} is no power of two`);
    const gradientOf = (error: number) => 2 * error * scale / (batch * size ** 2 * 3);
    assert(gradientOf(1e-5) > 2 ** -14, "the error of a very good network drowns");
    assert(gradientOf(1) < 100, "the error of a very bad one comes near to the largest half");
  }
});
