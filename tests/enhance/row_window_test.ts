import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { TileTooLargeError } from "../../src/enhance/network.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { randomPhoto } from "../image/photos.ts";
import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { heInitialise } from "../../src/nn/initialise.ts";

const topology = unetTopology({ base: 4, depth: 1, blocks: 1, activation: "relu" });
const open = async () => await CpuNetwork.create(topology, heInitialise(topology, 340), { threads: 1 });

Deno.test("enhancePhoto() in place gives the same samples as beside the photo, for every size of tile", async () => {
  using network = await open();
  for (
    const [width, height, tile, extra] of [
      [70, 190, 40, {}],
      [60, 150, 28, { bits: 16 }],
      [33, 120, 64, { alpha: true }],
      [120, 41, Infinity, {}],
      [1, 90, 32, {}],
      [90, 1, 32, { grey: true }],
    ] as const
  ) {
    for (const strength of [1, 0.4]) {
      const photo = () => randomPhoto({ seed: 341, width, height, ...extra });
      const beside = await enhancePhoto(photo(), network, { tile, strength });
      const own = photo();
      let tiles = 0;
      const options = { tile, strength, inPlace: true, onProgress: (_: number, all: number) => tiles = all };
      const inPlace = await enhancePhoto(own, network, options);
      assertEquals(inPlace.rgb === own.rgb, true);
      assertEquals(inPlace, beside, `${width}×${height} in ${tiles} tiles of ${tile}`);
    }
  }
});

Deno.test("enhancePhoto() in place does not go on with smaller tiles once it has overwritten the photo", async () => {
  using network = await open();
  for (const [failing, recovers] of [[1, true], [6, false]] as const) {
    let calls = 0;
    const scarce = {
      ...{ topology, device: "test", preferredTile: 64, [Symbol.dispose]() {} },
      run: (tile: Float32Array, height: number, width: number) => {
        if (++calls === failing) throw new TileTooLargeError("no memory left");
        return network.run(tile, height, width);
      },
    };
    const photo = () => randomPhoto({ seed: 342, width: 150, height: 160 });
    const run = enhancePhoto(photo(), scarce, { inPlace: true });
    if (!recovers) await assertRejects(run, TileTooLargeError);
    else assertEquals((await run).rgb, (await enhancePhoto(photo(), network, { tile: 32 })).rgb);
  }
});
