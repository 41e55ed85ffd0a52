import { assert, assertEquals } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { unet, unetParameters } from "../../src/nn/unet.ts";
import { tuningTasks } from "../../src/tune/conv_layers.ts";
import { testGpu } from "../gpu/shared.ts";

/** A table of choices that notes what it is asked for. */
class Asked extends Map<string, string> {
  readonly keys_ = new Set<string>();
  override get(key: string): string | undefined {
    this.keys_.add(key);
    return super.get(key);
  }
}

const TOPOLOGIES: readonly TopologyOptions[] = [
  { base: 4, depth: 2, blocks: 2, down: "max-pool", up: "nearest" },
  { base: 4, depth: 1, blocks: 1, down: "stride", up: "bilinear", residualBlocks: true },
  { base: 4, depth: 1, blocks: 2, scale: 2 },
];

for (
  const [what, training, half] of [["in a training step", true, false], ["forward", false, false], [
    "forward in f16",
    false,
    true,
  ]] as const
) {
  Deno.test(`tuningTasks() are what a network asks for ${what}, each once`, async () => {
    const gpu = await testGpu();
    for (const options of TOPOLOGIES) {
      const topology = unetTopology(options);
      using parameters = unetParameters(gpu, topology, half ? "f16" : "f32");
      const asked = new Asked([["an entry, so that the table is looked at", "naive"]]);
      gpu.choices = asked;
      try {
        const rec = new Recorder({ training });
        const y = unet(rec, rec.input("x", [2, 16, 24, 3]), topology, parameters);
        if (training) {
          rec.gradientInput("dy", y);
          rec.backward();
        }
      } finally {
        gpu.choices = new Map();
      }
      const tasks = tuningTasks(topology, { batch: 2, height: 16, width: 24, training, half });
      assertEquals(tasks.map(({ key }) => key).sort(), [...asked.keys_].sort());
      assert(tasks.every(({ macs }, i) => i === 0 || macs <= tasks[i - 1].macs));
    }
  });
}
