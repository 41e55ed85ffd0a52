import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { planTiles, smallestTile } from "../../src/enhance/tiles.ts";
import { receptiveRadius } from "../../src/nn/graph.ts";
import { sizeMultiple, type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals } from "../assert.ts";
import { randomPhoto } from "../image/photos.ts";
import { calmParameters } from "./networks.ts";

const topologies: TopologyOptions[] = [
  { base: 4, depth: 2, blocks: 1, down: "max-pool", up: "nearest" },
  { base: 4, depth: 2, blocks: 1, down: "max-pool", up: "bilinear", activation: "leaky-relu" },
  { base: 4, depth: 2, blocks: 1, down: "stride", up: "nearest" },
  { base: 4, depth: 3, blocks: 1, down: "stride", up: "bilinear", residual: false },
  { base: 4, depth: 1, blocks: 2, down: "stride", up: "bilinear" },
  { base: 4, depth: 0, blocks: 3 },
];
const sizes: [number, number][] = [[1, 1], [7, 7], [1, 500], [500, 1], [203, 151], [129, 64], [300, 17]];

for (const options of topologies) {
  const topology = unetTopology(options);
  const { down, up, widths } = topology;
  Deno.test(`planTiles() makes tiled equal whole: depth ${widths.length - 1}, ${down}, ${up}`, async () => {
    using network = await CpuNetwork.create(topology, calmParameters(topology, 80));
    for (const [width, height] of sizes) {
      const photo = randomPhoto({ seed: 81, width, height, bits: 16 });
      const whole = await enhancePhoto(photo, network, { tile: Infinity });
      const steps: number[] = [];
      const tile = smallestTile(topology) + 2 * sizeMultiple(topology);
      const tiled = await enhancePhoto(photo, network, { tile, onProgress: (_, total) => steps.push(total) });
      if (Math.max(width, height) >= 200) assert(steps.length > 1, `${width}×${height} ran in one tile`);
      assert(steps.every((total) => total === steps.length));
      let worst = 0;
      for (let i = 0; i < whole.rgb.length; i++) {
        worst = Math.max(worst, Math.abs(whole.rgb[i] - tiled.rgb[i]));
      }
      // A rounding step or two of 16 bits: a hundredth of the 1/255 that would be allowed.
      assert(worst <= 2, `${width}×${height}: differs by ${worst}/65535`);
      let changed = 0;
      for (let i = 0; i < whole.rgb.length; i++) {
        changed += Math.abs(whole.rgb[i] - photo.rgb[i]) / whole.rgb.length;
      }
      assert(changed > 257, `the network leaves ${width}×${height} as it is, so the test shows nothing`);
    }
  });
}

Deno.test("planTiles() needs its overlap: without it the seam shows", async () => {
  const topology = unetTopology({ base: 4, depth: 2, blocks: 1 });
  using network = await CpuNetwork.create(topology, calmParameters(topology, 82));
  const photo = randomPhoto({ seed: 83, width: 128, height: 32, bits: 16 });
  const left = { ...photo, width: 64, rgb: new Uint16Array(3 * 64 * 32) };
  for (let y = 0; y < 32; y++) left.rgb.set(photo.rgb.subarray(3 * 128 * y, 3 * (128 * y + 64)), 3 * 64 * y);
  const whole = await enhancePhoto(photo, network);
  const half = await enhancePhoto(left, network);
  let worst = 0;
  for (let y = 0; y < 32; y++) {
    for (let i = 0; i < 3 * 64; i++) {
      worst = Math.max(worst, Math.abs(whole.rgb[3 * 128 * y + i] - half.rgb[3 * 64 * y + i]));
    }
  }
  assert(worst > 257, `only ${worst}/65535`);
});

Deno.test("planTiles() covers every pixel once, with aligned windows inside the padded photo and enough overlap", () => {
  const random = new Random(84);
  for (let round = 0; round < 300; round++) {
    const topology = unetTopology({ base: 4, depth: random.below(5), blocks: 1 + random.below(2) });
    const multiple = sizeMultiple(topology);
    const radius = receptiveRadius(topology);
    const [width, height] = [1 + random.below(900), 1 + random.below(900)];
    const tile = 1 + random.below(700);
    const plan = planTiles(width, height, topology, tile);
    const margin = Math.ceil(16 / multiple) * multiple;
    const covered = new Uint8Array(width * height);
    assert(plan.tileWidth % multiple === 0 && plan.tileHeight % multiple === 0);
    const largest = Math.max(tile, smallestTile(topology));
    assert(plan.tileWidth <= largest && plan.tileHeight <= largest, `${plan.tileWidth} > ${largest}`);
    const axes = (x: number, x0: number, x1: number, extent: number, size: number) => {
      const padded = Math.ceil((size + 2 * margin) / multiple) * multiple;
      assertEquals((x + margin) % multiple, 0);
      assert(x >= -margin && x + extent <= padded - margin, "window outside the padded photo");
      assert(x0 < x1 && x0 >= x && x1 <= x + extent);
      if (x > -margin) assert(x0 - x >= radius, `left overlap ${x0 - x} < ${radius}`);
      if (x + extent < padded - margin) assert(x + extent - x1 >= radius, `right overlap < ${radius}`);
    };
    for (const { x, y, keep } of plan.tiles) {
      axes(x, keep.x0, keep.x1, plan.tileWidth, width);
      axes(y, keep.y0, keep.y1, plan.tileHeight, height);
      for (let row = keep.y0; row < keep.y1; row++) {
        for (let column = keep.x0; column < keep.x1; column++) covered[row * width + column]++;
      }
    }
    assert(
      covered.every((count) => count === 1),
      `${width}×${height} with ${tile} is not covered exactly once`,
    );
    const [paddedWidth, paddedHeight] = [width, height].map((size) =>
      Math.ceil((size + 2 * margin) / multiple) * multiple
    );
    const work = plan.tiles.length * plan.tileWidth * plan.tileHeight / (paddedWidth * paddedHeight);
    assert(work <= 9, `${width}×${height} with ${tile} takes ${work} times the work of the whole`);
  }
});

Deno.test("planTiles() keeps windows small and few for 100 megapixels", () => {
  const topology = unetTopology({ base: 16, depth: 3, blocks: 1 });
  const plan = planTiles(12500, 8000, topology, 512);
  assert(plan.tileWidth <= 512 && plan.tileHeight <= 512);
  const step = 512 - 2 * Math.ceil(receptiveRadius(topology) / 8) * 8;
  assert(plan.tiles.length <= Math.ceil(12532 / step) * Math.ceil(8032 / step));
});
