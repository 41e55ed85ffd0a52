import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { muonStep, newtonSchulz } from "../../src/reference/muon.ts";
import { normalValues } from "../cases/inputs.ts";

Deno.test("newtonSchulz() brings a matrix of orthogonal columns to one of columns about as long as 1", () => {
  // Singular values 3, 1 and 0.1.
  const matrix = [3, 0, 0, 0, 1, 0, 0, 0, 0.1, 0, 0, 0];
  const x = newtonSchulz(matrix, 3, 5);
  for (const [r, c] of [[0, 0], [1, 1], [2, 2]]) {
    assert(x[r * 3 + c] > 0.65 && x[r * 3 + c] < 1.25, `${[...x]}`);
  }
  assertEquals([...x].filter((value) => value === 0).length, 9);
  assertEquals([...newtonSchulz(new Float64Array(6), 2, 5)], [0, 0, 0, 0, 0, 0]);
});

Deno.test("newtonSchulz() gives XᵀX about the identity, and turns with the matrix", () => {
  const [rows, columns] = [12, 4];
  const matrix = normalValues(rows * columns, 5);
  const x = newtonSchulz(matrix, columns, 5);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += x[r * columns + i] * x[r * columns + j];
      assert(i === j ? sum > 0.45 && sum < 1.5 : Math.abs(sum) < 0.3, `${i},${j}: ${sum}`);
    }
  }
  const swapped = Float64Array.from(matrix, (_, i) => matrix[i % 4 < 2 ? i + 2 : i - 2]);
  const turned = newtonSchulz(swapped, columns, 5);
  assertAllClose(turned, x.map((_, i) => x[i % 4 < 2 ? i + 2 : i - 2]), 1e-12);
});

Deno.test("muonStep() moves against the gradient, whatever its size, and keeps the momentum", () => {
  const options = { learningRate: 0.1, momentum: 0.5, weightDecay: 0, scale: 1 };
  const gradient = normalValues(12, 6);
  const [small, large] = [1e-6, 1e6].map((size) => {
    const parameter = new Float64Array(12);
    const m = new Float64Array(12);
    const scaled = gradient.map((value) => value * size);
    for (let step = 0; step < 3; step++) muonStep(parameter, scaled, m, 3, 5, options);
    // 1 - 0.5³ of a gradient that stays.
    assertAllClose(m, Float64Array.from(scaled, (value) => 0.875 * value), 1e-12);
    return parameter;
  });
  assertAllClose(small, large, 1e-5);
  assert(small.reduce((sum, value, i) => sum + value * gradient[i], 0) < -0.1);
});
