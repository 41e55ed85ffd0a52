import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { fillHoles } from "../../src/ops/fill_holes.ts";
import { fillHoles as exactFill } from "../../src/reference/fill_holes.ts";
import { type Tensor64, tensor64 } from "../../src/reference/tensor64.ts";
import { formatShape, type Shape4, sizeOf } from "../../src/tensor/shape.ts";
import { impulseTensor } from "../cases/inputs.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { sumTolerance } from "../tolerance.ts";

const WINDOW = 49;
const cases: readonly Shape4[] = [[1, 1, 1, 1], [1, 5, 7, 3], [2, 4, 9, 8], [3, 9, 11, 5], [1, 1, 40, 3], [
  2,
  33,
  29,
  3,
]];

async function filled(x: Tensor64): Promise<Float32Array> {
  const rec = new Recorder({ training: false });
  rec.output("y", fillHoles(rec, rec.input("x", x.shape)));
  using plan = await buildPlan(await testGpu(), rec);
  plan.write("x", Float32Array.from(x.data));
  plan.run();
  plan.run();
  return await plan.read("y");
}

for (const shape of cases) {
  Deno.test(`fillHoles() gives what float64 and tfjs give at ${formatShape(shape)}`, async () => {
    const x = impulseTensor(shape, 11);
    const y = await filled(x);
    assertAllClose(y, exactFill(x).data, sumTolerance(2 * WINDOW), "float64");
    x.data.forEach((value, i) => value > 0 && value < 1 && assertEquals(y[i], value));
    const changed = y.filter((value, i) => value !== x.data[i]).length;
    assert(x.data.length < 50 || changed > x.data.length / 10, `${changed} of ${x.data.length}`);
    const tf = await loadTfjs();
    const other = tf.tidy(() => tfjs.fillHoles(tf, upload(tf, x)));
    assertAllClose(y, await other.data() as Float32Array, sumTolerance(2 * WINDOW), "tfjs");
    other.dispose();
  });
}

Deno.test("fillHoles() keeps a pixel of which one channel only is extreme, and learns from it", async () => {
  const [hole, red] = [[0, 0, 0], [1, 0.25, 0.5]];
  const x = tensor64([1, 1, 3, 3], [...red, ...hole, ...red]);
  assertAllClose(await filled(x), [...red, ...red, ...red], sumTolerance(WINDOW));
});

Deno.test("fillHoles() lets near values count most, and leaves a saturated area as it is", async () => {
  // One row: the hole's neighbours weigh 1, those two pixels away 1/64, those at three 1/729.
  const row = [0.8, 0.2, 0.4, 1, 0.6, 0.4, 0];
  const x = tensor64([1, 1, row.length, 1], row);
  const y = await filled(x);
  const weight = (1 + 1 / 64) * 2 + 1 / 729;
  const mean = ((0.4 + 0.6) + (0.2 + 0.4) / 64 + 0.8 / 729) / weight;
  assertAllClose([y[3]], [mean], sumTolerance(WINDOW));
  assert(Math.abs(y[6] - 0.4) < 0.01, `${y[6]}`);
  const white = tensor64([1, 9, 9, 3], new Float64Array(sizeOf([1, 9, 9, 3])).fill(1));
  assertEquals([...await filled(white)], [...white.data]);
});

Deno.test("fillHoles() does not look beyond an image into the next", async () => {
  const dark = impulseTensor([1, 6, 6, 3], 12).data.map((value) =>
    value === 1 || value === 0 ? value : value / 4
  );
  const both = tensor64([2, 6, 6, 3], [...dark, ...new Float64Array(dark.length).fill(0.9)]);
  const y = await filled(both);
  const alone = await filled(tensor64([1, 6, 6, 3], dark));
  assertEquals([...y.subarray(0, dark.length)], [...alone]);
});
