import { assertAllClose, assertEquals } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { conv2d, CONV_VARIANTS } from "../../src/ops/conv2d.ts";
import { type ConvRole, settledVariant } from "../../src/ops/conv2d_variant.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { conv2d as exactConv2d, conv2dGradients } from "../../src/reference/conv2d.ts";
import { type Conv2dCase, conv2dInputs } from "../cases/conv2d.ts";
import { normalTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { amplificationOf, sumTolerance } from "../tolerance.ts";
import { expectedGradient, type OpInput, runOp, sharedInput } from "./harness.ts";

const SHAPE = [2, 9, 10, 12] as const;
/** Of one shape on both sides, as in a residual block; no tile divides it. */
const caseOf = (activation: Conv2dCase["activation"]): Conv2dCase => ({
  ...{ batch: 2, height: 9, width: 10, inChannels: [12], outChannels: 12 },
  ...{ kernel: 3, stride: 1, activation },
});
const SPECS = [
  { name: "conv.weight", shape: [3, 3, 12, 12], sources: [12] },
  { name: "conv.bias", shape: [12] },
];
const VARIANTS = CONV_VARIANTS.filter((variant) => !variant.endsWith("_f16"));

/** r and the convolution's source: tensors of their own, and one that is both. */
for (const own of [true, false]) {
  for (const activation of ["relu", "leaky-relu", "none"] as const) {
    const item = caseOf(activation);
    const { inputs: [values], weight, bias } = conv2dInputs(item);
    // Both came out of an activation, and somebody else has written their gradients.
    const x = sharedInput(values, "leaky-relu", 31);
    const r: OpInput = own ? sharedInput(normalTensor(SHAPE, 32), "relu", 33) : x;
    const ds = normalTensor(SHAPE, 34);
    const w = Float64Array.from(weight);
    const y = exactConv2d([x.values], w, Float64Array.from(bias), item);
    const exact = conv2dGradients([x.values], w, y, ds, item);
    const [dx] = exact.inputs;
    const expected = own
      ? [expectedGradient(x, dx), expectedGradient(r, ds)]
      : [expectedGradient(x, tensor64(SHAPE, Float32Array.from(dx.data, (value, i) => value + ds.data[i])))];

    for (const variant of VARIANTS) {
      const name = own ? "a tensor of its own" : "the convolution's source";
      Deno.test(`conv2d() ${variant} sends gradients to its residual, ${name}, through ${activation}`, async () => {
        const gpu = await testGpu();
        using parameters = new ParameterSet(gpu, SPECS);
        parameters.upload(new Map([["conv.weight", weight], ["conv.bias", bias]]));
        const amplification = (role: ConvRole) =>
          amplificationOf(settledVariant(variant, gpu.adapter, { ...item, in4: 3, out4: 3 }, role), role);
        const found = await runOp(
          gpu,
          own ? [x, r] : [x],
          ds,
          (rec, [source, residual = source]) =>
            conv2d(rec, [source], parameters, { name: "conv", ...item }, {
              variant,
              residual: { tensor: residual, name: "sum" },
            }),
        );
        const tolerance = amplification("forward") * sumTolerance(9 * 12);
        assertAllClose(found.y, y.data.map((value, i) => value + r.values.data[i]), tolerance, "s");
        expected.forEach((gradient, i) =>
          assertAllClose(found.gradients[i], gradient, tolerance, own && i ? "dr" : "dx")
        );
        const gradients = await parameters.download("gradients");
        const pixels = sumTolerance(2 * 9 * 10);
        assertAllClose(
          gradients.get("conv.weight")!,
          exact.weight,
          amplification("weight-gradient") * pixels,
          "dweight",
        );
        assertAllClose(gradients.get("conv.bias")!, exact.bias, pixels, "dbias");
      });
    }
  }
}

Deno.test("conv2d() adds a residual without a gradient in its kernel where y's sign is not needed", async () => {
  using parameters = new ParameterSet(await testGpu(), SPECS);
  const kernels = (activation: Conv2dCase["activation"]) => {
    const rec = new Recorder({ training: true });
    const [x, image] = [rec.input("x", SHAPE), rec.input("image", SHAPE)];
    const s = conv2d(rec, [x], parameters, { name: "conv", ...caseOf(activation) }, {
      ...{ variant: "tile8", residual: { tensor: image, name: "sum" } },
      withoutGradient: new Set([image]),
    });
    rec.gradientInput("ds", s);
    rec.backward();
    return rec.dispatches.map(({ kernel }) => kernel.name).filter((name) => /add|residual/.test(name));
  };
  assertEquals(kernels("none"), []);
  assertEquals(kernels("relu"), ["add", "add_grad"]);
});
