import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { pixelValues } from "../cases/inputs.ts";
import { halfGpu } from "../gpu/half.ts";
import { testGpu } from "../gpu/shared.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { STATE_KINDS } from "../../src/ops/parameter.ts";
import { Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { ADAM, meanPsnr, noisyPatches, OPTIONS, topology } from "./small_trainer.ts";

const STORED = STATE_KINDS.filter((kind) => kind !== "gradients");

const halves = await halfGpu();

for (const [optimiser, precision] of [["adam", "f32"], ["muon", "f32"], ["muon", "f16"]] as const) {
  const name = `Trainer.step() makes the loss on a fixed batch fall: ${optimiser}, ${precision}`;
  Deno.test({ name, ignore: precision === "f16" && !halves }, async () => {
    using trainer = await Trainer.create(await testGpu(), { ...OPTIONS, optimiser, precision });
    trainer.start(heInitialise(topology, 5));
    const darkened = (seed: number) => {
      const { target } = noisyPatches(seed);
      return { target, input: target.map((value) => 0.6 * value) };
    };
    const batch = darkened(1);
    const losses: number[] = [];
    for (let step = 1; step <= 60; step++) {
      trainer.step(batch, { ...ADAM, learningRate: 0.01, step });
      if (step % 20 === 0 || step === 1) losses.push((await trainer.look()).loss);
    }
    for (let i = 1; i < losses.length; i++) assert(losses[i] < losses[i - 1], losses.join());
    assert(losses[3] < 0.2 * losses[0], losses.join());
    // What was learnt is in the averaged weights, too: they do better than doing nothing.
    const fresh = darkened(1.3);
    const psnr = await trainer.validate(fresh, 16);
    assert(psnr > meanPsnr(fresh.input, fresh.target, 2) + 3, `${psnr} dB`);
  });
}

Deno.test("Trainer.look() gives the mean loss of the steps since the last look, and the last step's gradient norm", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  const batches = [noisyPatches(2), noisyPatches(3, 2, 16, 0.3), noisyPatches(4)];
  const start = heInitialise(topology, 6);
  const single: { loss: number; gradientNorm: number }[] = [];
  trainer.start(start);
  for (const [i, batch] of batches.entries()) {
    trainer.step(batch, { ...ADAM, step: i + 1 });
    single.push(await trainer.look());
  }
  trainer.start(start);
  batches.forEach((batch, i) => trainer.step(batch, { ...ADAM, step: i + 1 }));
  const { loss, gradientNorm } = await trainer.look();
  assertAllClose([loss], [(single[0].loss + single[1].loss + single[2].loss) / 3], 1e-6);
  assertEquals(gradientNorm, single[2].gradientNorm);
  assert(single[1].loss > 2 * single[0].loss, "batches of the same loss show no mean");
});

Deno.test("Trainer.look() shows a loss that is not finite even if later ones were, until it has been seen", async () => {
  using trainer = await Trainer.create(await testGpu(), { ...OPTIONS, loss: "l1" });
  trainer.start(heInitialise(topology, 7));
  const good = noisyPatches(5);
  // The loss overflows; the gradient of |y − target|, a sign, does not: the weights stay good.
  const bad = { ...good, target: good.target.map((value, i) => i === 700 ? Infinity : value) };
  trainer.step(bad, { ...ADAM, step: 1 });
  trainer.step(good, { ...ADAM, step: 2 });
  const { loss, gradientNorm } = await trainer.look();
  assertEquals(loss, Infinity);
  assert(gradientNorm > 0 && gradientNorm < 10, `${gradientNorm}`);
  trainer.step(good, { ...ADAM, step: 3 });
  const later = await trainer.look();
  assert(later.loss > 0 && later.loss < 1, `${later.loss}`);
});

