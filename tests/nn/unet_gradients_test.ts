import { assertAllClose, assertEquals } from "../assert.ts";
import { lossKinds } from "../cases/elementwise.ts";
import { type UNetCase, unetCases, unetPair, unetParameters } from "../cases/unet.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import { loss } from "../../src/reference/loss.ts";
import { CONV_VARIANTS } from "../../src/ops/conv2d.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { unet } from "../../src/reference/unet.ts";
import { testGpu } from "../gpu/shared.ts";
import { float32 } from "../ops/harness.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload } from "../tfjs/gradients.ts";
import { TfjsUNet } from "../tfjs/unet.ts";
import { inferencePlan, SHORT_ROW, trainer, uploadParameters } from "./unet_run.ts";

/** Relative to the largest value: what a user may rely on; a run on lavapipe reaches 1e-6. */
const FORWARD_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-4;

/** One by one, as a comparison of all of them takes minutes to say where they differ. */
function assertSameBits(actual: Map<string, Float32Array>, expected: Map<string, Float32Array>): void {
  for (const [name, values] of expected) assertAllClose(actual.get(name)!, values, 0, `d(${name}), folded`);
}

for (const item of unetCases) {
  const { topology, name } = item;
  const { image, target } = unetPair(item);
  const parameters = new Map(
    [...unetParameters(topology)].map(([key, values]) => [key, Float64Array.from(values)]),
  );
  const names = unetGraph(topology).parameters.map((spec) => spec.name);

  Deno.test(`unet() restores what float64 and tfjs restore: ${name}`, async () => {
    const gpu = await testGpu();
    using room = uploadParameters(gpu, item);
    using plan = await inferencePlan(gpu, item, room);
    plan.write("image", float32(image));
    plan.run();
    const restored = await plan.read("restored");
    assertAllClose(restored, unet(topology, parameters, image).output.data, FORWARD_TOLERANCE, "restored");

    const tf = await loadTfjs();
    const twin = new TfjsUNet(tf, topology, unetParameters(topology));
    const input = upload(tf, image);
    const output = twin.forward(input);
    assertAllClose(restored, await output.data(), FORWARD_TOLERANCE, "restored");
    tf.dispose([input, output]);
    twin.dispose();
  });

  Deno.test(`unet() gives every parameter the gradient of float64 and tfjs: ${name}`, async () => {
    const tf = await loadTfjs();
    const twin = new TfjsUNet(tf, topology, unetParameters(topology));
    const [input, goal] = [upload(tf, image), upload(tf, target)];
    const exact = unet(topology, parameters, image);
    for (const kind of lossKinds) {
      using training = await trainer(await testGpu(), item, { learningRate: 0, kind });
      const value = await training.step(image, target);
      const gradients = await training.parameters.download("gradients");
      assertEquals([...gradients.keys()], names);
      if (kind === "psnr") {
        // The same bits where rows of workgroups are folded, as they are for large photos.
        using folded = await trainer(await testGpu(), item, { learningRate: 0, kind, longestRow: SHORT_ROW });
        assertEquals(await folded.step(image, target), value);
        assertSameBits(await folded.parameters.download("gradients"), gradients);
      }

      const expected = loss(kind, exact.output, target);
      const exactGradients = exact.backward(expected.gradient).parameters;
      const other = await twin.gradients(input, goal, kind);
      assertAllClose([value], [expected.value], FORWARD_TOLERANCE, `${kind} loss`);
      assertAllClose([value], [other.loss], FORWARD_TOLERANCE, `${kind} loss`);
      for (const [parameter, gradient] of gradients) {
        assertAllClose(
          gradient,
          exactGradients.get(parameter)!,
          GRADIENT_TOLERANCE,
          `${kind} d(${parameter})`,
        );
        assertAllClose(
          gradient,
          other.parameters.get(parameter)!,
          GRADIENT_TOLERANCE,
          `${kind} d(${parameter})`,
        );
      }
    }
    tf.dispose([input, goal]);
    twin.dispose();
  });
}

/** What each version of the convolutions is forced on: few layers, as each is compiled anew for each version. */
const forcedCases: readonly UNetCase[] = [
  {
    name: "max-pool, nearest, residual, one pooling",
    topology: unetTopology({ base: 6, depth: 1, blocks: 2, activation: "relu" }),
    shape: [2, 12, 20, 3],
  },
  unetCases[1],
];

for (const item of forcedCases) {
  const { topology, name } = item;
  const { image, target } = unetPair(item);
  const parameters = new Map(
    [...unetParameters(topology)].map(([key, values]) => [key, Float64Array.from(values)]),
  );
  for (const variant of CONV_VARIANTS.filter((variant) => variant !== "auto" && !variant.endsWith("_f16"))) {
    Deno.test(`unet() ${variant} restores what float64 restores, with its gradients: ${name}`, async () => {
      const exact = unet(topology, parameters, image);
      const expected = exact.backward(loss("mse", exact.output, target).gradient).parameters;
      using training = await trainer(await testGpu(), item, { learningRate: 0, variant });
      await training.step(image, target);
      const restored = await training.plan.read("restored");
      assertAllClose(restored, exact.output.data, FORWARD_TOLERANCE, "restored");
      const gradients = await training.parameters.download("gradients");
      for (const [parameter, gradient] of gradients) {
        assertAllClose(gradient, expected.get(parameter)!, GRADIENT_TOLERANCE, `d(${parameter})`);
      }
      using folded = await trainer(await testGpu(), item, {
        learningRate: 0,
        variant,
        longestRow: SHORT_ROW,
      });
      await folded.step(image, target);
      assertAllClose(await folded.plan.read("restored"), restored, 0, "restored, folded");
      assertSameBits(await folded.parameters.download("gradients"), gradients);
      using plan = await inferencePlan(await testGpu(), item, training.parameters, variant);
      plan.write("image", float32(image));
      // Twice: what is done once only has to hold in the second run.
      plan.run();
      plan.run();
      assertAllClose(await plan.read("restored"), exact.output.data, FORWARD_TOLERANCE, "restored alone");
    });
  }
}
