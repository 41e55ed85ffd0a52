import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import { extremesOf } from "../../src/reference/extremes.ts";
import { loss } from "../../src/reference/loss.ts";
import { unet } from "../../src/reference/unet.ts";
import { seesExtremes, targetShape, unetCases, unetPair, unetParameters } from "../cases/unet.ts";
import { assertGradient } from "./finite_difference.ts";

for (const item of unetCases) {
  const { topology, shape } = item;
  const parameters = new Map(
    [...unetParameters(topology)].map(([name, values]) => [name, Float64Array.from(values)]),
  );
  const { image, target } = unetPair(item);

  Deno.test(`unet() gives an image of the size that its scale says: ${item.name}`, () => {
    const { output, values } = unet(topology, parameters, image);
    assertEquals(output.shape, targetShape(shape, topology));
    assert(output.data.every(Number.isFinite));
    if (topology.residual) {
      const correction = values.get("shuffled") ?? values.get("out")!;
      const some = topology.corrects === "all" ? undefined : topology.corrects;
      const base = (some && values.get("filled")) ?? values.get(`image.x${topology.scale}`) ?? image;
      const corrected = some && extremesOf(image, some === "holes" ? "holes" : "values");
      const expected = base.data.map((value, i) =>
        corrected?.[i] === false ? value : value + correction.data[i]
      );
      assertEquals(new Set(corrected).size, some ? 2 : 0);
      assertAllClose(output.data, expected, 1e-15);
    }
  });

  Deno.test(`unet().backward() agrees with finite differences in every parameter: ${item.name}`, () => {
    const result = unet(topology, parameters, image);
    const gradients = result.backward(loss("mse", result.output, target).gradient);
    assertEquals([...gradients.parameters.keys()], unetGraph(topology).parameters.map(({ name }) => name));
    const f = () => loss("mse", unet(topology, parameters, image).output, target).value;
    for (const [name, gradient] of gradients.parameters) {
      assert(gradient.some((value) => value !== 0), `${name} takes no part: its gradient is zero`);
      assertGradient(name, parameters.get(name)!, gradient, f, 3);
    }
    // At exactly 0 or 1 such a network is not continuous in its image.
    if (!seesExtremes(topology)) assertGradient("image", image.data, gradients.image.data, f, 10);
  });
}