Deno.test("Trainer.load() takes back what state() gave: the training goes on to the same bits", async () => {
  const gpu = await testGpu();
  const batches = Array.from({ length: 6 }, (_, i) => noisyPatches(20 + i));
  using straight = await Trainer.create(gpu, OPTIONS);
  straight.start(heInitialise(topology, 9));
  batches.forEach((batch, i) => straight.step(batch, { ...ADAM, step: i + 1 }));

  using first = await Trainer.create(gpu, OPTIONS);
  first.start(heInitialise(topology, 9));
  batches.slice(0, 2).forEach((batch, i) => first.step(batch, { ...ADAM, step: i + 1 }));
  const halfway = await first.state();
  using second = await Trainer.create(gpu, OPTIONS);
  second.load(halfway);
  assertEquals(await second.state(), halfway);
  batches.slice(2).forEach((batch, i) => second.step(batch, { ...ADAM, step: i + 3 }));

  const [expected, actual] = [await straight.state(), await second.state()];
  for (const kind of STORED) {
    assertEquals(actual[kind], expected[kind], kind);
    assert([...expected[kind].values()].every((values) => values.some((value) => value !== 0)), kind);
  }
});

Deno.test("Trainer.state() holds the steps before it, also where later ones are submitted while it waits", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  trainer.start(heInitialise(topology, 23));
  trainer.step(noisyPatches(23), { ...ADAM, step: 1 });
  const expected = await trainer.state();
  const asked = trainer.state();
  trainer.step(noisyPatches(24), { ...ADAM, step: 2 });
  assertEquals(await asked, expected);
  const later = await trainer.state();
  for (const kind of STORED) {
    assert(
      later[kind].get("out.weight")!.some((value, i) => value !== expected[kind].get("out.weight")![i]),
      kind,
    );
  }
});

Deno.test("Trainer.step() moves the average by its share towards the new weights", async () => {
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  trainer.start(heInitialise(topology, 10));
  for (const [i, ema] of [0.9, 0.25, 0].entries()) {
    const before = (await trainer.state()).average;
    trainer.step(noisyPatches(30 + i), { ...ADAM, ema, step: i + 1 });
    const { average, values } = await trainer.state();
    for (const [name, actual] of average) {
      const expected = actual.map((_, j) => ema * before.get(name)![j] + (1 - ema) * values.get(name)![j]);
      assertAllClose(actual, expected, 1e-6, `${name} at ${ema}`);
    }
  }
});

Deno.test("Trainer keeps 1-channel networks and strides apart from their padding", async () => {
  const grey = unetTopology({ channels: 1, widths: [3, 5], down: "stride", up: "bilinear" });
  using trainer = await Trainer.create(await testGpu(), { ...OPTIONS, topology: grey, patch: 8 });
  trainer.start(heInitialise(grey, 11));
  const target = pixelValues(2 * 8 * 8, 12);
  const input = target.map((value) => 0.5 * value);
  const losses: number[] = [];
  for (let step = 1; step <= 40; step++) {
    trainer.step({ input, target }, { ...ADAM, step });
    losses.push((await trainer.look()).loss);
  }
  assert(losses[39] < 0.5 * losses[0], losses.join());
  const { values } = await trainer.state();
  assertEquals(values.get("out.weight")!.length, 9 * 3);
});

Deno.test("Trainer gives all its memory back, and holds no more after many steps, looks and validations", async () => {
  const gpu = await testGpu();
  const before = gpu.stats();
  {
    using trainer = await Trainer.create(gpu, OPTIONS);
    trainer.start(heInitialise(topology, 13));
    const round = async () => {
      trainer.step(noisyPatches(14), { ...ADAM, step: 1 });
      await trainer.look();
      await trainer.validate(noisyPatches(15), 16);
      await trainer.state();
    };
    await round();
    const warm = gpu.stats();
    for (let i = 0; i < 10; i++) await round();
    assertEquals([gpu.stats().liveBytes, gpu.stats().liveBuffers], [warm.liveBytes, warm.liveBuffers]);
  }
  assertEquals([gpu.stats().liveBytes, gpu.stats().liveBuffers], [before.liveBytes, before.liveBuffers]);
});

Deno.test("Trainer.look() counts the steps before it, also where later ones are submitted while it waits", async () => {
  const gpu = await testGpu();
  const lossesOf = async (meanwhile: boolean) => {
    using trainer = await Trainer.create(gpu, OPTIONS);
    trainer.start(heInitialise(topology, 13));
    const steps = (from: number, to: number) => {
      for (let step = from; step <= to; step++) trainer.step(noisyPatches(20 + step), { ...ADAM, step });
    };
    steps(1, 3);
    const first = trainer.look();
    if (!meanwhile) await first;
    steps(4, 6);
    await first;
    const { loss, gradientNorm } = await trainer.look();
    return [(await first).loss, loss, gradientNorm];
  };
  const [first, second, norm] = await lossesOf(false);
  assert(first !== second && norm > 0, `${first}, ${second}, ${norm}`);
  const [alsoFirst, alsoSecond, alsoNorm] = await lossesOf(true);
  assertEquals([alsoFirst, alsoSecond, alsoNorm], [first, second, norm]);
});

