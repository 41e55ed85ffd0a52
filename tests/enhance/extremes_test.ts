import { Random } from "../../src/base/random.ts";
import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import { smallestTile } from "../../src/enhance/tiles.ts";
import type { Photo } from "../../src/image/photo.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assert, assertEquals } from "../assert.ts";
import { testGpu } from "../gpu/shared.ts";
import { randomPhoto } from "../image/photos.ts";
import { calmParameters } from "./networks.ts";

const topology = unetTopology({ base: 4, depth: 2, blocks: 2, corrects: "extremes", filled: true });
const open: Record<string, (seed: number) => Promise<TileNetwork>> = {
  GpuNetwork: async (seed) => new GpuNetwork(await testGpu(), topology, calmParameters(topology, seed)),
  CpuNetwork: (seed) => CpuNetwork.create(topology, calmParameters(topology, seed)),
};

/** A photo with every depth's values next to the ends of its range, and a third of its values at them. */
function withImpulses(seed: number, bits: 8 | 16, grey = false): Photo {
  const photo = randomPhoto({ seed, width: 101, height: 47, bits, grey });
  const max = bits === 8 ? 255 : 65535;
  const random = new Random(seed, 1);
  const lots = Float64Array.from({ length: photo.rgb.length }, () => random.uniform());
  photo.rgb.forEach((_, i) => {
    const lot = lots[grey ? i - i % 3 : i];
    if (lot < 0.32) photo.rgb[i] = lot < 0.16 ? 0 : max;
    else if (lot < 0.4) photo.rgb[i] = lot < 0.36 ? 1 : max - 1;
  });
  return photo;
}

for (const [device, openAt] of Object.entries(open)) {
  for (const bits of [8, 16] as const) {
    Deno.test(`enhancePhoto() keeps every value that is no extreme, bit for bit, at ${bits} bits on ${device}`, async () => {
      using network = await openAt(300);
      const max = bits === 8 ? 255 : 65535;
      for (
        const [name, options, grey] of [
          ["whole", {}, false],
          ["in tiles", { tile: smallestTile(topology) + 8 }, false],
          ["half strength", { strength: 0.5 }, false],
          ["self-ensemble", { selfEnsemble: true }, false],
          ["grey", {}, true],
        ] as const
      ) {
        const photo = withImpulses(301, bits, grey);
        const before = photo.rgb.slice();
        const { rgb } = await enhancePhoto(photo, network, options);
        let extremes = 0;
        let changed = 0;
        before.forEach((value, i) => {
          if (value > 0 && value < max) assertEquals(rgb[i], value, `${name}: value ${i}`);
          else {
            extremes++;
            if (rgb[i] !== value) changed++;
          }
        });
        // A correction may point out of the range, which clips it; the others show.
        assert(extremes > before.length / 4 && changed > extremes / 4, `${name}: ${changed} of ${extremes}`);
      }
    });
  }

  Deno.test(`enhancePhoto() gives the whole photo's result tile by tile where extremes are corrected on ${device}`, async () => {
    using network = await openAt(302);
    const photo = withImpulses(303, 16);
    const whole = await enhancePhoto(photo, network, { tile: Infinity });
    let tiles = 0;
    const tile = smallestTile(topology) + 8;
    const tiled = await enhancePhoto(photo, network, { tile, onProgress: (_, total) => tiles = total });
    assert(tiles > 1, `${tiles} tiles`);
    whole.rgb.forEach((value, i) => assert(Math.abs(value - tiled.rgb[i]) <= 2, `value ${i}`));
  });
}

Deno.test("GpuNetwork and CpuNetwork correct extremes alike", async () => {
  using gpu = await open.GpuNetwork(304);
  using cpu = await open.CpuNetwork(304);
  const photo = withImpulses(305, 16);
  const [onGpu, onCpu] = [await enhancePhoto(photo, gpu), await enhancePhoto(photo, cpu)];
  onGpu.rgb.forEach((value, i) => assert(Math.abs(value - onCpu.rgb[i]) <= 8, `value ${i}`));
});
