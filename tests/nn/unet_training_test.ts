import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { unetCases, unetPair, unetParameters } from "../cases/unet.ts";
import { adamState, adamStep } from "../../src/reference/adam.ts";
import { loss } from "../../src/reference/loss.ts";
import { unet } from "../../src/reference/unet.ts";
import { testGpu } from "../gpu/shared.ts";
import { float32 } from "../ops/harness.ts";
import { loadTfjs } from "../tfjs/backend.ts";
import { upload } from "../tfjs/gradients.ts";
import { TfjsUNet } from "../tfjs/unet.ts";
import { ADAM, inferencePlan, SHORT_ROW, trainer, uploadParameters } from "./unet_run.ts";

const STEPS = 10;
/**
 * Adam's first steps have the size of the learning rate whatever the gradient's: where one is nearly zero its rounding
 * decides the sign, so the losses drift apart faster than the gradients do.
 */
const LOSS_TOLERANCE = 1e-4;

for (const item of unetCases.slice(0, 2)) {
  const { topology, name } = item;

  Deno.test(`unet() has the losses of float64 and tfjs over ten Adam steps: ${name}`, async () => {
    const batches = Array.from({ length: STEPS }, (_, i) => unetPair(item, 1 + i % 3));
    const losses: number[] = [];
    using training = await trainer(await testGpu(), item);
    for (const { image, target } of batches) losses.push(await training.step(image, target));

    const parameters = new Map(
      [...unetParameters(topology)].map(([key, values]) => [key, Float64Array.from(values)]),
    );
    const states = new Map([...parameters].map(([key, { length }]) => [key, adamState(length)]));
    const expected = batches.map(({ image, target }, i) => {
      const result = unet(topology, parameters, image);
      const { value, gradient } = loss("mse", result.output, target);
      for (const [key, values] of result.backward(gradient).parameters) {
        adamStep(parameters.get(key)!, values, states.get(key)!, i + 1, { ...ADAM, weightDecay: 0 });
      }
      return value;
    });

    const tf = await loadTfjs();
    const twin = new TfjsUNet(tf, topology, unetParameters(topology));
    const optimizer = twin.adam(ADAM);
    const others: number[] = [];
    for (const { image, target } of batches) {
      const [input, goal] = [upload(tf, image), upload(tf, target)];
      const value = twin.step(optimizer, input, goal, "mse");
      others.push((await value.data())[0]);
      tf.dispose([input, goal, value]);
    }
    optimizer.dispose();
    twin.dispose();

    assert(expected[STEPS - 1] < 0.9 * expected[0], `the loss did not fall: ${expected}`);
    losses.forEach((value, i) => {
      assertAllClose([value], [expected[i]], LOSS_TOLERANCE, `loss of step ${i + 1} against float64`);
      assertAllClose([value], [others[i]], LOSS_TOLERANCE, `loss of step ${i + 1} against tfjs`);
    });
  });

  Deno.test(`unet() trains to the same bits twice, and where rows of workgroups are folded: ${name}`, async () => {
    const runs: Map<string, Float32Array>[] = [];
    for (const longestRow of [undefined, undefined, SHORT_ROW]) {
      using training = await trainer(await testGpu(), item, { longestRow });
      for (let step = 0; step < 3; step++) {
        const { image, target } = unetPair(item, step);
        await training.step(image, target);
      }
      runs.push(await training.parameters.download("values"));
    }
    const [first, second, folded] = runs;
    for (const [key, values] of first) {
      assertEquals(second.get(key), values);
      assertEquals(folded.get(key), values);
      assert(
        values.some((value, i) => value !== unetParameters(topology).get(key)![i]),
        `${key} did not change`,
      );
    }
  });
}

Deno.test("unet() holds no more memory after a hundred runs, and none after its disposal", async () => {
  const gpu = await testGpu();
  const [item] = unetCases;
  const { image, target } = unetPair(item);
  const before = gpu.stats();
  {
    using training = await trainer(gpu, item);
    await training.step(image, target);
    const warm = gpu.stats();
    assert(warm.liveBytes > before.liveBytes);
    for (let run = 0; run < 100; run++) training.plan.run();
    await training.plan.read("loss");
    assertEquals(gpu.stats().liveBytes, warm.liveBytes);
    assertEquals(gpu.stats().liveBuffers, warm.liveBuffers);
  }
  assertEquals(gpu.stats().liveBytes, before.liveBytes);
  assertEquals(gpu.stats().liveBuffers, before.liveBuffers);
});

Deno.test("unet() of an inference plan takes new weights after refresh()", async () => {
  const gpu = await testGpu();
  const [item] = unetCases;
  const { image } = unetPair(item);
  using parameters = uploadParameters(gpu, item);
  using plan = await inferencePlan(gpu, item, parameters);
  plan.write("image", float32(image));
  plan.run();
  await plan.read("restored");
  const others = unetParameters(item.topology, 2);
  parameters.upload(others);
  plan.refresh();
  plan.run();
  const exact = new Map([...others].map(([key, values]) => [key, Float64Array.from(values)]));
  assertAllClose(
    await plan.read("restored"),
    unet(item.topology, exact, image).output.data,
    1e-5,
    "restored",
  );
});