Deno.test("Trainer.step() submits once, in one pass, and makes neither buffers nor bind groups nor pipelines", async () => {
  const { device } = await testGpu();
  using trainer = await Trainer.create(await testGpu(), OPTIONS);
  trainer.start(heInitialise(topology, 13));
  trainer.step(noisyPatches(14), { ...ADAM, step: 1 });
  const calls = new Map<string, number>();
  const restore: (() => void)[] = [];
  /** Counts the calls of a method, and goes on counting in what it returns. */
  const count = (object: object, names: readonly string[], onResult?: (result: object) => void) => {
    for (const name of names) {
      const methods = object as Record<string, (...given: unknown[]) => unknown>;
      const method = methods[name];
      methods[name] = (...given) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        const result = method.apply(object, given);
        if (result instanceof Object) onResult?.(result);
        return result;
      };
      restore.push(() => delete methods[name]);
    }
  };
  count(device, ["createBuffer", "createBindGroup", "createComputePipeline", "createShaderModule"]);
  count(device, ["createCommandEncoder"], (encoder) => count(encoder, ["beginComputePass"]));
  count(device.queue, ["submit", "writeBuffer"]);
  try {
    for (let step = 2; step <= 4; step++) trainer.step(noisyPatches(14), { ...ADAM, step });
  } finally {
    restore.forEach((undo) => undo());
  }
  const writes = 3 * 3; // images in, images wanted, the optimiser's scalars
  assertEquals(
    Object.fromEntries(calls),
    { writeBuffer: writes, createCommandEncoder: 3, beginComputePass: 3, submit: 3 },
  );
});

Deno.test("Trainer with balance weighs patches by how little they are damaged", async () => {
  // The first patch is damaged ten times as much as the second; the untrained network's loss shows the weights.
  const topologyOfIdentity = unetTopology({ base: 4, depth: 0, blocks: 1 });
  const { target } = noisyPatches(3);
  const half = target.length / 2;
  const input = target.map((value, i) => value + (i < half ? 0.1 : 0.01) * (i % 2 ? 1 : -1));
  const parameters = new Map(
    [...heInitialise(topologyOfIdentity, 5)].map(([name, values]) => [name, new Float32Array(values.length)]),
  );
  for (const balance of [0, 0.5, 1]) {
    using trainer = await Trainer.create(await testGpu(), {
      ...OPTIONS,
      topology: topologyOfIdentity,
      balance,
    });
    trainer.start(parameters); // all zero: the residual network gives back its input
    trainer.step({ input, target }, { ...ADAM, step: 1 });
    const weighted = (error: number) => error * (0.003 / (error + 0.0005)) ** balance;
    const { loss } = await trainer.look();
    assertAllClose([loss], [(weighted(0.01) + weighted(0.0001)) / 2], 1e-4, `balance ${balance}`);
  }
});

Deno.test("Trainer with a colour and a chroma term counts each patch's mean error, and what is coloured in it, weighed by its damage", async () => {
  // The untrained network gives back its input: the first patch is too light by 0.1, the second has errors whose mean is zero.
  const topologyOfIdentity = unetTopology({ base: 4, depth: 0, blocks: 1 });
  const { target } = noisyPatches(3);
  const half = target.length / 2;
  // The first is off by the same everywhere, the second from pixel to pixel, and from red to green; both by 0.1 in the root of the mean square.
  const input = target.map((value, i) => {
    const sign = Math.floor(i / 3) % 2 ? 1 : -1;
    return value + 0.1 * (i < half ? 1 : sign * Math.sqrt(1.5) * [1, -1, 0][i % 3]);
  });
  const parameters = new Map(
    [...heInitialise(topologyOfIdentity, 5)].map(([name, values]) => [name, new Float32Array(values.length)]),
  );
  for (const balance of [0, 0.5]) {
    using trainer = await Trainer.create(await testGpu(), {
      ...OPTIONS,
      topology: topologyOfIdentity,
      balance,
      colourWeight: 4,
      chromaWeight: 2,
    });
    trainer.start(parameters);
    trainer.step({ input, target }, { ...ADAM, step: 1 });
    const { loss } = await trainer.look();
    const weight = (0.003 / (0.01 + 0.0005)) ** balance;
    assertAllClose([loss], [weight * (0.01 + 4 * 0.01 + 0.01 + 2 * 0.01) / 2], 1e-4, `balance ${balance}`);
    assertEquals((await trainer.model()).info.loss, "mse + 4 colour + 2 chroma");
  }
});

