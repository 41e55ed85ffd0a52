import { UserError } from "../../src/base/errors.ts";
import { encodeModel, type Model, modelInfo } from "../../src/nn/model_file.ts";
import { fromPytorch, toPytorch } from "../../src/nn/pytorch.ts";
import { decodeTensors, encodeTensors } from "../../src/nn/safetensors.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { unet } from "../../src/reference/unet.ts";
import { assert, assertAllClose, assertEquals, assertMatch, assertThrows } from "../assert.ts";
import { pictureValues, unetParameters } from "../cases/unet.ts";
import { pytorchForward } from "./pytorch_forward.ts";

function makeModel(options: TopologyOptions): Model {
  const topology = unetTopology(options);
  const info = modelInfo({
    name: "tiny",
    recipe: "blur:1",
    seed: 4,
    steps: 9,
    metrics: { psnr: 31.5, best: Infinity },
  });
  return { topology, parameters: unetParameters(topology, 410), info };
}

const cases: TopologyOptions[] = [
  { base: 4, depth: 2, blocks: 2 },
  { base: 3, depth: 1, blocks: 1, down: "stride", up: "bilinear", activation: "relu", residual: false },
  { widths: [3, 5, 4], encoderBlocks: [1, 2, 3], decoderBlocks: [2, 1], residualBlocks: false, channels: 1 },
  { base: 4, depth: 1, blocks: 1, scale: 2 },
  { base: 4, depth: 1, blocks: 2, corrects: "extremes" },
  { base: 4, depth: 1, blocks: 1, corrects: "holes", filled: true },
  { base: 4, depth: 1, blocks: 1, filled: true },
  { base: 4, depth: 1, blocks: 1, unshuffle: 2, filled: true },
];

for (const options of cases) {
  const model = makeModel(options);
  const { topology } = model;
  const kind = `${
    topology.widths.join("-")
  } ${topology.down} ${topology.up} ${topology.activation} ×${topology.scale}, corrects ${topology.corrects}${
    topology.filled ? ", filled" : ""
  }, unshuffle ${topology.unshuffle}`;

  Deno.test(`fromPytorch() gives back the very model of toPytorch(): ${kind}`, () => {
    const back = fromPytorch(toPytorch(model), "there and back");
    assertEquals(back, model);
    assertEquals(encodeModel(back), encodeModel(model));
  });

  Deno.test(`toPytorch() has the weights as PyTorch's modules read them: ${kind}`, () => {
    const { tensors, metadata } = decodeTensors(toPytorch(model), "exported");
    assertEquals(metadata.format, "pt");
    const [height, width, channels] = [8, 12, topology.channels];
    const image = Float64Array.from(pictureValues(topology, height * width * channels, 411));
    const planes = Float64Array.from(image, (_, i) => {
      const pixel = i % (height * width);
      return image[pixel * channels + Math.floor(i / (height * width))];
    });
    const ours = new Map([...model.parameters].map(([name, values]) => [name, Float64Array.from(values)]));
    const expected = unet(topology, ours, tensor64([1, height, width, channels], image)).output.data;
    const actual = pytorchForward(topology, tensors, { data: planes, channels, height, width });
    const area = height * width * topology.scale ** 2;
    const pixels = Float64Array.from(
      expected,
      (_, i) => actual.data[(i % channels) * area + Math.floor(i / channels)],
    );
    assertAllClose(pixels, expected, 1e-12);
  });
}

Deno.test("fromPytorch() reads a file without metadata where it is told the topology", () => {
  const model = makeModel(cases[0]);
  const { tensors } = decodeTensors(toPytorch(model), "exported");
  const bare = encodeTensors({ tensors, metadata: {} });
  assertEquals(fromPytorch(bare, "bare", model.topology).parameters, model.parameters);
  const refused = (act: () => unknown, pattern: RegExp) =>
    assertThrows(act, (error: unknown) => {
      assert(error instanceof UserError && !error.message.includes("\n"), String(error));
      assertMatch(error.message, pattern);
      return true;
    });
  refused(() => fromPytorch(bare, "bare"), /does not say which U-Net it is; give --model-config/);
  refused(
    () => fromPytorch(bare, "bare", unetTopology({ base: 5, depth: 2 })),
    /has shape 3×3×3×4, but .* 3×3×3×5/,
  );
  refused(() => fromPytorch(encodeModel(model), "ours"), /is a model of Clairnet already/);
});

Deno.test("toPytorch() refuses weights that are not finite, and parameters that are not the topology's", () => {
  const spoilt = makeModel(cases[0]);
  spoilt.parameters.get("out.bias")![1] = NaN;
  assertThrows(() => toPytorch(spoilt), /UserError.*"out\.bias" holds NaN at 1/);
  const short = makeModel(cases[0]);
  short.parameters.set("out.weight", new Float32Array(5));
  assertThrows(() => toPytorch(short), /RangeError.*"out\.weight" is 3×3×4×3, got 5 values/);
  short.parameters.delete("out.weight");
  assertThrows(() => toPytorch(short), /RangeError.*"out\.weight" is missing/);
});
