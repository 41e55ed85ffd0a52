import { assertEquals } from "../assert.ts";
import { hiddenWeights, macsPerPixel, receptiveRadius } from "../../src/nn/graph.ts";
import { sizeMultiple, type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { unet } from "../../src/reference/unet.ts";
import { impulseValues, pixelValues } from "../cases/inputs.ts";
import { unetParameters } from "../cases/unet.ts";

Deno.test("macsPerPixel() counts the convolutions of a network that enlarges at the small size", () => {
  // 3→8 and 8→8 at full size, 8→16 and 16→16 at half (a quarter of the pixels), 24→8 and 8→8 on the way up, 8→3·4 at the end.
  const widths = [3 * 8 + 8 * 8, 8 * 16 + 16 * 16, 24 * 8 + 8 * 8, 8 * 12];
  const macs = 9 * (widths[0] + widths[1] / 4 + widths[2] + widths[3]);
  assertEquals(macsPerPixel(unetTopology({ base: 8, depth: 1, scale: 2 })), macs);
});

const reaching: readonly TopologyOptions[] = [
  { depth: 0, blocks: 2 },
  { depth: 1, up: "nearest" },
  { depth: 1, up: "bilinear" },
  { depth: 1, up: "nearest", down: "stride" },
  { depth: 2, up: "nearest" },
  { depth: 2, up: "bilinear", down: "stride" },
  { depth: 1, up: "bilinear", scale: 2 },
  { depth: 1, up: "bilinear", down: "stride", scale: 4 },
  { depth: 0, unshuffle: 2 },
  { depth: 1, unshuffle: 2, down: "stride" },
  { depth: 0, filled: true },
];

for (const options of reaching) {
  Deno.test(`receptiveRadius() holds what one input pixel reaches, wherever it is: ${JSON.stringify(options)}`, () => {
    const topology = unetTopology({ channels: 1, base: 2, blocks: 1, ...options });
    // Weights above zero: what a pixel does is not undone on the way.
    const parameters = new Map(
      [...unetParameters(topology, 5)].map(([name, values]) => [name, Float64Array.from(values, Math.abs)]),
    );
    const [radius, multiple, { scale, filled }] = [
      receptiveRadius(topology),
      sizeMultiple(topology),
      topology,
    ];
    const side = Math.ceil(2 * (radius + multiple) / multiple) * multiple;
    const values = Float64Array.from(filled ? impulseValues(side * side, 4, 1) : pixelValues(side * side, 4));
    const run = () => unet(topology, parameters, tensor64([1, side, side, 1], values)).output.data;
    const before = run();
    const middle = Math.floor(side / 2 / multiple) * multiple;
    let reached = 0;
    // At each place of the grid that pooling has; where holes are filled, some are near to it and some are not.
    for (let place = middle; place < middle + Math.max(multiple, filled ? 4 : 1); place++) {
      const at = place * side + place;
      const kept = values[at];
      // So large that it is a window's maximum, and so small that it is none; of a hole a value that is good.
      for (const value of filled ? [0.25, 0.75] : [100, -100]) {
        values[at] = value;
        run().forEach((after, i) => {
          if (after === before[i]) return;
          const [row, column] = [Math.floor(i / (side * scale)), i % (side * scale)];
          for (const each of [row, column]) {
            reached = Math.max(reached, Math.abs(Math.floor(each / scale) - place));
          }
        });
      }
      values[at] = kept;
    }
    // Not further than said, and what is said is no wild overestimate: pooling lets a pixel reach no further than its window.
    assertEquals([reached <= radius, reached >= radius - 3], [true, true], `${reached} of ${radius}`);
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