Deno.test("Trainer says in one line which options there are, and what comes first", async () => {
  const gpu = await testGpu();
  for (
    const [wrong, message] of [
      [{ loss: "huber" }, /^Cannot train: loss must be one of mse, .*, got huber$/],
      [{ optimiser: "sgd" }, /^Cannot train: optimiser must be one of adam, muon, got sgd$/],
      [{ precision: "bf16" }, /^Cannot train: precision must be f32 or f16, got bf16$/],
      [{ balance: 1.5 }, /balance must be from 0 to 1, got 1.5$/],
      [
        { balance: 0.5, topology: { ...topology, scale: 2 } },
        /balance must be 0 for a network that enlarges, got 0.5$/,
      ],
      [{ colourWeight: NaN }, /colourWeight must be 0 or more, got NaN$/],
      [{ chromaWeight: -1 }, /chromaWeight must be 0 or more, got -1$/],
    ] as const
  ) {
    await assertRejects(() => Trainer.create(gpu, { ...OPTIONS, ...wrong } as TrainerOptions), {
      name: "RangeError",
      message,
    });
  }
  using trainer = await Trainer.create(gpu, OPTIONS);
  const patches = noisyPatches(9);
  assertThrows(
    () => trainer.step(patches, { ...ADAM, step: 1 }),
    /give start\(\) or load\(\) the parameters/,
  );
  trainer.start(heInitialise(topology, 9));
  assertThrows(() => trainer.step(patches, { ...ADAM, step: 0 }), { name: "RangeError", message: /got 0$/ });
  assertThrows(() => trainer.step(patches, { ...ADAM, step: 1, learningRate: NaN }), {
    name: "RangeError",
    message: /got NaN$/,
  });
  trainer.step(patches, { ...ADAM, step: 1 });
  const { loss } = await trainer.look();
  assert(loss > 0 && loss < 1, `${loss}`);
  trainer[Symbol.dispose]();
  assertThrows(() => trainer.step(patches, { ...ADAM, step: 2 }), /has been disposed of/);
  assertThrows(() => trainer.start(heInitialise(topology, 9)), /has been disposed of/);
  for (
    const late of [
      () => trainer.look(),
      () => trainer.state(),
      () => trainer.model(),
      () => trainer.validate(patches, 16),
    ]
  ) {
    await assertRejects(late, /has been disposed of/);
  }
});

Deno.test({ name: "Trainer in f16 goes the way of f32 in much less memory", ignore: !halves }, async () => {
  const gpu = await testGpu();
  const start = heInitialise(topology, 5);
  const run = async (precision: "f32" | "f16") => {
    const before = gpu.stats().liveBytes;
    using trainer = await Trainer.create(gpu, { ...OPTIONS, batch: 8, patch: 64, precision });
    const bytes = gpu.stats().liveBytes - before;
    trainer.start(start);
    const losses: number[] = [];
    for (let step = 1; step <= 30; step++) {
      trainer.step(noisyPatches(step, 8, 64), { ...ADAM, step });
      if (step % 10 === 0) losses.push((await trainer.look()).loss);
    }
    return { bytes, losses };
  };
  const [whole, half] = [await run("f32"), await run("f16")];
  half.losses.forEach((loss, i) => assertAllClose([loss], [whole.losses[i]], 0.02, `loss ${i}`));
  assert(half.losses.join() !== whole.losses.join(), "f16 gives the very bits of f32");
  assert(half.bytes < 0.7 * whole.bytes, `${half.bytes} of ${whole.bytes} bytes`);
});

Deno.test("Trainer refuses f16 on a device that was opened without it", async () => {
  using gpu = await openGpu();
  await assertRejects(() => Trainer.create(gpu, { ...OPTIONS, precision: "f16" }), {
    name: "GpuError",
    message: /^Cannot train in f16: the device was opened without it$/,
  });
});
