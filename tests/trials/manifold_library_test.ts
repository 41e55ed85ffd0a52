import { Random } from "../../src/base/random.ts";
import { isomap, largestPart, principalAxes } from "../../src/trials/manifold_library.ts";
import { nearest, type Points } from "../../src/trials/nearest.ts";
import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { correlation, distance, pointAt, pointsOf, randomPoints } from "./points.ts";

/** Each point's nearest others. */
function graphOf(points: Points, k: number): Int32Array[] {
  return Array.from(
    { length: points.count },
    (_, row) => nearest(points, points.values, k, { at: row * points.dims, except: row }).indices,
  );
}

/** A plane of about 4×1, rolled up along its longer side by more than a turn, in eight dimensions; and the flat plane that it was. */
function rolledPlane(count: number): { rolled: Points; flat: Points } {
  const random = new Random(5);
  const directions = [0, 1, 2].map(() => Array.from({ length: 8 }, () => random.normal()));
  // Orthonormal, so that distances stay (Gram and Schmidt).
  directions.forEach((direction, i) => {
    for (const before of directions.slice(0, i)) {
      const product = direction.reduce((sum, value, k) => sum + value * before[k], 0);
      direction.forEach((_, k) => direction[k] -= product * before[k]);
    }
    const norm = Math.hypot(...direction);
    direction.forEach((_, k) => direction[k] /= norm);
  });
  const PITCH = 0.12;
  const angles = Array.from({ length: count }, () => random.between(2, 8.5));
  // Length of an Archimedean spiral from its middle.
  const flat = angles.map((angle) => [
    PITCH / 2 * (angle * Math.sqrt(1 + angle ** 2) + Math.asinh(angle)),
    random.between(0, 1),
  ]);
  const rolled = flat.map(([, across], i) => {
    const radius = PITCH * angles[i];
    const spot = [radius * Math.cos(angles[i]), radius * Math.sin(angles[i]), across];
    return directions[0].map((_, k) =>
      spot.reduce((sum, value, axis) => sum + value * directions[axis][k], 0)
    );
  });
  return { rolled: pointsOf(rolled), flat: pointsOf(flat) };
}

Deno.test("isomap() unrolls a rolled-up plane: distances in the embedding are those on the plane, to scale", async () => {
  const { rolled, flat } = rolledPlane(300);
  const graph = graphOf(rolled, 8);
  const { members, places, variances } = await isomap(rolled, { neighbours: 8, dims: 4, seed: 3, graph });
  assertEquals(members.length, 300);
  // Two axes carry nearly all, and about as much as the sides of the plane: paths along the graph are a little longer than straight ones.
  const spread = [0, 1].map((axis) => {
    const side = Array.from({ length: 300 }, (_, i) => pointAt(flat, i)[axis]);
    const mean = side.reduce((sum, value) => sum + value) / 300;
    return side.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 300;
  });
  assertAllClose(variances.slice(0, 1), spread.slice(0, 1), 0.25);
  assertAllClose(variances.slice(1, 2), spread.slice(1, 2), 0.3);
  const rest = variances.slice(2).reduce((sum, value) => sum + value, 0);
  assert(rest < 0.3 * variances[1], `${variances}`);

  const random = new Random(9);
  const unrolled: number[] = [], wanted: number[] = [], straight: number[] = [];
  for (let pair = 0; pair < 1000; pair++) {
    const [a, b] = [random.below(300), random.below(300)];
    unrolled.push(distance(pointAt(places, a).subarray(0, 2), pointAt(places, b).subarray(0, 2)));
    wanted.push(distance(pointAt(flat, a), pointAt(flat, b)));
    straight.push(distance(pointAt(rolled, a), pointAt(rolled, b)));
  }
  assert(correlation(unrolled, wanted) > 0.99, `${correlation(unrolled, wanted)}`);
  assert(correlation(straight, wanted) < 0.9, "the plane must be rolled up, or this shows nothing");
  const scale = unrolled.reduce((sum, value) => sum + value) / wanted.reduce((sum, value) => sum + value);
  assert(scale > 0.98 && scale < 1.12, `scale ${scale}`);
});

Deno.test("isomap() keeps the largest connected part of the neighbour graph alone", async () => {
  const near = randomPoints(40, 3, 1);
  const far = randomPoints(12, 3, 2);
  const points: Points = {
    values: Float32Array.from([...far.values.map((value) => value + 100), ...near.values]),
    count: 52,
    dims: 3,
  };
  const { members, places } = await isomap(points, {
    neighbours: 5,
    dims: 3,
    seed: 1,
    graph: graphOf(points, 5),
  });
  assertEquals(members, Array.from({ length: 40 }, (_, i) => 12 + i));
  assertEquals(places.count, 40);
  assert(places.values.every((value) => Math.abs(value) < 10), "no place is torn away by the other part");
});

Deno.test("largestPart() follows edges both ways", () => {
  assertEquals(largestPart([[1], [], [1], [4], [3]]), [0, 1, 2]);
  assertEquals(largestPart([[], [2], [], [1]]), [1, 2, 3]);
});

Deno.test("principalAxes() finds the directions of largest variance, orthonormal and in order", async () => {
  const random = new Random(4);
  const [s, c] = [Math.sin(0.4), Math.cos(0.4)];
  const points = pointsOf(Array.from({ length: 500 }, () => {
    const [long, short] = [3 * random.normal(), 0.5 * random.normal()];
    return [long * c - short * s + 7, long * s + short * c - 2, 0.05 * random.normal()];
  }));
  const axes = await principalAxes(points, 2, 1);
  const [first, second] = [pointAt(axes, 0), pointAt(axes, 1)];
  assertAllClose([Math.abs(first[0] * c + first[1] * s)], [1], 1e-3);
  assertAllClose([Math.abs(second[1] * c - second[0] * s)], [1], 1e-3);
  assertAllClose([distance(first, [0, 0, 0]), distance(second, [0, 0, 0])], [1, 1], 1e-5);
});
