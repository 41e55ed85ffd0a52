import { modelInfo } from "../../src/nn/model_file.ts";
import { seeFilled } from "../../src/nn/see_filled.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import { unet } from "../../src/reference/unet.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { assertAllClose, assertEquals } from "../assert.ts";
import { impulseTensor } from "../cases/inputs.ts";
import { unetParameters } from "../cases/unet.ts";

for (
  const options of [
    { base: 6, depth: 1, blocks: 2 },
    { base: 5, depth: 0, blocks: 1, channels: 1 },
    { base: 4, depth: 1, blocks: 1, down: "stride", scale: 2 },
    { base: 4, depth: 0, blocks: 1, unshuffle: 2 },
  ] as const
) {
  Deno.test(`seeFilled() keeps what a network does: ${JSON.stringify(options)}`, () => {
    const topology = unetTopology(options);
    const model = { topology, parameters: unetParameters(topology, 440), info: modelInfo({ name: "seen" }) };
    const wider = seeFilled(model);
    assertEquals(wider.topology, { ...topology, filled: true });
    for (const { name, shape } of unetGraph(wider.topology).parameters) {
      assertEquals(wider.parameters.get(name)!.length, sizeOf(shape), name);
    }
    const image = impulseTensor([2, 6, 8, topology.channels], 441);
    const [before, after] = [model, wider].map(({ topology, parameters }) => {
      const exact = new Map([...parameters].map(([name, values]) => [name, Float64Array.from(values)]));
      return unet(topology, exact, image).output.data;
    });
    assertAllClose(after, before, 1e-14);
    assertEquals(seeFilled(wider), wider);
  });
}
