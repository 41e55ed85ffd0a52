import { unetGraph } from "../../src/nn/graph.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { assert, assertEquals } from "../assert.ts";

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

Deno.test("heInitialise() gives every parameter of the graph in its order and size, biases zero", () => {
  const topology = unetTopology({ base: 4, depth: 2, down: "stride" });
  const parameters = heInitialise(topology, 3);
  const specs = unetGraph(topology).parameters;
  assertEquals([...parameters.keys()], specs.map(({ name }) => name));
  for (const { name, shape } of specs) {
    const values = parameters.get(name)!;
    assertEquals(values.length, sizeOf(shape));
    assertEquals(values.every((value) => value === 0), name.endsWith(".bias"), name);
  }
});

Deno.test("heInitialise() draws weights with the standard deviation of He et al.", () => {
  for (const [activation, gain] of [["relu", 2], ["leaky-relu", 2 / 1.01], ["none", 1]] as const) {
    const parameters = heInitialise(
      unetTopology({ base: 32, depth: 1, activation, residualBlocks: false }),
      5,
    );
    for (
      const [name, fanIn] of [["enc0.1.weight", 9 * 32], ["enc1.0.weight", 9 * 32], [
        "dec0.0.weight",
        9 * 96,
      ]] as const
    ) {
      const { mean, deviation } = moments(parameters.get(name)!);
      const expected = Math.sqrt(gain / fanIn);
      // Over 9216 draws or more: five standard errors.
      assert(
        Math.abs(deviation / expected - 1) < 5 / Math.sqrt(2 * 9216),
        `${activation} ${name}: ${deviation}, not ${expected}`,
      );
      assert(Math.abs(mean) < 5 * expected / Math.sqrt(9216), `${activation} ${name}: mean ${mean}`);
    }
  }
});

Deno.test("heInitialise() halves the convolutions that are added to their input", () => {
  const [plain, residual] = [false, true].map((residualBlocks) =>
    heInitialise(unetTopology({ base: 8, depth: 1, residualBlocks }), 5)
  );
  for (const name of ["enc0.1.weight", "dec0.1.weight"]) {
    assertEquals(residual.get(name), plain.get(name)!.map((value) => value / 2));
  }
  assertEquals(residual.get("enc0.0.weight"), plain.get("enc0.0.weight"));
});

Deno.test("heInitialise() scales the last convolution of a residual network, and only there", () => {
  const deviationOf = (residual: boolean) =>
    moments(heInitialise(unetTopology({ base: 64, depth: 1, residual }), 6).get("out.weight")!).deviation;
  const expected = Math.sqrt(1 / (9 * 64));
  const tolerance = 5 / Math.sqrt(2 * 9 * 64 * 3);
  assert(Math.abs(deviationOf(false) / expected - 1) < tolerance);
  assert(Math.abs(deviationOf(true) / (0.1 * expected) - 1) < tolerance);
});

Deno.test("heInitialise() repeats with its seed and differs with another, and no two layers are alike", () => {
  const topology = unetTopology({ base: 8 });
  assertEquals(heInitialise(topology, 9), heInitialise(topology, 9));
  const [one, other] = [heInitialise(topology, 9), heInitialise(topology, 10)];
  for (const name of ["enc0.0.weight", "out.weight"]) {
    const a = one.get(name)!;
    assert(a.every((value, i) => value !== other.get(name)![i]), name);
  }
  assert(one.get("enc0.1.weight")!.every((value, i) => value !== one.get("dec0.1.weight")![i]));
});
