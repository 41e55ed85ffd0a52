import { assertAllClose, assertThrows } from "../assert.ts";
import { add } from "../../src/reference/add.ts";
import { chromaLoss, colourLoss, loss, psnrLoss } from "../../src/reference/loss.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { elementwiseCases, lossKinds } from "../cases/elementwise.ts";
import { normalTensor } from "../cases/inputs.ts";
import { assertGradient } from "./finite_difference.ts";

const shape = [1, 1, 2, 2] as const;

Deno.test("loss() is the mean over every element, worked out by hand", () => {
  const prediction = tensor64(shape, [1, 2, 3, 4]);
  const target = tensor64(shape, [1, 4, 2, 4.5]);
  const value = (kind: typeof lossKinds[number]) => loss(kind, prediction, target).value;
  assertAllClose([value("mse")], [(0 + 4 + 1 + 0.25) / 4], 1e-15);
  assertAllClose([value("l1")], [(0 + 2 + 1 + 0.5) / 4], 1e-15);
  const root = (d: number) => Math.hypot(d, 1e-3);
  assertAllClose([value("charbonnier")], [(root(0) + root(2) + root(1) + root(0.5)) / 4], 1e-15);
});

Deno.test("colourLoss() squares the mean error of each image and channel, worked out by hand", () => {
  // Two images of two pixels and two channels.
  const prediction = tensor64([2, 1, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0]);
  const target = tensor64([2, 1, 2, 2], [1, 4, 2, 4.5, 1, -5, -1, -7]);
  const { value, gradient } = colourLoss(prediction, target);
  const means = [(0 + 1) / 2, (-2 - 0.5) / 2, (-1 + 1) / 2, (5 + 7) / 2];
  assertAllClose([value], [means.reduce((sum, mean) => sum + mean ** 2, 0) / 4], 1e-15);
  const [a, b, c, d] = means.map((mean) => 2 * mean / 8);
  assertAllClose(gradient.data, [a, b, a, b, c, d, c, d], 1e-15);
});

Deno.test("chromaLoss() squares what each error has beside its mean over the channels, worked out by hand", () => {
  // A grey error, and one of red and blue, whose mean over the channels is 1.
  const prediction = tensor64([1, 1, 2, 3], [1, 2, 3, 4, 0, 1]);
  const target = tensor64([1, 1, 2, 3], [0.5, 1.5, 2.5, 0, 0, 2]);
  const { value, gradient } = chromaLoss(prediction, target);
  assertAllClose([value], [(3 ** 2 + 1 + 2 ** 2) / 6], 1e-15);
  assertAllClose(gradient.data, [0, 0, 0, 3 / 3, -1 / 3, -2 / 3], 1e-15);
  const below = (mse: number) => 10 * Math.log10(1 + mse * 1e4) / 1000;
  const mse = (3 * 0.25 + 16 + 1) / 6;
  const { value: psnr } = psnrLoss(prediction, target, { chromaWeight: 3 });
  assertAllClose([psnr], [below(mse + 3 * value)], 1e-15);
});

Deno.test("psnrLoss() counts each image's decibels below 40, in thousandths, worked out by hand", () => {
  // 10 dB, 60 dB, and 20 dB of pure tint, which a weight of 99 makes 0 dB.
  const prediction = tensor64([3, 1, 2, 1], [10 ** -0.5, -(10 ** -0.5), 1e-3, 1e-3, 0.1, 0.1]);
  const target = tensor64([3, 1, 2, 1], new Array(6).fill(0));
  const below = (mse: number) => 10 * Math.log10(1 + mse * 1e4) / 1000;
  const value = (weight: number) => psnrLoss(prediction, target, { colourWeight: weight }).value;
  assertAllClose([value(0)], [(below(0.1) + below(1e-6) + below(0.01)) / 3], 1e-15);
  assertAllClose([value(99)], [(below(0.1) + below(1e-4) + below(1)) / 3], 1e-15);
  assertAllClose([below(0.1)], [0.03], 1e-3);
});

Deno.test("loss() l1 has no gradient where both sides are equal", () => {
  const { gradient } = loss("l1", tensor64(shape, [1, 2, 3, 4]), tensor64(shape, [1, 4, 2, 4]));
  assertAllClose(gradient.data, [0, -0.25, 0.25, 0], 0);
});

Deno.test("loss() and add() refuse different shapes", () => {
  const other = tensor64([1, 2, 2, 1]);
  assertThrows(() => loss("mse", tensor64(shape), other), /1×1×2×2 with 1×2×2×1/);
  assertThrows(() => colourLoss(tensor64(shape), other), /1×1×2×2 with 1×2×2×1/);
  assertThrows(() => chromaLoss(tensor64(shape), other), /1×1×2×2 with 1×2×2×1/);
  assertThrows(() => add(tensor64(shape), other), /1×1×2×2 and 1×2×2×1/);
});

for (const kind of lossKinds) {
  for (const size of elementwiseCases) {
    Deno.test(`loss() ${kind} has the gradient of finite differences at ${formatShape(size)}`, () => {
      const prediction = normalTensor(size, 1);
      const target = normalTensor(size, 2);
      const { gradient } = loss(kind, prediction, target);
      const f = () => loss(kind, prediction, target).value;
      assertGradient("dprediction", prediction.data, gradient.data, f, 20);
    });
  }
}

for (const size of elementwiseCases) {
  for (const [name, term] of Object.entries({ colourLoss, chromaLoss })) {
    Deno.test(`${name}() has the gradient of finite differences at ${formatShape(size)}`, () => {
      const prediction = normalTensor(size, 1);
      const target = normalTensor(size, 2);
      const { gradient } = term(prediction, target);
      const value = () => term(prediction, target).value;
      assertGradient("dprediction", prediction.data, gradient.data, value, 20);
      const weight = { [name === "colourLoss" ? "colourWeight" : "chromaWeight"]: 7.5 };
      const psnr = () => psnrLoss(prediction, target, weight);
      assertGradient("psnr", prediction.data, psnr().gradient.data, () => psnr().value, 20);
    });
  }
}
