import { unetGraph } from "../../src/nn/graph.ts";
import { growModel } from "../../src/nn/grow_model.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { unet } from "../../src/reference/unet.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../assert.ts";
import { impulseTensor } from "../cases/inputs.ts";
import { unetParameters } from "../cases/unet.ts";

const cases: readonly [TopologyOptions, TopologyOptions, Partial<TopologyOptions>][] = [
  [{ base: 6, depth: 1, blocks: 2 }, { filled: true }, {}],
  [{ base: 5, depth: 0, blocks: 1, channels: 1 }, { filled: true }, {}],
  [{ base: 4, depth: 1, blocks: 1, down: "stride", scale: 2 }, { filled: true, base: 5 }, {
    widths: [5, 10],
  }],
  [{ base: 4, depth: 0, blocks: 1, unshuffle: 2 }, { filled: true, base: 5 }, { widths: [5] }],
  [{ base: 4, depth: 1, blocks: 2 }, { widths: [4, 13] }, {}],
  [{ base: 4, depth: 2, blocks: 1, down: "stride" }, { widths: [7, 9, 16] }, {}],
  [{ base: 4, depth: 1, blocks: 2 }, { blocks: 3 }, { encoderBlocks: [3, 3], decoderBlocks: [3] }],
  [
    { base: 3, depth: 2, blocks: 2, filled: true, corrects: "holes" },
    { widths: [5, 6, 13], encoderBlocks: [4, 2, 3], decoderBlocks: [3, 2] },
    {},
  ],
  [{ base: 4, depth: 1, blocks: 2, residualBlocks: false, residual: false }, { base: 6 }, {
    widths: [6, 12],
  }],
];

for (const [options, change, became] of cases) {
  Deno.test(`growModel() keeps what a network does: ${JSON.stringify([options, change])}`, () => {
    const topology = unetTopology(options);
    const model = { topology, parameters: unetParameters(topology, 440), info: modelInfo({ name: "grown" }) };
    const larger = growModel(model, change, 3);
    const { base: _, blocks: __, ...rest } = change;
    assertEquals(larger.topology, { ...topology, ...rest, ...became });
    for (const { name, shape } of unetGraph(larger.topology).parameters) {
      assertEquals(larger.parameters.get(name)!.length, sizeOf(shape), name);
    }
    const image = impulseTensor([2, 6 + topology.widths.length % 2 * 2, 8, topology.channels], 441);
    const [before, after] = [model, larger].map(({ topology, parameters }) => {
      const exact = new Map([...parameters].map(([name, values]) => [name, Float64Array.from(values)]));
      return unet(topology, exact, image).output.data;
    });
    assertAllClose(after, before, 1e-14);
    assertEquals(growModel(larger, change, 3), larger);
    assertEquals(growModel(model, change, 3), larger);
  });
}

Deno.test("growModel() starts new channels at random, by the seed", () => {
  const topology = unetTopology({ widths: [4, 6], blocks: 2 });
  const model = { topology, parameters: unetParameters(topology, 442), info: modelInfo({}) };
  const [one, two] = [1, 2].map((seed) =>
    growModel(model, { widths: [6, 6] }, seed).parameters.get("enc0.0.weight")!
  );
  // Of [3,3,3,6] the last two outputs are new.
  one.forEach((value, i) => {
    if (i % 6 < 4) assertEquals(value, two[i]);
    else assert(value !== 0 && value !== two[i]);
  });
});

Deno.test("growModel() refuses what would change what the network does", () => {
  const model = (options: TopologyOptions) => {
    const topology = unetTopology(options);
    return { topology, parameters: unetParameters(topology, 443), info: modelInfo({}) };
  };
  const plain = model({ widths: [4, 8], filled: true });
  for (
    const [from, change, complaint] of [
      [plain, { widths: [4, 7] }, /smaller: its widths are 4\/8, got 4\/7$/],
      [plain, { blocks: 1 }, /smaller: its encoderBlocks are 2\/2, got 1\/1$/],
      [plain, { depth: 2 }, /by scales: it has 2/],
      [plain, { widths: [4, 8, 16], encoderBlocks: [2, 2, 2], decoderBlocks: [2, 2] }, /by scales: it has 2/],
      [plain, { up: "bilinear" }, /^Cannot change up of a trained network: its weights are for up=nearest$/],
      [plain, { filled: false }, /change filled .* for filled=true$/],
      [model({ depth: 1, corrects: "holes" }), { filled: true }, /change filled .* for filled=false$/],
      [plain, { base: 0 }, /a width must be a whole number/],
      [model({ depth: 1, activation: "relu" }), { blocks: 3 }, /other than relu$/],
      [model({ depth: 1, residualBlocks: false }), { blocks: 3 }, /unless it has residualBlocks/],
    ] as [ReturnType<typeof model>, TopologyOptions, RegExp][]
  ) {
    assertThrows(() => growModel(from, change), { name: "RangeError", message: complaint });
  }
});
