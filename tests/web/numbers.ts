/** A forward pass and training steps, the same in Deno and, bundled, in a browser. */
import { Random } from "../../src/base/random.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { optimiserAt } from "../../src/train/optimiser.ts";
import { Trainer } from "../../src/train/trainer.ts";

/** Between them they use every op. */
export const TOPOLOGIES: readonly TopologyOptions[] = [
  { base: 4, depth: 2, blocks: 2 },
  { base: 6, depth: 1, blocks: 1, down: "stride", up: "bilinear", activation: "relu" },
  { base: 4, depth: 1, blocks: 1, scale: 2 },
];

const [HEIGHT, WIDTH] = [24, 16];
const [BATCH, PATCH, STEPS] = [2, 16, 3];

export interface Numbers {
  /** The network's output for a random image, [24, 16, 3], or larger by its scale. */
  readonly restored: readonly number[];
  /** Loss and gradient norm of each training step. */
  readonly losses: readonly number[];
  /** All averaged weights after the steps. */
  readonly weights: readonly number[];
}

/** Everything random comes from the seed. */
export async function numbers(options: TopologyOptions, seed: number): Promise<Numbers> {
  const random = new Random(seed);
  const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform());
  const topology = unetTopology(options);
  const parameters = heInitialise(topology, seed);
  using gpu = await openGpu();
  using network = new GpuNetwork(gpu, topology, parameters);
  const restored = await network.run(values(HEIGHT * WIDTH * 3), HEIGHT, WIDTH);

  using trainer = await Trainer.create(gpu, { topology, batch: BATCH, patch: PATCH, loss: "mse" });
  trainer.start(parameters);
  const losses: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const length = BATCH * PATCH * PATCH * 3;
    trainer.step(
      { input: values(length), target: values(length * topology.scale ** 2) },
      optimiserAt(step, { peak: 1e-3, steps: STEPS }),
    );
    const { loss, gradientNorm } = await trainer.look();
    losses.push(loss, gradientNorm);
  }
  const { average } = await trainer.state();
  return { restored: [...restored], losses, weights: [...average.values()].flatMap((each) => [...each]) };
}

// The test calls it by this name in the page.
Object.assign(globalThis, { numbers });
