import { assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { conv2d, conv2dGradients, type Conv2dOptions } from "../../src/reference/conv2d.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { conv2dCases, conv2dInputs, conv2dName } from "../cases/conv2d.ts";
import { assertGradient, dot } from "./finite_difference.ts";

const plain: Conv2dOptions = { kernel: 3, stride: 1, activation: "none" };

Deno.test("conv2d() pads by one zero all round and centres the kernel", () => {
  const x = tensor64([1, 2, 3, 1], [1, 2, 3, 4, 5, 6]);
  const weight = Float64Array.from([1, 10, 100, 1000, 10000, 100000, 0.1, 0.01, 0.001]);
  const y = conv2d([x], weight, Float64Array.of(7), plain);
  // Worked out by hand: row 0 has the middle and the lower taps, row 1 the upper and the middle ones.
  assertAllClose(y.data, [
    7 + 210000 + 0.04 + 0.005,
    7 + 321000 + 0.4 + 0.05 + 0.006,
    7 + 32000 + 0.5 + 0.06,
    7 + 10 + 200 + 540000,
    7 + 1 + 20 + 300 + 654000,
    7 + 2 + 30 + 65000,
  ], 1e-15);
});

Deno.test("conv2d() with stride 2 is every second output of stride 1, on odd and even sizes", () => {
  for (const [height, width] of [[5, 7], [6, 4], [1, 2]]) {
    const { inputs, weight, bias } = conv2dInputs({
      ...conv2dCases[3],
      height,
      width,
      inChannels: [2],
      outChannels: 3,
    });
    const parameters = [Float64Array.from(weight), Float64Array.from(bias)] as const;
    const full = conv2d(inputs, ...parameters, plain);
    const half = conv2d(inputs, ...parameters, { ...plain, stride: 2 });
    assertEquals(half.shape, [1, Math.ceil(height / 2), Math.ceil(width / 2), 3]);
    for (let oy = 0; oy < half.shape[1]; oy++) {
      for (let ox = 0; ox < half.shape[2]; ox++) {
        for (let co = 0; co < 3; co++) {
          assertEquals(
            half.data[(oy * half.shape[2] + ox) * 3 + co],
            full.data[(oy * 2 * width + ox * 2) * 3 + co],
          );
        }
      }
    }
  }
});

Deno.test("conv2d() of several inputs is that of the inputs joined along the channels", () => {
  // A 1×1 kernel that copies channel i to channel i shows the order.
  const a = tensor64([1, 1, 2, 2], [1, 2, 10, 20]);
  const b = tensor64([1, 1, 2, 1], [3, 30]);
  const identity = Float64Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const y = conv2d([a, b], identity, new Float64Array(3), { ...plain, kernel: 1 });
  assertEquals([...y.data], [1, 2, 3, 10, 20, 30]);
});

Deno.test("conv2d() refuses inputs of different sizes", () => {
  const inputs = [tensor64([1, 2, 2, 1]), tensor64([1, 2, 3, 1])];
  assertThrows(() => conv2d(inputs, new Float64Array(18), new Float64Array(1), plain), /1×2×2×1 and 1×2×3×1/);
});

Deno.test("conv2d() applies relu and leaky-relu with slope 0.1", () => {
  const x = tensor64([1, 1, 3, 1], [-2, 0, 3]);
  const act = (
    activation: Conv2dOptions["activation"],
  ) => [...conv2d([x], Float64Array.of(1), Float64Array.of(0), { kernel: 1, stride: 1, activation }).data];
  assertEquals(act("none"), [-2, 0, 3]);
  assertEquals(act("relu"), [0, 0, 3]);
  assertEquals(act("leaky-relu"), [-0.2, 0, 3]);
});

// Upsampling on the way is the sum of two ops whose gradients are checked one by one.
for (const item of conv2dCases.filter(({ upsampled }) => !upsampled)) {
  Deno.test(`conv2dGradients() agrees with finite differences at ${conv2dName(item)}`, () => {
    const { inputs, dy, ...parameters } = conv2dInputs(item);
    const weight = Float64Array.from(parameters.weight);
    const bias = Float64Array.from(parameters.bias);
    const y = conv2d(inputs, weight, bias, item);
    const gradients = conv2dGradients(inputs, weight, y, dy, item);
    const f = () => dot(conv2d(inputs, weight, bias, item).data, dy.data);
    // Few samples: a large case costs a whole convolution for each.
    inputs.forEach((input, i) => assertGradient(`dx${i}`, input.data, gradients.inputs[i].data, f, 6));
    assertGradient("dweight", weight, gradients.weight, f, 6);
    assertGradient("dbias", bias, gradients.bias, f, 6);
  });
}
