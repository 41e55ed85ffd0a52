import { assertEquals } from "../assert.ts";
import { hiddenWeights, macsPerPixel, receptiveRadius } from "../../src/nn/graph.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { unet } from "../../src/reference/unet.ts";
import { normalValues } from "../cases/inputs.ts";
import { unetParameters } from "../cases/unet.ts";

Deno.test("macsPerPixel() counts the convolutions of a network that enlarges at the small size", () => {
  // 3→8 and 8→8 at full size, 8→16 and 16→16 at half (a quarter of the pixels), 24→8 and 8→8 on the way up, 8→3·4 at the end.
  const widths = [3 * 8 + 8 * 8, 8 * 16 + 16 * 16, 24 * 8 + 8 * 8, 8 * 12];
  const macs = 9 * (widths[0] + widths[1] / 4 + widths[2] + widths[3]);
  assertEquals(macsPerPixel(unetTopology({ base: 8, depth: 1, scale: 2 })), macs);
});

for (const scale of [1, 2, 4] as const) {
  Deno.test(`receptiveRadius() holds what one input pixel reaches at ×${scale}`, () => {
    const topology = unetTopology({ channels: 1, base: 2, depth: 1, blocks: 1, scale, up: "bilinear" });
    const parameters = new Map(
      [...unetParameters(topology, 5)].map(([name, values]) => [name, Float64Array.from(values)]),
    );
    const side = 24;
    const values = normalValues(side * side, 4);
    const run = () => unet(topology, parameters, tensor64([1, side, side, 1], values)).output.data;
    const before = run();
    const [y, x] = [11, 12];
    values[y * side + x] += 1;
    const after = run();
    const radius = receptiveRadius(topology);
    let reached = 0;
    before.forEach((value, i) => {
      if (value === after[i]) return;
      const [row, column] = [Math.floor(i / (side * scale)), i % (side * scale)];
      const distance = Math.max(
        Math.abs(Math.floor(row / scale) - y),
        Math.abs(Math.floor(column / scale) - x),
      );
      reached = Math.max(reached, distance);
    });
    // Not further than said, and what is said is no wild overestimate.
    assertEquals([reached <= radius, reached >= radius - 3], [true, true]);
  });
}

Deno.test("hiddenWeights() are those of all convolutions but the first and the last", () => {
  assertEquals([...hiddenWeights(unetTopology({ base: 4, depth: 1, blocks: 2, down: "stride" }))], [
    "enc0.1.weight",
    "down1.weight",
    "enc1.0.weight",
    "enc1.1.weight",
    "dec0.0.weight",
    "dec0.1.weight",
  ]);
  assertEquals([...hiddenWeights(unetTopology({ base: 4, depth: 0, blocks: 1 }))], []);
});
