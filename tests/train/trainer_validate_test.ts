import { assert, assertAllClose, assertEquals, assertRejects } from "../assert.ts";
import { testGpu } from "../gpu/shared.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { Trainer, type TrainerState } from "../../src/train/trainer.ts";
import { ADAM, meanPsnr, noisyPatches, OPTIONS, topology } from "./small_trainer.ts";
import { someState } from "./states.ts";

Deno.test("Trainer.validate() of a network that changes nothing is the PSNR of its input", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  const identity = heInitialise(topology, 8);
  identity.set("out.weight", identity.get("out.weight")!.map(() => 0));
  trainer.start(identity);
  // Three sizes in turn: each has a plan of its own. Noise of 0.4 leaves 0..1, where outputs are clipped.
  for (const [count, size, sigma] of [[3, 16, 0.05], [2, 24, 0.4], [2, 16, 0.1]]) {
    const patches = noisyPatches(size + sigma, count, size, sigma);
    const expected = meanPsnr(patches.input, patches.target, count);
    assertAllClose([await trainer.validate(patches, size)], [expected], 1e-6, `PSNR at ${size}, ${sigma}`);
  }
  const { target } = noisyPatches(9);
  assertEquals(await trainer.validate({ input: target, target }, 16), 60);
});

Deno.test("Trainer.validate() measures the averaged weights and changes nothing", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  const [a, b] = [someState(topology, 1), someState(topology, 2)];
  const patches = noisyPatches(10);
  const of = async (state: TrainerState) => {
    trainer.load(state);
    const psnr = await trainer.validate(patches, 16);
    assertEquals(await trainer.state(), state);
    return psnr;
  };
  const psnr = await of(a);
  assertEquals(await of({ ...b, average: a.average }), psnr);
  assert(Math.abs(await of({ ...a, average: b.average }) - psnr) > 0.01);
});

Deno.test("Trainer trains a network that enlarges, and validates it at the large size", async () => {
  const enlarging = unetTopology({ base: 4, depth: 1, blocks: 1, scale: 2 });
  using trainer = await Trainer.create(await testGpu(), {
    topology: enlarging,
    batch: 2,
    patch: 8,
    loss: "mse",
  });
  trainer.start(heInitialise(enlarging, 5));
  const { target } = noisyPatches(4, 2, 16);
  // Every other pixel of every other row.
  const input = Float32Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % 8, Math.floor(i / 24)];
    return target[((2 * y) * 16 + 2 * x) * 3 + c];
  });
  const before = await trainer.validate({ input, target }, 8);
  for (let step = 1; step <= 80; step++) {
    trainer.step({ input, target }, { ...ADAM, learningRate: 0.01, step });
  }
  const after = await trainer.validate({ input, target }, 8);
  assert(after > before + 3, `${before} → ${after} dB`);
});

Deno.test("Trainer.validate() of a size that does not fit leaves the training as it was", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  trainer.start(heInitialise(topology, 21));
  const patches = noisyPatches(21);
  const psnr = await trainer.validate(patches, 16);
  const odd = noisyPatches(22, 1, 17);
  await assertRejects(() => trainer.validate(odd, 17), /takes multiples of 2/);
  assertEquals(await trainer.validate(patches, 16), psnr);
  trainer.step(patches, { ...ADAM, step: 1 });
  const { loss } = await trainer.look();
  assert(loss > 0 && loss < 1, `${loss}`);
});

Deno.test("Trainer.validate() refuses targets that are not as many as the patches, and patches that are not whole", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  trainer.start(heInitialise(topology, 23));
  const { input, target } = noisyPatches(23);
  const none = new Float32Array();
  for (
    const patches of [
      { input, target: target.subarray(0, target.length / 2) },
      { input: input.subarray(1), target },
      { input: none, target: none },
    ]
  ) await assertRejects(() => trainer.validate(patches, 16), /GpuError.*patches have 768 values/);
});
