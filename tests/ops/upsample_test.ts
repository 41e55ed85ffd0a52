import { assertAllClose } from "../assert.ts";
import type { Tensor4D } from "../tfjs/tensorflow.ts";
import { upsample } from "../../src/ops/upsample.ts";
import { upsample as exactUpsample, upsampleGradient } from "../../src/reference/upsample.ts";
import { formatShape } from "../../src/tensor/shape.ts";
import { normalTensor } from "../cases/inputs.ts";
import { upsampleCases, upsampleModes } from "../cases/upsample.ts";
import { testGpu } from "../gpu/shared.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload, valueAndGradients } from "../tfjs/gradients.ts";
import * as tfjs from "../tfjs/ops.ts";
import { sumTolerance, sumToleranceBetween } from "../tolerance.ts";
import { expectedGradient, runOp, sharedInput } from "./harness.ts";

/** A pixel of y mixes 4 of x; a pixel of x has a share in up to 16 of y. */
const TERMS = { y: 4, dx: 16 };

for (const mode of upsampleModes) {
  for (const shape of upsampleCases) {
    const values = normalTensor(shape, 1);
    const exactY = exactUpsample(values, mode);
    const dy = normalTensor(exactY.shape, 2);
    const exactDx = upsampleGradient(shape, dy, mode);

    Deno.test(`upsample() ${mode} gives what float64 and tfjs give at ${formatShape(shape)}`, async () => {
      const { y, gradients: [dx] } = await runOp(
        await testGpu(),
        [{ values }],
        dy,
        (rec, [x]) => upsample(rec, x, mode),
      );
      assertAllClose(y, exactY.data, sumTolerance(TERMS.y), "y");
      assertAllClose(dx, exactDx.data, sumTolerance(TERMS.dx), "dx");
      const tf = await loadTfjs();
      const f = (x: unknown) => tfjs.upsample(tf, x as Tensor4D, mode);
      const other = await valueAndGradients(tf, f, [upload(tf, values)], dy);
      assertAllClose(y, other.y, sumToleranceBetween(TERMS.y), "y");
      assertAllClose(dx, other.gradients[0], sumToleranceBetween(TERMS.dx), "dx");
    });

    Deno.test(`upsample() ${mode} goes back through an activation and adds to a gradient at ${formatShape(shape)}`, async () => {
      const input = sharedInput(values, "leaky-relu", 3);
      const { gradients: [dx] } = await runOp(
        await testGpu(),
        [input],
        dy,
        (rec, [x]) => upsample(rec, x, mode),
      );
      assertAllClose(dx, expectedGradient(input, exactDx), sumTolerance(TERMS.dx), "dx");
    });
  }
}
