import { Random } from "../../src/base/random.ts";
import { blend, inverseDistanceWeights, nearest, selectPoints } from "../../src/trials/nearest.ts";
import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { distance, pointAt, pointsOf, randomPoints } from "./points.ts";

Deno.test("nearest() finds what sorting all distances finds, in any number of dimensions", () => {
  for (const [count, dims, k] of [[60, 1, 5], [200, 15, 10], [150, 16, 1], [120, 50, 7], [4, 3, 9]]) {
    const points = randomPoints(count, dims, 7);
    const random = new Random(dims, k);
    for (let turn = 0; turn < 10; turn++) {
      const query = Float32Array.from({ length: dims }, () => random.between(-1, 1));
      const sorted = Array.from({ length: count }, (_, i) => ({ i, d: distance(pointAt(points, i), query) }))
        .sort((a, b) => a.d - b.d).slice(0, k);
      const { indices, squared } = nearest(points, query, k);
      assertEquals([...indices], sorted.map(({ i }) => i));
      assertAllClose(squared, sorted.map(({ d }) => d * d), 1e-12);
    }
  }
});

Deno.test("nearest() finds a point that is in the set first, and leaves it out where asked", () => {
  const points = randomPoints(80, 20, 3);
  for (const index of [0, 41, 79]) {
    const at = index * points.dims;
    const { indices, squared } = nearest(points, points.values, 4, { at });
    assertEquals([indices[0], squared[0]], [index, 0]);
    const others = nearest(points, points.values, 3, { at, except: index });
    assertEquals([...others.indices], [...indices.subarray(1)]);
  }
});

Deno.test("nearest() prefers the earlier of equally near points", () => {
  const points = pointsOf([[2, 0], [0, 1], [1, 0], [0, -1], [5, 5]]);
  assertEquals([...nearest(points, [0, 0], 3).indices], [1, 2, 3]);
});

Deno.test("inverseDistanceWeights() sum to 1, fall with the squared distance, and give all to an exact match", () => {
  const weights = inverseDistanceWeights(Float64Array.of(1, 2, 4));
  assertAllClose(weights, [4 / 7, 2 / 7, 1 / 7], 1e-8);
  const exact = inverseDistanceWeights(Float64Array.of(0, 0.5, 3));
  assert(exact[0] > 1 - 1e-8, `${exact}`);
  assertAllClose([exact.reduce((sum, weight) => sum + weight)], [1], 1e-12);
});

Deno.test("blend() is the weighted sum, selectPoints() the points asked for in that order", () => {
  const points = pointsOf([[1, 10], [2, 20], [4, 40]]);
  assertAllClose(blend(points, [2, 0], [0.25, 0.75]), [1.75, 17.5], 1e-7);
  assertEquals(selectPoints(points, [2, 0]), pointsOf([[4, 40], [1, 10]]));
});
