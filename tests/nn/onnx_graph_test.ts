// The reference implementation, to read what we write; not in deno.json, so that users do not fetch it.
// deno-lint-ignore no-import-prefix
import onnxProto from "npm:onnx-proto@8.0.1";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { unetGraph } from "../../src/nn/graph.ts";
import { onnxModel } from "../../src/nn/onnx_graph.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { unet } from "../../src/reference/unet.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { pictureValues, unetParameters } from "../cases/unet.ts";

interface Case extends TopologyOptions {
  readonly height: number;
  readonly size: number;
}

const cases: Case[] = [
  { base: 4, depth: 2, blocks: 1, height: 8, size: 12 },
  {
    base: 3,
    depth: 3,
    blocks: 2,
    down: "stride",
    up: "bilinear",
    activation: "leaky-relu",
    height: 16,
    size: 8,
  },
  { base: 4, depth: 1, down: "stride", up: "nearest", residual: false, channels: 1, height: 6, size: 2 },
  { base: 4, depth: 2, up: "bilinear", activation: "none", height: 4, size: 4 },
  { base: 5, depth: 0, blocks: 2, height: 1, size: 1 },
  {
    widths: [3, 5, 4],
    encoderBlocks: [1, 2, 3],
    decoderBlocks: [2, 1],
    down: "stride",
    height: 12,
    size: 20,
  },
  { base: 4, depth: 1, blocks: 1, scale: 2, height: 6, size: 10 },
  { base: 4, depth: 1, corrects: "extremes", height: 6, size: 10 },
  { base: 4, depth: 1, corrects: "holes", filled: true, height: 10, size: 12 },
  { base: 4, depth: 1, scale: 2, filled: true, height: 8, size: 10 },
  { base: 5, depth: 0, blocks: 1, corrects: "holes", filled: true, channels: 1, height: 5, size: 7 },
  { base: 4, depth: 1, blocks: 1, unshuffle: 2, height: 8, size: 12 },
  { base: 4, depth: 0, blocks: 2, unshuffle: 4, corrects: "holes", filled: true, height: 8, size: 4 },
  { base: 3, depth: 0, blocks: 1, scale: 4, residual: false, channels: 2, height: 3, size: 5 },
];

for (const { height, size, ...options } of cases) {
  const topology = unetTopology(options);
  const { channels, corrects, filled, scale } = topology;
  const kind = `${
    topology.widths.join("-")
  } ${topology.down} ${topology.up} ${topology.activation} ×${scale}, corrects ${corrects}${
    filled ? ", filled" : ""
  }, unshuffle ${topology.unshuffle}`;
  Deno.test(`onnxModel() gives the float64 reference's output: ${kind} at ${height}×${size}×${channels}`, async () => {
    const parameters = unetParameters(topology, 71);
    const image = pictureValues(topology, height * size * channels, 70);
    const parameters64 = new Map([...parameters].map(([name, values]) => [name, Float64Array.from(values)]));
    const expected = unet(topology, parameters64, tensor64([1, height, size, channels], image)).output.data;

    const nhwc = await InferenceSession.create(onnxModel(topology, parameters, { layout: "nhwc" }));
    const byPixel = await nhwc.run({ image: new Tensor("float32", image, [1, height, size, channels]) });
    assertEquals(byPixel.restored.dims, [1, scale * height, scale * size, channels]);
    assertAllClose(byPixel.restored.data as Float32Array, expected, 2e-6, "NHWC output");

    const planes = (values: ArrayLike<number>) => {
      const pixels = values.length / channels;
      return Float32Array.from(
        { length: values.length },
        (_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)],
      );
    };
    const nchw = await InferenceSession.create(onnxModel(topology, parameters));
    const byPlane = await nchw.run({
      image: new Tensor("float32", planes(image), [1, channels, height, size]),
    });
    assertEquals(byPlane.restored.dims, [1, channels, scale * height, scale * size]);
    assertAllClose(byPlane.restored.data as Float32Array, planes(expected), 2e-6, "NCHW output");
    await nhwc.release();
    await nchw.release();
  });
}

Deno.test("onnxModel() writes a model that decodes, with every parameter and free sizes", () => {
  const topology = unetTopology({ base: 4, depth: 2 });
  const model = onnxProto.onnx.ModelProto.decode(onnxModel(topology, unetParameters(topology, 72)));
  const names = model.graph!.initializer!.map((tensor) => tensor.name);
  for (const { name } of unetGraph(topology).parameters) assert(names.includes(name), name);
  const extents = model.graph!.input![0].type!.tensorType!.shape!.dim!;
  assertEquals(extents.map((dim) => dim.dimParam || Number(dim.dimValue)), [1, 3, "height", "width"]);
});

Deno.test("onnxModel() refuses a missing parameter and one of a wrong length, by name", () => {
  const topology = unetTopology({ base: 4, depth: 1 });
  const missing = unetParameters(topology, 73);
  missing.delete("dec0.0.bias");
  assertThrows(
    () => onnxModel(topology, missing),
    /RangeError: .*"dec0\.0\.bias" must be 4, but there is none/,
  );
  const short = unetParameters(topology, 74).set("out.weight", new Float32Array(5));
  assertThrows(() => onnxModel(topology, short), /"out\.weight" must be 3×3×4×3, got 5 values/);
});
