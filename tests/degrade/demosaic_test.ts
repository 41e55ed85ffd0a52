import { Random } from "../../src/base/random.ts";
import { bayerChannel, type BayerPhase, demosaic, DEMOSAIC_REACH } from "../../src/degrade/demosaic.ts";
import { assert, assertEquals } from "../assert.ts";

const phases: BayerPhase[] = [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0, y: 1 }, { x: 1, y: 1 }];

/** What a sensor with this mosaic sees of three values for each pixel. */
function sense(rgb: (x: number, y: number) => number[], width: number, height: number, phase: BayerPhase) {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return rgb(x, y)[bayerChannel(x, y, phase)];
  });
}

Deno.test("bayerChannel() has two greens, a red and a blue in each square of four pixels, green in no neighbours", () => {
  for (const phase of phases) {
    for (const [x, y] of [[0, 0], [3, 2], [5, 5]]) {
      const square = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([dx, dy]) => bayerChannel(x + dx, y + dy, phase));
      assertEquals(square.toSorted(), [0, 1, 1, 2]);
      assertEquals(square[0] === 1, square[3] === 1);
    }
    assertEquals(bayerChannel(phase.x, phase.y, phase), 0);
  }
});

Deno.test("demosaic() keeps what the sensor has measured, and gives every colour of a flat field back, edges and single pixels included", () => {
  const random = new Random(11);
  for (const phase of phases) {
    for (const [width, height] of [[2, 2], [3, 5], [9, 8]]) {
      const values = Float32Array.from({ length: width * height }, () => random.uniform());
      const rgb = demosaic(values, width, height, phase, random.uniform());
      const kept = values.map((_, i) => rgb[i * 3 + bayerChannel(i % width, Math.floor(i / width), phase)]);
      assertEquals(kept, values);
      // Bilinear alone for a colour: the correction takes that the colours rise and fall together, as in a grey field.
      const colour = [0.2, 0.5, 0.9];
      const flat = demosaic(sense(() => colour, width, height, phase), width, height, phase, 0);
      flat.forEach((v, i) =>
        assert(Math.abs(v - colour[i % 3]) < 1e-6, `${v} at ${i} of ${width}×${height}`)
      );
      const corrected = demosaic(sense(() => colour, width, height, phase), width, height, phase, 1);
      corrected.forEach((v, i) =>
        assert(width < 3 || height < 3 || Math.abs(v - colour[i % 3]) < 1e-6, `${v}`)
      );
    }
    assertEquals([...demosaic(Float32Array.of(0.25), 1, 1, phase, 1)], [0.25, 0.25, 0.25]);
  }
});

Deno.test("demosaic() is exact on grey slopes, and with the paper's filters sharper than bilinear on grey edges", () => {
  const [width, height] = [16, 14];
  for (const phase of phases) {
    const slope = (x: number, y: number) => [3, 3, 3].map((v) => v * x + 2 * y);
    for (const correction of [0, 0.4, 1]) {
      const rgb = demosaic(sense(slope, width, height, phase), width, height, phase, correction);
      for (let y = DEMOSAIC_REACH; y < height - DEMOSAIC_REACH; y++) {
        for (let x = DEMOSAIC_REACH; x < width - DEMOSAIC_REACH; x++) {
          for (let c = 0; c < 3; c++) {
            const off = rgb[(y * width + x) * 3 + c] - slope(x, y)[c];
            assert(Math.abs(off) < 1e-4, `${off} at ${x}, ${y}, ${c}`);
          }
        }
      }
    }
    const edge = (x: number, y: number) => x + y < 15 ? [0, 0, 0] : [1, 1, 1];
    const error = (correction: number) =>
      demosaic(sense(edge, width, height, phase), width, height, phase, correction)
        .reduce((sum, v, i) => {
          const pixel = Math.floor(i / 3);
          return sum + (v - edge(pixel % width, Math.floor(pixel / width))[i % 3]) ** 2;
        }, 0);
    assert(error(1) < 0.6 * error(0), `${error(1)} and ${error(0)}`);
  }
});

// Figure 2 of the paper, in eighths.
const greenAtOthers = [[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [
  0,
  0,
  -1,
  0,
  0,
]];
const alongRow = [[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [
  0,
  0,
  0.5,
  0,
  0,
]];
const alongColumn = alongRow.map((row, i) => row.map((_, j) => alongRow[j][i]));
const acrossCorners = [[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [
  0,
  0,
  -1.5,
  0,
  0,
]];

Deno.test("demosaic() with the whole correction has the paper's weights (Malvar et al. 2004, figure 2)", () => {
  const [width, height] = [11, 10];
  const random = new Random(12);
  for (const phase of phases) {
    const mosaic = Float32Array.from({ length: width * height }, () => random.between(-1, 1));
    const rgb = demosaic(mosaic, width, height, phase, 1);
    for (let y = 2; y < height - 2; y++) {
      for (let x = 2; x < width - 2; x++) {
        const own = bayerChannel(x, y, phase);
        for (const c of [0, 1, 2] as const) {
          if (c === own) continue;
          const besides = bayerChannel(x + 1, y, phase) === c;
          const weights = c === 1
            ? greenAtOthers
            : own !== 1
            ? acrossCorners
            : besides
            ? alongRow
            : alongColumn;
          let wanted = 0;
          weights.forEach((row, i) =>
            row.forEach((w, j) => wanted += w / 8 * mosaic[(y + i - 2) * width + x + j - 2])
          );
          const off = rgb[(y * width + x) * 3 + c] - wanted;
          assert(Math.abs(off) < 1e-5, `${off} at ${x}, ${y}: ${c} where ${own} is`);
        }
      }
    }
  }
});
